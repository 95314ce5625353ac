"""What belongs to one running simulator; several can live in a process."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab.simulator.clock import Clock
from lab.simulator.events import Events
from lab.simulator.faults import Faults
from lab.simulator.journal import Journal
from lab.simulator.latency import Latency
from lab.simulator.permissions import Permissions
from lab.simulator.store import Store

HealthSource = Callable[[dict[str, Any], str], str]


def project_number(project: str) -> str:
    """Twelve digits, always the same for a name."""
    return str(100_000_000_000 + zlib.crc32(project.encode()) * 97 % 800_000_000_000)


def _no_guest_reports(_instance: dict[str, Any], _behind: str) -> str:
    return "UNHEALTHY"


@dataclass
class Lab:
    store: Store
    clock: Clock
    events: Events
    journal: Journal
    faults: Faults
    latency: Latency
    permissions: Permissions
    project: str
    region: str
    health_source: HealthSource = _no_guest_reports
    """Takes an instance as the API shows it and the path of what it is behind, gives HEALTHY or UNHEALTHY, for getHealth."""
    serial_source: Callable[[dict[str, Any]], str] = lambda _instance: ""
    """The console of an instance, for getSerialPortOutput."""
    guest_on: Callable[[str], bool] = lambda _key: False
    """Whether the guest of an instance (relative path) has power; only machines take time to shut down."""
    extra_delay: float = 0.0
    """Seconds that a fault adds to the operation of the call under way."""
    number: str = field(init=False)

    def __post_init__(self) -> None:
        self.number = project_number(self.project)
