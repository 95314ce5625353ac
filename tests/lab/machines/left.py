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
    pids = {pid for procs in CGROUPS.glob(f"*/{mark}/**/cgroup.procs") for pid in procs.read_text().split()}
    return {
        "processes": sorted(pids),
        "cgroups": sorted(str(each) for each in CGROUPS.glob(f"*/{mark}")),
        "namespaces": namespaces.names(f"{mark}-"),
        "devices": devices_below(folder),
        "mounts": [line for line in Path("/proc/mounts").read_text().splitlines() if str(folder) in line],
    }
