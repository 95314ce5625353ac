"""Addresses, and who holds them."""

from __future__ import annotations

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, R, refused, rule, vm


@pytest.mark.parametrize("name", ["Upper", "1st", "a_b", "a-", "a" * 64])
def test_names(cloud: Client, name: str) -> None:
    refused(
        cloud.post(f"{R}/addresses", {"name": name}),
        400,
        "invalid",
        "Invalid value for field 'resource.name'",
    )


def test_stale_labels(cloud: Client) -> None:
    reply = cloud.post(f"{R}/addresses/api/setLabels", {"labels": {"a": "b"}, "labelFingerprint": "AAAA"})
    text = "Labels fingerprint either invalid or resource labels have changed"
    refused(reply, 412, "conditionNotMet", text)
    assert reply.body["error"]["errors"][0]["location"] == "If-Match"


def test_quota(cloud: Client) -> None:
    cloud.post("/lab/v1/quotas", {"STATIC_ADDRESSES": 1})
    text = "Quota 'STATIC_ADDRESSES' exceeded.  Limit: 1.0 in region europe-west1."
    refused(cloud.post(f"{R}/addresses", {"name": "second"}), 403, "quotaExceeded", text)


def test_a_rule_holds_it_until_it_is_deleted(balanced: Client) -> None:
    held = balanced.get(f"{R}/addresses/api")
    assert (held["status"], [u.rsplit("/", 1)[-1] for u in held["users"]]) == ("IN_USE", ["api"])
    balanced.delete(f"{R}/forwardingRules/api")
    assert balanced.get(f"{R}/addresses/api")["status"] == "RESERVED"


def test_a_vm_cannot_take_what_a_rule_holds(balanced: Client) -> None:
    ip = balanced.get(f"{R}/addresses/api")["address"]
    reply = balanced.post(f"{B}/instances/m1/addAccessConfig?networkInterface=nic0", {"natIP": ip})
    text = f"Invalid resource usage: 'External IP address: {ip} is already in-use.'."
    refused(reply, 400, "invalidResourceUsage", text)


def test_a_rule_cannot_take_what_a_vm_holds(cloud: Client) -> None:
    ip = cloud.get(f"{R}/addresses/api")["address"]
    cloud.made(f"{B}/instances", vm("m2", nic={"accessConfigs": [{"natIP": ip}]}))
    cloud.made(f"{B}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
    reply = cloud.post(f"{R}/forwardingRules", rule(target=f"{B}/targetInstances/t"))
    text = f"Invalid value for field 'resource.IPAddress': '{ip}'. "
    refused(reply, 400, "invalid", text + "Specified IP address is in-use and would result in a conflict.")


def test_an_unknown_address(cloud: Client) -> None:
    reply = cloud.post(f"{B}/instances", vm("m2", nic={"accessConfigs": [{"natIP": "203.0.113.99"}]}))
    text = (
        "accessConfigs[0].natIP': '203.0.113.99'. The specified external IP address '203.0.113.99' was not "
    )
    refused(reply, 400, "invalid", text + "found in region 'europe-west1'.")


def test_a_reserved_internal_address_follows_its_vm(cloud: Client) -> None:
    where = {"name": "m2", "addressType": "INTERNAL", "subnetwork": f"{R}/subnetworks/s"}
    ip = cloud.made(f"{R}/addresses", where)["address"]
    cloud.made(f"{B}/instances", vm("m2", nic={"networkIP": ip}))
    assert cloud.get(f"{R}/addresses/m2")["status"] == "IN_USE"
    cloud.delete(f"{B}/instances/m2")
    assert cloud.get(f"{R}/addresses/m2")["status"] == "RESERVED"


def test_a_rule_keeps_an_address_that_is_released(cloud: Client) -> None:
    cloud.made(f"{B}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
    ip = cloud.made(f"{R}/forwardingRules", rule(target=f"{B}/targetInstances/t"))["IPAddress"]
    assert cloud.delete(f"{R}/addresses/api").status == 200
    assert cloud.get(f"{R}/forwardingRules/api")["IPAddress"] == ip
    assert cloud.made(f"{R}/addresses", {"name": "other"})["address"] != ip, "nobody else gets it"
    again = cloud.made(f"{R}/addresses", {"name": "api", "address": ip})
    assert (again["status"], again["users"][0].rpartition("/")[2]) == ("IN_USE", "api")


def test_a_machine_holds_its_address(cloud: Client) -> None:
    cloud.made(
        f"{R}/addresses", {"name": "inside", "addressType": "INTERNAL", "subnetwork": f"{R}/subnetworks/s"}
    )
    inside = cloud.get(f"{R}/addresses/inside")["address"]
    cloud.made(f"{B}/instances", vm("m2", nic={"networkIP": inside}))
    refused(cloud.delete(f"{R}/addresses/inside"), 400, "resourceInUseByAnotherResource", "instances/m2")
