"""What is known of machine families, and the disks that follow from them."""

from __future__ import annotations

from typing import Any

import pytest

from components.config import Build, ConfigErrors, Stood, families, parse
from components.config.builds import LEAST_MEMORY_MB, misfits
from lab.simulator.services.compute import catalog, fitting
from tests.components.config.test_parse import BASE, parsed

IMAGE = "projects/debian-cloud/global/images/debian-12-bookworm-v20251014"


@pytest.mark.parametrize(
    ("machine_type", "boot", "data"),
    [
        pytest.param("e2-standard-2", "pd-balanced", "pd-ssd", id="second generation"),
        pytest.param("custom-2-4096", "pd-balanced", "pd-ssd", id="custom of N1"),
        pytest.param("c3-standard-4", "pd-balanced", "pd-ssd", id="takes both"),
        pytest.param("c3-standard-192-metal", "hyperdisk-balanced", "hyperdisk-balanced", id="bare metal"),
        pytest.param("c4-standard-2", "hyperdisk-balanced", "hyperdisk-balanced", id="fourth generation"),
        pytest.param("n4d-custom-2-4096", "hyperdisk-balanced", "hyperdisk-balanced", id="custom of N4D"),
        pytest.param("m3-ultramem-32", "pd-balanced", "pd-ssd", id="unknown, third generation"),
        pytest.param("x4-megamem-960", "hyperdisk-balanced", "hyperdisk-balanced", id="unknown, fourth"),
        pytest.param("n11q-standard-2", "hyperdisk-balanced", "hyperdisk-balanced", id="of years to come"),
    ],
)
def test_disks_follow_the_machine(machine_type: str, boot: str, data: str) -> None:
    assert (families.boot_disk(machine_type), families.data_disk(machine_type)) == (boot, data)
    [replica] = parsed(masters={"machineType": machine_type}).replicas
    assert (replica.boot_disk_type, replica.data_disk_type) == (boot, data)


@pytest.mark.parametrize(
    ("masters", "own", "boot"),
    [
        pytest.param({}, {}, "pd-balanced", id="by the masters' machine"),
        pytest.param({}, {"machineType": "n4-standard-2"}, "hyperdisk-balanced", id="by its own machine"),
        pytest.param({"bootDiskType": "pd-ssd"}, {}, "pd-ssd", id="the masters'"),
        pytest.param(
            {"bootDiskType": "pd-ssd"}, {"bootDiskType": "pd-balanced"}, "pd-balanced", id="its own"
        ),
    ],
)
def test_a_boot_disks_type_is_the_replicas_own_or_the_masters_or_the_machines(
    masters: dict[str, Any], own: dict[str, Any], boot: str
) -> None:
    m1 = {"name": "m1", "zone": "europe-west1-b", **own}
    assert parsed(masters=masters, replicas=[m1]).replicas[0].boot_disk_type == boot


GOOGLES = [
    *(
        (machine, disk)
        for machine in ("e2", "n1", "n2", "n2d", "t2d", "c2", "c2d")
        for disk in ("hyperdisk-balanced",)
    ),
    *((machine, disk) for machine in ("c4", "c4d", "n4", "n4d") for disk in ("pd-balanced", "pd-ssd")),
]


@pytest.mark.parametrize(("family", "disk"), GOOGLES, ids=lambda each: str(each))
def test_what_google_refuses_together_is_refused(family: str, disk: str) -> None:
    build = Build(f"{family}-standard-8", disk, disk, IMAGE)
    assert [field for field, _ in misfits(build)] == ["boot_disk_type", "data_disk_type"]


@pytest.mark.parametrize(
    ("machine_type", "disk"),
    [
        pytest.param("c3-standard-4", "hyperdisk-balanced", id="C3 takes Hyperdisk"),
        pytest.param("c3d-standard-4", "pd-ssd", id="C3D takes Persistent Disk"),
        pytest.param("n4-standard-2", "hyperdisk-balanced", id="N4 takes Hyperdisk"),
        pytest.param("q9-standard-2", "pd-ssd", id="nothing is concluded of an unknown family"),
        pytest.param("e2-small", "pd-ssd", id="a shared core with 2 GB"),
        pytest.param("e2-custom-small-2048", "pd-ssd", id="a custom shared core with 2 GB"),
        pytest.param("custom-2-2048", "pd-ssd", id="a custom machine with 2 GB"),
        pytest.param("n2-custom-4-8192-ext", "pd-ssd", id="extended memory"),
    ],
)
def test_what_google_makes_is_accepted(machine_type: str, disk: str) -> None:
    assert list(misfits(Build(machine_type, disk, disk, IMAGE))) == []


@pytest.mark.parametrize("machine_type", catalog.machine_type_names())
def test_program_and_simulator_know_the_same_of_a_machine(machine_type: str) -> None:
    offered = fitting.TAKES[families.family(machine_type)] & set(families.BOOT_DISKS)
    arm = catalog.architecture(machine_type) == "ARM64"
    assert (families.disks(machine_type), families.arm(machine_type)) == (offered, arm)
    sizes = catalog.machine_sizes(machine_type)
    assert sizes
    assert (families.memory_mb(machine_type) is not None) == (sizes[1] < LEAST_MEMORY_MB)


@pytest.mark.parametrize("machine_type", ["t2a-standard-2", "c4a-standard-2", "n4a-standard-2"])
def test_no_master_is_an_arm_machine(machine_type: str) -> None:
    disk = families.boot_disk(machine_type)
    assert [field for field, _ in misfits(Build(machine_type, disk, disk, IMAGE))] == ["machine_type"]


@pytest.mark.parametrize(
    ("standing", "accepted"),
    [
        pytest.param(Build("g1-small", "pd-balanced", "pd-ssd", IMAGE), True, id="the same stands"),
        pytest.param(Build("e2-standard-2", "pd-balanced", "pd-ssd", IMAGE), False, id="another one stands"),
    ],
)
def test_what_stands_is_not_refused(standing: Build, accepted: bool) -> None:
    """Google has made it, and it serves: a table of ours takes nobody's cluster away."""
    raw = {**BASE, "masters": {"machineType": "g1-small"}}
    try:
        parse(raw, region="europe-west1", project="my-project", stood=Stood({"m1-b": standing}))
    except ConfigErrors:
        assert not accepted
    else:
        assert accepted
