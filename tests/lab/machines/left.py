"""What there is on this computer of one lab's machines."""

from __future__ import annotations

from pathlib import Path

from lab.machines import tag
from lab.machines.disks import devices_below
from lab.network import namespaces

CGROUPS = Path("/sys/fs/cgroup")
NOTHING: dict[str, list[str]] = {
    "processes": [],
    "cgroups": [],
    "namespaces": [],
    "devices": [],
    "mounts": [],
}


def left_of(folder: Path) -> dict[str, list[str]]:
    """What there is on this computer of the machines of the simulator in `folder`."""
    mark = f"hm-{tag(folder)}"
    parts = cgroups_of(mark)
    pids = {
        pid for part in parts for procs in part.rglob("cgroup.procs") for pid in procs.read_text().split()
    }
    return {
        "processes": sorted(pids),
        "cgroups": sorted(map(str, parts)),
        "namespaces": namespaces.names(f"{mark}-"),
        "devices": devices_below(folder),
        "mounts": [line for line in Path("/proc/mounts").read_text().splitlines() if str(folder) in line],
    }


def cgroups_of(mark: str) -> list[Path]:
    """The part of that name: of the one hierarchy of version 2, or of each of version 1."""
    return [*CGROUPS.glob(mark), *CGROUPS.glob(f"*/{mark}")]


def frozen(part: Path) -> bool:
    if (part / "cgroup.events").exists():
        return "frozen 1" in (part / "cgroup.events").read_text()
    return (part / "freezer.state").read_text().strip() == "FROZEN"
