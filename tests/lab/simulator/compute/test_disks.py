"""Disks, attached and by themselves."""

from __future__ import annotations

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, C, P, refused, vm


@pytest.fixture
def data(cloud: Client) -> Client:
    cloud.made(f"{B}/disks", {"name": "data", "sizeGb": "10", "type": f"{B}/diskTypes/pd-ssd"})
    disk = {"source": f"{B}/disks/data", "deviceName": "etcd"}
    assert cloud.post(f"{B}/instances/m1/attachDisk", disk).status == 200
    return cloud


def test_one_writer(data: Client) -> None:
    data.made(f"{B}/instances", vm("m2"))
    text = f"The disk resource '{P}/{B}/disks/data' is already being used by '{P}/{B}/instances/m1'"
    reply = data.post(f"{B}/instances/m2/attachDisk", {"source": f"{B}/disks/data"})
    refused(reply, 400, "resourceInUseByAnotherResource", text)


def test_the_data_disk_outlives_the_vm(data: Client) -> None:
    data.delete(f"{B}/instances/m1")
    assert (data.get(f"{B}/disks/data")["status"], "users" in data.get(f"{B}/disks/data").body) == (
        "READY",
        False,
    )
    assert data.get(f"{B}/disks/m1").status == 404


def test_a_key_of_ones_own_is_not_taken_and_forgotten(cloud: Client) -> None:
    body = {"name": "d", "sizeGb": "10", "diskEncryptionKey": {"rawKey": "eA=="}}
    refused(cloud.post(f"{B}/disks", body), 501, "notImplemented", "resource.diskEncryptionKey")


def test_detach_by_device_name(data: Client) -> None:
    assert data.post(f"{B}/instances/m1/detachDisk?deviceName=etcd").status == 200
    refused(
        data.post(f"{B}/instances/m1/detachDisk?deviceName=etcd"),
        400,
        "invalid",
        "No attached disk found",
    )


def test_force_attach_is_for_regional_disks(data: Client) -> None:
    data.made(f"{B}/instances", vm("m2"))
    disk = {"source": f"{B}/disks/data", "forceAttach": True}
    refused(
        data.post(f"{B}/instances/m2/attachDisk", disk),
        400,
        "invalid",
        "Force attaching zonal disks is not supported",
    )


def test_other_zones_are_refused(data: Client) -> None:
    data.made(f"{C}/disks", {"name": "far", "sizeGb": "10"})
    refused(
        data.post(f"{B}/instances/m1/attachDisk", {"source": f"{C}/disks/far"}),
        400,
        "invalid",
        "same zone",
    )


def test_disks_only_grow(data: Client) -> None:
    text = "New disk size '5' GB must be larger than existing size '10' GB."
    refused(data.post(f"{B}/disks/data/resize", {"sizeGb": "5"}), 400, "invalid", text)
    data.post(f"{B}/disks/data/resize", {"sizeGb": 20})
    assert data.get(f"{B}/disks/data")["sizeGb"] == "20"


def test_a_snapshot_makes_a_disk(data: Client) -> None:
    assert data.post(f"{B}/disks/data/createSnapshot", {"name": "snap"}).status == 200
    made = data.made(f"{C}/disks", {"name": "copy", "sourceSnapshot": "global/snapshots/snap"})
    assert (made["sizeGb"], made["sourceSnapshot"].endswith("snapshots/snap")) == ("10", True)


def test_a_snapshot_has_the_type_that_was_asked_and_no_other(data: Client) -> None:
    """The provider's tests of snapshots read a type only where they gave one."""
    data.post(f"{B}/disks/data/createSnapshot", {"name": "plain"})
    data.post(f"{B}/disks/data/createSnapshot", {"name": "archive", "snapshotType": "ARCHIVE"})
    types = [data.get(f"global/snapshots/{name}").body.get("snapshotType") for name in ("plain", "archive")]
    assert types == [None, "ARCHIVE"]
