"""Google's machine families: which disks they take, and so which one a master has where the config names none; which are
Arm; and which types are small.

Disks by https://docs.cloud.google.com/compute/docs/disks/persistent-disks and
https://docs.cloud.google.com/compute/docs/disks/hd-types/hyperdisk-balanced (sections "Machine series support", as of
August 2026): the fourth generation takes no Persistent Disk, earlier ones take it, and few of these Hyperdisk Balanced too.
Google has new families each year, so nothing is concluded about one that isn't here. Its default then follows the rule by
which the API has its own (`AttachedDiskInitializeParams.diskType`): Hyperdisk from the fourth generation on.
"""

from __future__ import annotations

import math
import re

BALANCED, SSD, HYPERDISK = "pd-balanced", "pd-ssd", "hyperdisk-balanced"

BOOT_DISKS = (BALANCED, SSD, HYPERDISK)
"""What is offered. Standard Persistent Disk isn't: families from the third generation on don't take it."""

DATA_DISKS = (SSD, BALANCED, HYPERDISK)

_ONLY_PERSISTENT = frozenset({"c2", "c2d", "e2", "f1", "g1", "n1", "n2", "n2d", "t2a", "t2d"})
_EITHER = frozenset({"c3", "c3d"})
_ONLY_HYPERDISK = frozenset({"c4", "c4a", "c4d", "n4", "n4a", "n4d"})

_METAL = "-metal"
"""Bare metal of the third generation takes Hyperdisk only:
https://docs.openshift.com/container-platform/4.18/storage/container_storage_interface/persistent-storage-csi-gcp-pd.html.
"""

_ARM = frozenset({"c4a", "n4a", "t2a"})
"""https://docs.cloud.google.com/compute/docs/instances/arm-on-compute."""

_SMALL_MB = {"f1-micro": 614, "g1-small": 1_740, "e2-micro": 1_024, "n1-highcpu-2": 1_843}
"""The predefined types with less than 2 GB: https://docs.cloud.google.com/compute/docs/general-purpose-machines."""

_CUSTOM = re.compile(r"(?:.+-)?custom-(micro|small|medium|\d+)-(\d+)(?:-ext)?")
_CUSTOM_GB = {"n1": (0.9, 6.5), **dict.fromkeys(("e2", "n2", "n2d"), (0.5, 8.0))}
"""Least and most memory for each CPU of a custom machine, without extended memory, where it isn't a shared core:
https://docs.cloud.google.com/compute/docs/general-purpose-machines.
"""

MEMORY_STEP_MB = 256
"""Of custom machines: https://docs.cloud.google.com/compute/docs/instances/creating-instance-with-custom-machine-type."""


def family(machine_type: str) -> str:
    """Returns `n2` for `n2-standard-4`; a custom type without a family is of N1."""
    first = machine_type.partition("-")[0]
    return "n1" if first == "custom" else first


def disks(machine_type: str) -> frozenset[str] | None:
    """Returns the types of disk that such a machine boots from and takes; None where that isn't known."""
    name = family(machine_type)
    if name in _ONLY_HYPERDISK or (name in _EITHER and machine_type.endswith(_METAL)):
        return frozenset({HYPERDISK})
    if name in _ONLY_PERSISTENT:
        return frozenset({BALANCED, SSD})
    return frozenset({BALANCED, SSD, HYPERDISK}) if name in _EITHER else None


def arm(machine_type: str) -> bool | None:
    """Returns whether it is an Arm machine; None where that isn't known."""
    name = family(machine_type)
    return name in _ARM if name in _ARM | _ONLY_PERSISTENT | _EITHER | _ONLY_HYPERDISK else None


def architecture(machine_type: str) -> str:
    """Returns `amd64` or `arm64`, as Kubernetes' releases call it."""
    return "arm64" if arm(machine_type) else "amd64"


def memory_mb(machine_type: str) -> int | None:
    """Returns the memory of a small type, and of a custom one, which has it in its name; None for all others."""
    made = custom(machine_type)
    return made[1] if made else _SMALL_MB.get(machine_type)


def custom(machine_type: str) -> tuple[int, int] | None:
    """CPUs and MB of memory of a custom type, a shared core counted as one; None for a type that isn't custom."""
    found = _CUSTOM.fullmatch(machine_type)
    return (int(found[1]) if found[1].isdigit() else 1, int(found[2])) if found else None


def custom_memory_mb(machine_type: str) -> tuple[int, int] | None:
    """Returns the least and the most that a custom type may have; None where that isn't known, and for extended memory."""
    found, known = _CUSTOM.fullmatch(machine_type), _CUSTOM_GB.get(family(machine_type))
    if not found or not known or not found[1].isdigit() or machine_type.endswith("-ext"):
        return None
    least, most = (int(found[1]) * each * 1_024 for each in known)
    return math.ceil(least / MEMORY_STEP_MB) * MEMORY_STEP_MB, int(most)


def boot_disk(machine_type: str) -> str:
    """Returns what a machine boots from unless the config says otherwise."""
    return BALANCED if _takes_persistent(machine_type) else HYPERDISK


def data_disk(machine_type: str) -> str:
    """Returns what etcd's data is on unless the config says otherwise: etcd waits for the disk on each write."""
    return SSD if _takes_persistent(machine_type) else HYPERDISK


def _takes_persistent(machine_type: str) -> bool:
    known = disks(machine_type)
    if known is not None:
        return BALANCED in known
    generation = re.search(r"\d+", family(machine_type))
    return generation is None or int(generation[0]) < 4
