"""What an organization forbids, and an API that a project hasn't enabled."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, P, R, refused, rule, vm

INTERNAL_ONLY = {"values": {"allowedValues": ["INTERNAL"]}}
PUBLIC = {"accessConfigs": [{"type": "ONE_TO_ONE_NAT"}]}


def restrict(cloud: Client, constraint: str, to: dict[str, Any] | None) -> None:
    assert cloud.post("/lab/v1/org-policies", {constraint: to}).status == 200


@pytest.mark.parametrize(
    ("constraint", "to"),
    [
        pytest.param("compute.restrictProtocolForwardingCreationForTypes", INTERNAL_ONLY, id="allow list"),
        pytest.param(
            "compute.restrictProtocolForwardingCreationForTypes",
            {"values": {"deniedValues": ["EXTERNAL"]}},
            id="deny list",
        ),
        pytest.param("compute.restrictProtocolForwardingCreationForTypes", {"denyAll": True}, id="all"),
        pytest.param(
            "compute.managed.restrictProtocolForwardingCreationForTypes", {"enforce": True}, id="managed"
        ),
    ],
)
def test_protocol_forwarding_to_the_outside(cloud: Client, constraint: str, to: dict[str, Any]) -> None:
    cloud.made(f"{B}/targetInstances", {"name": "t1", "instance": f"{B}/instances/m1"})
    restrict(cloud, constraint, to)
    reply = cloud.post(f"{R}/forwardingRules", rule(target=f"{B}/targetInstances/t1"))
    text = f"Constraint constraints/{constraint} violated for {P}. Forwarding Rule {P}/{R}/forwardingRules/api of type "
    refused(reply, 412, "conditionNotMet", f"{text}EXTERNAL is not allowed.")


def test_a_rule_that_stands_is_left_alone_and_the_balancer_s_is_another_kind(balanced: Client) -> None:
    restrict(balanced, "compute.restrictProtocolForwardingCreationForTypes", INTERNAL_ONLY)
    assert balanced.get(f"{R}/forwardingRules/api").status == 200
    assert balanced.delete(f"{R}/forwardingRules/api").status == 200
    balanced.made(f"{R}/forwardingRules", rule(backendService=f"{R}/backendServices/bs"))


def test_a_kind_of_load_balancer(balanced: Client) -> None:
    balanced.delete(f"{R}/forwardingRules/api")
    restrict(
        balanced,
        "compute.restrictLoadBalancerCreationForTypes",
        {"values": {"allowedValues": ["INTERNAL_TCP_UDP"]}},
    )
    reply = balanced.post(f"{R}/forwardingRules", rule(backendService=f"{R}/backendServices/bs"))
    refused(reply, 412, "conditionNotMet", "of type EXTERNAL_NETWORK_TCP_UDP is not allowed")


@pytest.mark.parametrize("constraint", ["compute.vmExternalIpAccess", "compute.managed.vmExternalIpAccess"])
def test_machines_with_an_address_of_their_own(cloud: Client, constraint: str) -> None:
    restrict(cloud, constraint, {"enforce": True} if "managed" in constraint else {"denyAll": True})
    refused(
        cloud.post(f"{B}/instances", vm("m2", nic=PUBLIC)),
        412,
        "conditionNotMet",
        "compute.vmExternalIpAccess",
    )
    cloud.made(f"{B}/instances", vm("m3"))


def test_a_policy_is_read_as_it_is_in_force(cloud: Client) -> None:
    name = "compute.restrictProtocolForwardingCreationForTypes"
    path = f"/v2/{P}/policies/{name}"
    assert cloud.get(f"{path}:getEffectivePolicy")["spec"] == {"rules": [{"allowAll": True}]}
    restrict(cloud, name, INTERNAL_ONLY)
    assert cloud.get(f"{path}:getEffectivePolicy").body == {
        "name": path[4:],
        "spec": {"rules": [INTERNAL_ONLY]},
    }
    restrict(cloud, name, None)
    assert cloud.get(f"{path}:getEffectivePolicy")["spec"] == {"rules": [{"allowAll": True}]}


def test_what_the_simulator_cannot_enforce_is_not_taken(cloud: Client) -> None:
    reply = cloud.post("/lab/v1/org-policies", {"compute.trustedImageProjects": {"denyAll": True}})
    assert reply.status == 400
    assert "enforces no compute.trustedImageProjects" in reply["error"]


def test_an_api_that_is_not_enabled_answers_nobody(cloud: Client) -> None:
    assert cloud.post("/lab/v1/services", {"compute.googleapis.com": False}).status == 200
    refused(cloud.get(f"{B}/instances/m1"), 403, "accessNotConfigured", "has not been used in project")
    names = "&".join(
        f"names={P}/services/{each}.googleapis.com" for each in ("compute", "storage", "nothing")
    )
    found = cloud.get(f"/v1/{P}/services:batchGet?{names}")["services"]
    assert [each["state"] for each in found] == ["DISABLED", "ENABLED", "DISABLED"]
    assert cloud.get("/storage/v1/b?project=lab-project").status == 200


def test_disks_count_against_the_quota_of_their_kind(cloud: Client) -> None:
    assert cloud.post("/lab/v1/quotas", {"SSD_TOTAL_GB": 40}).status == 200
    ssd = {"name": "d1", "sizeGb": "30", "type": f"{B}/diskTypes/pd-ssd"}
    cloud.made(f"{B}/disks", ssd)
    refused(
        cloud.post(f"{B}/disks", ssd | {"name": "d2"}), 403, "quotaExceeded", "Quota 'SSD_TOTAL_GB' exceeded"
    )
    cloud.made(f"{B}/disks", {"name": "d3", "sizeGb": "30", "type": f"{B}/diskTypes/pd-standard"})
    usage = {each["metric"]: each["usage"] for each in cloud.get(R)["quotas"]}
    assert usage["SSD_TOTAL_GB"] == 30
    assert usage["CPUS"] == 2
