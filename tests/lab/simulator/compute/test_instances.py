"""Instances: what an insert refuses, and what their metadata, tags and type refuse."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, P, refused, vm


def test_missing(cloud: Client) -> None:
    text = f"The resource '{P}/{B}/instances/no' was not found"
    refused(cloud.get(f"{B}/instances/no"), 404, "notFound", text)


def test_duplicate(cloud: Client) -> None:
    text = f"The resource '{P}/{B}/instances/m1' already exists"
    refused(cloud.post(f"{B}/instances", vm("m1")), 409, "alreadyExists", text)


def test_boot_disk_of_the_same_name(cloud: Client) -> None:
    cloud.made(f"{B}/disks", {"name": "m2", "sizeGb": "10"})
    text = f"The resource '{P}/{B}/disks/m2' already exists"
    refused(cloud.post(f"{B}/instances", vm("m2")), 409, "alreadyExists", text)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param(
            {"machineType": f"{B}/machineTypes/e2-huge"}, "Machine type with name 'e2-huge'", id="type"
        ),
        pytest.param({"disks": []}, "No disks are specified.", id="no disk"),
        pytest.param({"tags": {"items": ["Bad"]}}, "Must be a match of regex", id="tag"),
        pytest.param(
            {"serviceAccounts": [{"email": "x@y.z"}]}, "does not have access to service account", id="sa"
        ),
        pytest.param(
            {"networkInterfaces": [{"network": "global/networks/no"}]},
            "The referenced network resource cannot be found.",
            id="network",
        ),
        pytest.param(
            {"networkInterfaces": [{"network": "global/networks/n"}]},
            "custom subnetmode network",
            id="subnet",
        ),
        pytest.param(
            {"metadata": {"items": [{"key": "k", "value": "x" * 262_145}]}},
            "is too large",
            id="metadata value",
        ),
        pytest.param(
            {"metadata": {"items": [{"key": f"k{i}", "value": "x" * 200_000} for i in range(3)]}},
            "maximum size 524288",
            id="metadata total",
        ),
        pytest.param(
            {"scheduling": {"preemptible": True, "automaticRestart": True}},
            "preemptible be false when AutomaticRestart is true.",
            id="preemptible and restarted",
        ),
        pytest.param(
            {"scheduling": {"provisioningModel": "SPOT", "onHostMaintenance": "MIGRATE"}},
            "preemptible be false when OnHostMaintenance isn't TERMINATE.",
            id="Spot and moved",
        ),
        pytest.param(
            {"scheduling": {"onHostMaintenance": "TERMINATE"}},
            "e2 instances do not support onHostMaintenance=TERMINATE",
            id="an e2 that isn't moved",
        ),
    ],
)
def test_what_an_insert_refuses(cloud: Client, change: dict[str, Any], text: str) -> None:
    reply = cloud.post(f"{B}/instances", vm("m2", **change))
    assert (reply.status, text in reply.message) == (400, True), reply.body
    assert cloud.get(f"{B}/disks/m2").status == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(
            {"disks": [{"boot": True, "source": f"{B}/disks/d", "diskEncryptionKey": {"rawKey": "eA=="}}]},
            "resource.disks[0].diskEncryptionKey",
            id="a key of one's own",
        ),
        pytest.param(
            {"disks": [{"boot": True, "initializeParams": {"storagePool": "p"}}]},
            "resource.disks[0].initializeParams.storagePool",
            id="a new disk in a pool",
        ),
    ],
)
def test_nothing_is_dropped_in_silence(cloud: Client, change: dict[str, Any], field: str) -> None:
    cloud.made(f"{B}/disks", {"name": "d", "sizeGb": "10"})
    reply = cloud.post(f"{B}/instances", vm("m2", **change))
    refused(reply, 501, "notImplemented", f"The simulator doesn't implement {field}.")
    assert cloud.get(f"{B}/instances/m2").status == 404


def test_stockout(cloud: Client) -> None:
    text = "The zone 'projects/lab-project/zones/europe-west1-b' does not have enough resources available"
    action = {
        "type": "op_error",
        "code": "ZONE_RESOURCE_POOL_EXHAUSTED",
        "message": text,
        "http_code": 503,
    }
    cloud.fault(method="compute.instances.insert", action=action)
    operation = cloud.post(f"{B}/instances", vm("m2"))
    assert (operation["status"], operation["httpErrorStatusCode"]) == ("DONE", 503)
    assert cloud.get(f"{B}/instances/m2").status == cloud.get(f"{B}/disks/m2").status == 404


def test_stale_metadata(cloud: Client) -> None:
    reply = cloud.post(f"{B}/instances/m1/setMetadata", {"fingerprint": "AAAA", "items": []})
    refused(
        reply, 412, "conditionNotMet", "Supplied fingerprint does not match current metadata fingerprint."
    )


def test_stale_tags(cloud: Client) -> None:
    reply = cloud.post(f"{B}/instances/m1/setTags", {"fingerprint": "AAAA", "items": ["x"]})
    refused(reply, 412, "conditionNotMet", "Invalid fingerprint.")


def test_a_busy_internal_address_fails_the_operation(cloud: Client) -> None:
    ip = cloud.get(f"{B}/instances/m1")["networkInterfaces"][0]["networkIP"]
    operation = cloud.post(f"{B}/instances", vm("m2", nic={"networkIP": ip}))
    assert operation["error"]["errors"] == [
        {
            "code": "IP_IN_USE_BY_ANOTHER_RESOURCE",
            "message": f"IP '{ip}' is already being used by another resource.",
        }
    ]
    assert cloud.get(f"{B}/instances/m2").status == 404


def test_a_second_access_config(cloud: Client) -> None:
    path = f"{B}/instances/m1/addAccessConfig?networkInterface=nic0"
    assert cloud.post(path, {}).status == 200
    refused(cloud.post(path, {}), 400, "badRequest", "At most one access config currently supported.")


def test_an_access_config_goes_by_its_name(cloud: Client) -> None:
    cloud.post(f"{B}/instances/m1/addAccessConfig?networkInterface=nic0", {})
    delete = f"{B}/instances/m1/deleteAccessConfig?networkInterface=nic0&accessConfig="
    assert cloud.post(delete + "external-nat").status == 400
    assert cloud.post(delete + "External%20NAT").status == 200


def test_alias_blocks_come_from_the_secondary_range(cloud: Client) -> None:
    alias = {"aliasIpRanges": [{"subnetworkRangeName": "pods", "ipCidrRange": "/24"}]}
    blocks = [
        cloud.made(f"{B}/instances", vm(name, nic=alias))["networkInterfaces"][0]["aliasIpRanges"][0][
            "ipCidrRange"
        ]
        for name in ("a", "b")
    ]
    assert blocks == ["10.8.0.0/24", "10.8.1.0/24"]


def test_a_duration_has_its_nanoseconds(cloud: Client) -> None:
    scheduling = {"localSsdRecoveryTimeout": {"seconds": "3600"}}
    made = cloud.made(f"{B}/instances", vm("m2", scheduling=scheduling))
    assert made["scheduling"]["localSsdRecoveryTimeout"] == {"seconds": "3600", "nanos": 0}


@pytest.mark.parametrize(
    "path",
    [
        "regions/us-central1",
        "zones/us-central1-a",
        "zones/us-central1-a/machineTypes/n2-standard-4",
        "zones/us-central1-a/machineTypes/c4-highmem-8",
        "zones/us-central1-a/diskTypes/hyperdisk-balanced",
    ],
)
def test_what_google_has_is_there(cloud: Client, path: str) -> None:
    assert cloud.get(path)["name"] == path.rpartition("/")[2]
