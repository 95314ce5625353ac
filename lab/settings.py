"""What a lab is called, where it lies, and the choices it keeps: port, profile, guests, project, region."""

from __future__ import annotations

import hashlib
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from lab.files import read_json

CLONE = Path(__file__).resolve().parents[1]
GUESTS = ("machines", "model", "none")
"""What VMs are: machines that boot, the guest model, or nothing but documents."""

_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?")
_PORTS = range(21_000, 29_000)  # Below the range that Linux gives to outgoing connections.


class LabError(Exception):
    """What went wrong and what to do, for people."""


@dataclass(frozen=True)
class Settings:
    port: int
    profile: str = "instant"
    guests: str = "model"
    """One of GUESTS; `lab up` chooses for a new lab."""
    project: str = "lab-project"
    region: str = "europe-west1"


def labs() -> Path:
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "ha-masters" / "labs"


def default_name() -> str:
    """Follows from the clone's folder: its name, and four digits of its path for clones of one name."""
    if given := os.environ.get("LAB_NAME"):
        return given
    stem = re.sub(r"[^a-z0-9]+", "-", CLONE.name.lower()).strip("-")[:30].strip("-") or "lab"
    return f"{stem}-{hashlib.sha256(str(CLONE).encode()).hexdigest()[:4]}"


def check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise LabError(f"{name!r} is no name for a lab: up to 40 lower-case letters, digits and dashes.")
    return name


def choose_port(name: str) -> int:
    """Returns a port that is free now and no other lab's; the first choice follows from where the lab lies."""
    taken = {read_json(f).get("port") for f in labs().glob("*/settings.json")} if labs().exists() else set()
    first = int(hashlib.sha256(str(labs() / name).encode()).hexdigest(), 16)
    for offset in range(len(_PORTS)):
        port = _PORTS[(first + offset) % len(_PORTS)]
        if port not in taken and free(port):
            return port
    raise LabError("No port between 21000 and 29000 is free.")


def free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
