"""A VM as Compute Engine tells it, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

STOPPED = ("TERMINATED", "STOPPED", "SUSPENDED")
"""States of a VM in which nothing runs: https://cloud.google.com/compute/docs/instances/instance-lifecycle."""


@dataclass(frozen=True, slots=True)
class Machine:
    """`started` is when it was last started; None for one that never was."""

    instance_id: str
    status: str
    machine_type: str = ""
    started: datetime | None = None

    @property
    def off(self) -> bool:
        return self.status in STOPPED


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replica's machine stands."""

    project: str
    zone: str
    instance: str

    def beside(self, replica: str, other: str) -> Place:
        """Returns the place of `other`'s machine, which differs from that of `replica`'s in the identity only."""
        return Place(
            self.project,
            f"{self.zone[: -len(replica.rpartition('-')[2])]}{other.rpartition('-')[2]}",
            f"{self.instance.removesuffix(replica)}{other}",
        )
