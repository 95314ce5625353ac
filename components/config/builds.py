"""Whether a machine, its disks and its image go together: each may be right alone, and Google refuses the VM.

It would do so when network, bucket and addresses stand already, so its tables are asked when the config is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from components.config import families
from components.config.errors import Refused

LEAST_MEMORY_MB: Final = 2_048
"""What kubeadm asks of a machine of a control plane:
https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/.
"""

_ARM_IMAGE = re.compile(r"(?:^|-)(?:arm64|aarch64)(?:-|$)")


@dataclass(frozen=True, slots=True)
class Build:
    """What one master's VM is made of."""

    machine_type: str
    boot_disk_type: str
    data_disk_type: str
    image: str


@dataclass(frozen=True, slots=True)
class Stood:
    """What stands already and was accepted once, whatever is refused of a newcomer: masters' builds by identity, and the
    names of the range that their pods' addresses are from. `self_contained`: masters serve that were told of no artifacts,
    for their image holds all; they stay so unless the config says otherwise.
    """

    builds: Mapping[str, Build] = field(default_factory=dict)
    pod_range_names: frozenset[str] = frozenset()
    self_contained: bool = False


NOTHING: Final = Stood()


def misfits(build: Build) -> Iterator[tuple[str, Refused]]:
    """Yields what doesn't go with the rest, as the name of a field and why. A machine that is none for a master goes first,
    and then nothing is said of what would go with it.
    """
    machine = build.machine_type
    unfit = _no_master(machine)
    if unfit:
        yield "machine_type", unfit
        return
    for part, disk, offered in (
        ("boot_disk_type", build.boot_disk_type, families.BOOT_DISKS),
        ("data_disk_type", build.data_disk_type, families.DATA_DISKS),
    ):
        if refused := _no_disk(machine, disk, offered):
            yield part, refused
    if refused := _no_image(machine, build.image):
        yield "image", refused


def worker_misfits(machine: str, boot_disk: str, image: str) -> Iterator[tuple[str, Refused]]:
    """Yields the same for a worker, as the key of the config and why. It may be small: no control plane runs there."""
    unfit = _no_arm(machine, "workers") or _no_custom_type(machine)
    if unfit:
        yield "machineType", unfit
        return
    if refused := _no_disk(machine, boot_disk, families.BOOT_DISKS):
        yield "bootDiskType", refused
    if refused := _no_image(machine, image):
        yield "image", refused


def _no_disk(machine: str, disk: str, offered: tuple[str, ...]) -> Refused | None:
    taken = families.disks(machine)
    if taken is None or disk in taken:
        return None
    fitting = " or ".join(each for each in offered if each in taken)
    return Refused(
        f"can't be used by a machine of type {machine}",
        f"Choose {fitting}, or leave it out: it then follows the machine type",
    )


def _no_image(machine: str, image: str) -> Refused | None:
    if families.arm(machine) is not False or not _ARM_IMAGE.search(image.rpartition("/")[2]):
        return None
    return Refused(
        f"is an image for Arm by its name, and {machine} is an x86 machine",
        "Name one for x86, as `gcloud compute images list --filter=architecture=X86_64` shows it",
    )


def _no_arm(machine: str, who: str) -> Refused | None:
    if not families.arm(machine):
        return None
    return Refused(
        f"is an Arm machine, and no release of ours has run {who} on one",
        "Choose an x86 machine, such as e2-standard-2 or n4-standard-2",
    )


def _no_master(machine: str) -> Refused | None:
    if refused := _no_arm(machine, "masters"):
        return refused
    memory = families.memory_mb(machine)
    if memory is not None and memory < LEAST_MEMORY_MB:
        return Refused(
            f"has {memory / 1_024:.2g} GB of memory, and a control plane needs {LEAST_MEMORY_MB // 1_024}",
            "Choose a larger one, such as e2-standard-2",
        )
    return _no_custom_type(machine)


def _no_custom_type(machine: str) -> Refused | None:
    made, range_mb = families.custom(machine), families.custom_memory_mb(machine)
    if made is None:
        return None
    return _no_custom(*made) or (_no_such_memory(made[1], *range_mb) if range_mb else None)


def _no_such_memory(memory: int, least: int, most: int) -> Refused | None:
    if least <= memory <= most:
        return None
    return Refused(
        f"has {memory} MB of memory, and Google makes custom machines of this family and size with {least} to {most}",
        f"Write {least if memory < least else most} instead of {memory}, or choose another number of CPUs",
    )


def _no_custom(cpus: int, memory: int) -> Refused | None:
    if memory % families.MEMORY_STEP_MB:
        more = -(-memory // families.MEMORY_STEP_MB) * families.MEMORY_STEP_MB
        return Refused(
            f"has {memory} MB of memory, and Google makes custom machines with multiples of {families.MEMORY_STEP_MB} only",
            f"Write {more} instead of {memory}",
        )
    if cpus > 1 and cpus % 2:
        return Refused(
            f"has {cpus} CPUs, and Google makes custom machines with one or an even number of them",
            f"Write {cpus + 1} instead of {cpus}",
        )
    return None
