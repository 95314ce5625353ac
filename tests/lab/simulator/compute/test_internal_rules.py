"""Internal forwarding rules: what Google refuses together, and that one serves beside an external one."""

from __future__ import annotations

import time
from typing import Any

import pytest

from lab.simulator.client import Client
from lab.simulator.clock import ManualClock
from lab.simulator.server import Simulator
from tests.lab.simulator.compute.bodies import B, R, refused, vm

BACKENDS = [{"group": f"{B}/instanceGroups/ig", "balancingMode": "CONNECTION"}]
SERVICE = {"healthChecks": [f"{R}/healthChecks/hc"], "backends": BACKENDS, "protocol": "TCP"}


def inner(**more: Any) -> dict[str, Any]:
    body = {
        "name": "inner",
        "loadBalancingScheme": "INTERNAL",
        "subnetwork": f"{R}/subnetworks/s",
        "IPAddress": "10.0.0.50",
        "ports": ["443"],
        "backendService": f"{R}/backendServices/inner",
    } | more
    return {key: value for key, value in body.items() if value is not None}


@pytest.fixture
def inside(balanced: Client) -> Client:
    """Besides what `balanced` has: a reserved internal address, and an internal backend service of the same group."""
    where = {
        "name": "inner",
        "addressType": "INTERNAL",
        "subnetwork": f"{R}/subnetworks/s",
        "address": "10.0.0.50",
    }
    balanced.made(f"{R}/addresses", where)
    balanced.made(f"{R}/backendServices", {**SERVICE, "name": "inner", "loadBalancingScheme": "INTERNAL"})
    return balanced


def test_one_group_is_behind_an_external_and_an_internal_rule(inside: Client) -> None:
    inside.made(f"{R}/forwardingRules", inner())
    made = inside.get(f"{R}/forwardingRules/inner").body
    address = inside.get(f"{R}/addresses/inner").body
    assert (made["IPAddress"], made["network"].rpartition("/")[2], address["status"]) == (
        "10.0.0.50",
        "n",
        "IN_USE",
    )


def test_health_is_told_at_the_rule_s_own_address_and_port(
    simulator: Simulator, inside: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.made(f"{R}/forwardingRules", inner())
    monkeypatch.setattr(simulator.lab, "clock", ManualClock(time.time() + 60))
    asked = inside.post(f"{R}/backendServices/inner/getHealth", {"group": f"{B}/instanceGroups/ig"})
    [row] = asked["healthStatus"]
    assert (row["forwardingRuleIp"], row["port"]) == ("10.0.0.50", 443)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        pytest.param({"ports": None, "portRange": "443"}, "Use ports or allPorts", id="a range of ports"),
        pytest.param({"ports": None}, "One of ports and allPorts", id="no port"),
        pytest.param({"ports": [str(port) for port in range(1, 7)]}, "At most 5 ports", id="six ports"),
        pytest.param({"subnetwork": None}, "needs a subnetwork", id="no subnetwork"),
        pytest.param({"network": "global/networks/far"}, "in another network", id="another network's"),
        pytest.param({"networkTier": "STANDARD"}, "Must be PREMIUM", id="tier"),
        pytest.param({"sourceIpRanges": ["10.0.0.0/8"]}, "Only allowed for external", id="sources"),
        pytest.param(
            {"IPAddress": "10.9.0.1"}, "outside the network/subnetwork range", id="an address outside"
        ),
        pytest.param(
            {"backendService": f"{R}/backendServices/bs"}, "must be the same", id="an external service"
        ),
    ],
)
def test_what_google_refuses_together(inside: Client, more: dict[str, Any], text: str) -> None:
    inside.made("global/networks", {"name": "far", "autoCreateSubnetworks": False})
    refused(inside.post(f"{R}/forwardingRules", inner(**more)), 400, "invalid", text)


def test_an_external_rule_takes_no_internal_service(inside: Client) -> None:
    external = {"name": "x", "loadBalancingScheme": "EXTERNAL", "portRange": "80"}
    body = external | {"backendService": f"{R}/backendServices/inner"}
    refused(inside.post(f"{R}/forwardingRules", body), 400, "invalid", "must be the same")


def test_an_external_service_has_no_network(inside: Client) -> None:
    body = {**SERVICE, "name": "x", "loadBalancingScheme": "EXTERNAL", "network": "global/networks/n"}
    refused(inside.post(f"{R}/backendServices", body), 400, "invalid", "Only allowed for an INTERNAL")


def test_a_reserved_address_is_one_rule_s(inside: Client) -> None:
    """Unless its purpose is SHARED_LOADBALANCER_VIP."""
    inside.made(f"{R}/forwardingRules", inner())
    reply = inside.post(f"{R}/forwardingRules", inner(name="other", ports=["80"]))
    refused(reply, 409, "ipInUseByAnotherResource", "already being used")


def test_a_machine_of_another_network_does_not_answer(inside: Client) -> None:
    inside.made("global/networks", {"name": "far", "autoCreateSubnetworks": False})
    subnet = {"name": "far", "network": "global/networks/far", "ipCidrRange": "10.5.0.0/24"}
    inside.made(f"{R}/subnetworks", subnet)
    inside.made(f"{B}/instances", vm("x1", nic={"subnetwork": f"{R}/subnetworks/far"}))
    inside.made(f"{B}/targetInstances", {"name": "x1", "instance": f"{B}/instances/x1"})
    body = inner(backendService=None, target=f"{B}/targetInstances/x1")
    refused(inside.post(f"{R}/forwardingRules", body), 400, "invalid", "is in another network")


def test_an_internal_rule_is_switched_between_machine_and_service_in_place(inside: Client) -> None:
    """An external one isn't: `test_never_to_another_kind`."""
    inside.made(f"{B}/targetInstances", {"name": "m1", "instance": f"{B}/instances/m1"})
    inside.made(f"{R}/forwardingRules", inner())
    target = {"target": f"{B}/targetInstances/m1"}
    assert inside.post(f"{R}/forwardingRules/inner/setTarget", target).status == 200
    there = inside.get(f"{R}/forwardingRules/inner").body
    back = inside.post(f"{R}/forwardingRules/inner/setTarget", {"target": f"{R}/backendServices/inner"})
    again = inside.get(f"{R}/forwardingRules/inner").body
    assert ("target" in there, back.status, "target" in again) == (True, 200, False)
