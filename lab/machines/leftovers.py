"""What a lab that was killed left behind on the machine that it ran on."""

from __future__ import annotations

from pathlib import Path

from lab.machines import cgroups
from lab.machines.disks import detach, devices_below
from lab.network import namespaces


def cgroup(tag: str) -> str:
    """The cgroup in which all machines of a lab run."""
    return f"hm-{tag}"


def remove(tag: str, folder: Path) -> None:
    """Ends the processes of all machines of this lab, and gives its loop devices and namespaces back.

    Mounts end with their processes.
    """
    cgroups.clear(cgroup(tag))
    for name in namespaces.names(f"hm-{tag}-"):
        namespaces.delete(name)
    for device in devices_below(folder) if folder.exists() else ():
        detach(device)
