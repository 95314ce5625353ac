"""Whether this computer can run machines, and what is to be installed on it first."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lab.machines import cgroups

PACKAGES: Final = {
    "systemd-nspawn": "systemd-container",
    "debootstrap": "debootstrap",
    "nft": "nftables",
    "ip": "iproute2",
    "conntrack": "conntrack",
    "losetup": "mount",
    "nsenter": "util-linux",
}
"""Each program that machines need of the system, and Debian's package that has it."""

_HIERARCHIES: Final = ("cpu", "devices", "freezer", "memory", "pids", "systemd")
"""What machines need of cgroups of version 1."""

_CONTROLLERS: Final = ("cpu", "cpuset", "memory", "pids")
"""What they need of version 2, where freezing and devices need no controller: Documentation/admin-guide/cgroup-v2.rst."""

TRY: Final = "LAB_CGROUPS_2"
"""Set, it takes machines where cgroups are of version 2 alone, on which they boot and no master has been seen to run yet."""

_INSTALL_SECONDS = 900
_ANSWERED = {"DEBIAN_FRONTEND": "noninteractive"}

WITHOUT: Final = "Without machines: lab up --guests model"


class HostError(Exception):
    """Machines can't run here; the text says why, what helps, and how to go on without them."""


@dataclass(frozen=True)
class Host:
    """What there is. `controllers` are the hierarchies where cgroups are of version 1. `confined`: a container of version 2,
    whose processes lie in the root of what it sees, so that nothing may be handed on from there. `tries` version 2.
    """

    system: str
    root: bool
    unified: bool
    confined: bool
    controllers: frozenset[str]
    programs: frozenset[str]
    tries: bool = False


def look() -> Host:
    return Host(
        platform.system(),
        os.geteuid() == 0,
        cgroups.unified(),
        cgroups.confined(),
        cgroups.controllers(),
        frozenset(name for name in (*PACKAGES, "go") if shutil.which(name)),
        bool(os.environ.get(TRY)),
    )


def obstacle(host: Host) -> str:
    """Why machines can't run here whatever Debian's packages bring, for people; empty if they can."""
    if host.system != "Linux":
        return f"machines need Linux, and this is {host.system}"
    if not host.root:
        return "machines need root"
    if host.unified and not host.tries:
        return (
            "no master has been seen to run in one where cgroups are of version 2 alone"
            f" ({TRY}=1 tries it; Debian has version 1 with systemd.unified_cgroup_hierarchy=0 on the kernel's command line)"
        )
    needed = _CONTROLLERS if host.unified else _HIERARCHIES
    if lacking := sorted(set(needed) - host.controllers):
        return (
            f"machines need the cgroup controllers {', '.join(needed)}, and {', '.join(lacking)} is not there"
        )
    if host.confined:
        return (
            "this container's processes lie in the root of its cgroups, and machines need a part of them"
            " (start it with --privileged --cgroupns=host)"
        )
    if "go" not in host.programs:
        return "there is no Go to build Kubernetes with (1.26 or newer)"
    return ""


def absent(host: Host) -> tuple[str, ...]:
    """Packages to install."""
    return tuple(package for program, package in PACKAGES.items() if program not in host.programs)


def missing() -> str:
    """Why no machine can run here as it is, for people; empty if one can."""
    host = look()
    packages = absent(host)
    return obstacle(host) or (f"machines need: apt-get install {' '.join(packages)}" if packages else "")


def prepare(progress: Callable[[str], None]) -> None:
    """Installs the packages that are missing. Raises HostError where machines can't run all the same."""
    host = look()
    if (packages := absent(host)) and not obstacle(host):
        _install(packages, progress)
    if why := missing():
        raise HostError(f"No machine can run here: {why}. {WITHOUT}")


def _install(packages: tuple[str, ...], progress: Callable[[str], None]) -> None:
    by_hand = f"By hand: apt-get install {' '.join(packages)}. {WITHOUT}"
    if shutil.which("apt-get") is None:
        raise HostError(f"Machines need packages, and there is no apt-get to install them with. {by_hand}")
    progress(f"installing what machines need: {', '.join(packages)}")
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    for command in (["apt-get", "update"], install):
        try:
            done = subprocess.run(
                command,
                env=os.environ | _ANSWERED,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=_INSTALL_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise HostError(
                f"`{' '.join(command)}` took more than {_INSTALL_SECONDS} s. {by_hand}"
            ) from error
        if done.returncode and command is install:  # An old list of packages may do.
            said = done.stdout.strip()[-2000:]
            raise HostError(f"`{' '.join(command)}` ended with {done.returncode}:\n{said}\n{by_hand}")
