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

MEMORY_STEP_MB: Final = 256
"""Of custom machines: https://docs.cloud.google.com/compute/docs/instances/creating-instance-with-custom-machine-type."""

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
    """What doesn't go with the rest, as the name of a field and why. A machine that is none for a master goes first, and
    then nothing is said of what would go with it.
    """
    machine = build.machine_type
    unfit = _no_master(machine)
    if unfit:
        yield "machine_type", unfit
        return
    taken = families.disks(machine)
    for part, disk, offered in (
        ("boot_disk_type", build.boot_disk_type, families.BOOT_DISKS),
        ("data_disk_type", build.data_disk_type, families.DATA_DISKS),
    ):
        if taken is not None and disk not in taken:
            fitting = " or ".join(each for each in offered if each in taken)
            yield (
                part,
                Refused(
                    f"can't be used by a machine of type {machine}",
                    f"Choose {fitting}, or leave it out: it then follows the machine type",
                ),
            )
    if families.arm(machine) is False and _ARM_IMAGE.search(build.image.rpartition("/")[2]):
        yield (
            "image",
            Refused(
                f"is an image for Arm by its name, and {machine} is an x86 machine",
                "Name one for x86, as `gcloud compute images list --filter=architecture=X86_64` shows it",
            ),
        )


def _no_master(machine: str) -> Refused | None:
    if families.arm(machine):
        return Refused(
            "is an Arm machine, and no release of ours has run masters on one",
            "Choose an x86 machine, such as e2-standard-2 or n4-standard-2",
        )
    memory = families.memory_mb(machine)
    if memory is not None and memory < LEAST_MEMORY_MB:
        return Refused(
            f"has {memory / 1_024:.2g} GB of memory, and a control plane needs {LEAST_MEMORY_MB // 1_024}",
            "Choose a larger one, such as e2-standard-2",
        )
    return _no_custom(*made) if (made := families.custom(machine)) else None


def _no_custom(cpus: int, memory: int) -> Refused | None:
    if memory % MEMORY_STEP_MB:
        more = -(-memory // MEMORY_STEP_MB) * MEMORY_STEP_MB
        return Refused(
            f"has {memory} MB of memory, and Google makes custom machines with multiples of {MEMORY_STEP_MB} only",
            f"Write {more} instead of {memory}",
        )
    if cpus > 1 and cpus % 2:
        return Refused(
            f"has {cpus} CPUs, and Google makes custom machines with one or an even number of them",
            f"Write {cpus + 1} instead of {cpus}",
        )
    return None
