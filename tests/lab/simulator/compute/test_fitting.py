"""Machines, disks and architectures that Compute Engine refuses together, in its words."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import IMAGE, B, refused, vm

ARM_IMAGE = "projects/debian-cloud/global/images/debian-12-bookworm-arm64-v20251014"


def machine(type_: str, disk: str = "", image: str = IMAGE) -> dict[str, Any]:
    params = {"sourceImage": image} | ({"diskType": f"{B}/diskTypes/{disk}"} if disk else {})
    return vm(
        "m2",
        machineType=f"{B}/machineTypes/{type_}",
        disks=[{"boot": True, "autoDelete": True, "initializeParams": params}],
    )


@pytest.mark.parametrize(
    ("type_", "disk"),
    [
        pytest.param("e2-standard-2", "hyperdisk-balanced", id="E2"),
        pytest.param("n1-standard-2", "hyperdisk-balanced", id="N1"),
        pytest.param("custom-2-4096", "hyperdisk-balanced", id="custom of N1"),
        pytest.param("n2-standard-2", "hyperdisk-balanced", id="N2"),
        pytest.param("n2d-standard-2", "hyperdisk-balanced", id="N2D"),
        pytest.param("t2d-standard-2", "hyperdisk-balanced", id="T2D"),
        pytest.param("c3-standard-4", "pd-standard", id="C3"),
        pytest.param("c4-standard-4", "pd-balanced", id="C4"),
        pytest.param("n4-standard-2", "pd-ssd", id="N4"),
        pytest.param("n4-custom-2-4096", "pd-balanced", id="custom of N4"),
        pytest.param("n4d-standard-2", "pd-balanced", id="N4D"),
    ],
)
def test_a_disk_that_the_family_does_not_take(cloud: Client, type_: str, disk: str) -> None:
    text = f"{disk} disk type cannot be used by {type_} machine type."
    refused(cloud.post(f"{B}/instances", machine(type_, disk)), 400, "badRequest", text)
    assert cloud.get(f"{B}/disks/m2").status == cloud.get(f"{B}/instances/m2").status == 404


@pytest.mark.parametrize(
    ("type_", "disk"),
    [
        pytest.param("e2-standard-2", "pd-standard", id="E2"),
        pytest.param("c3-standard-4", "pd-balanced", id="C3"),
        pytest.param("n4-standard-2", "hyperdisk-balanced", id="N4"),
    ],
)
def test_a_boot_disk_without_a_type_has_the_familys(cloud: Client, type_: str, disk: str) -> None:
    cloud.made(f"{B}/instances", machine(type_))
    assert cloud.get(f"{B}/disks/m2")["type"].endswith(f"/diskTypes/{disk}")


@pytest.mark.parametrize(
    ("type_", "image", "its", "ours"),
    [
        pytest.param("t2a-standard-1", IMAGE, "X86_64", "ARM64", id="an Arm machine"),
        pytest.param("e2-standard-2", ARM_IMAGE, "ARM64", "X86_64", id="an image for Arm"),
    ],
)
def test_the_boot_disk_is_of_the_machines_architecture(
    cloud: Client, type_: str, image: str, its: str, ours: str
) -> None:
    text = (
        f"Requested boot disk architecture ({its}) is not compatible with machine type architecture ({ours})."
    )
    reply = cloud.post(f"{B}/instances", machine(type_, image=image))
    refused(reply, 400, "invalidResourceUsage", text)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        pytest.param(
            "n2-custom-4-16383",
            "Memory should be a multiple of 256MiB, while 16383MiB is requested",
            id="memory",
        ),
        pytest.param(
            "custom-3-16384",
            "Number of vCPUs should be multiple of 2 if greater than 2, while 3 is requested",
            id="CPUs",
        ),
        pytest.param(
            "custom-1-7168",
            "Memory size for 1.0 vCPU instance should be between 1024MiB and 6656MiB, while 7168MiB is requested",
            id="memory for so many CPUs",
        ),
    ],
)
def test_a_custom_machine_of_a_size_that_there_is_not(cloud: Client, type_: str, text: str) -> None:
    refused(cloud.post(f"{B}/instances", machine(type_)), 400, "invalidResourceUsage", text)


def test_hyperdisks_have_a_quota_of_their_own(cloud: Client) -> None:
    cloud.post("/lab/v1/quotas", {"HDB_TOTAL_GB": 15})
    text = "Quota 'HDB_TOTAL_GB' exceeded.  Limit: 15.0 in region europe-west1."
    cloud.made(f"{B}/instances", machine("n4-standard-2"))
    refused(
        cloud.post(f"{B}/instances", {**machine("n4-standard-2"), "name": "m3"}), 403, "quotaExceeded", text
    )


def test_an_arm_machine_boots_from_an_image_for_arm(cloud: Client) -> None:
    assert cloud.post(f"{B}/instances", machine("t2a-standard-1", image=ARM_IMAGE)).status == 200


def test_a_disk_is_not_attached_to_a_machine_that_does_not_take_it(cloud: Client) -> None:
    cloud.made(f"{B}/disks", {"name": "data", "sizeGb": "10", "type": f"{B}/diskTypes/hyperdisk-balanced"})
    reply = cloud.post(f"{B}/instances/m1/attachDisk", {"source": f"{B}/disks/data"})
    text = "hyperdisk-balanced disk type cannot be used by e2-medium machine type."
    refused(reply, 400, "badRequest", text)
    assert "users" not in cloud.get(f"{B}/disks/data").body


def test_a_machine_does_not_become_one_that_does_not_take_its_disks(cloud: Client) -> None:
    cloud.post(f"{B}/instances/m1/stop", {})
    body = {"machineType": f"{B}/machineTypes/n4-standard-2"}
    reply = cloud.post(f"{B}/instances/m1/setMachineType", body)
    refused(reply, 400, "badRequest", "pd-standard disk type cannot be used by n4-standard-2 machine type.")
    assert cloud.get(f"{B}/instances/m1")["machineType"].endswith("e2-medium")
