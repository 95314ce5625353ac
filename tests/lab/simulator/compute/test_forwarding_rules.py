"""Forwarding rules and what they point at."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, C, R, refused, rule, vm


@pytest.mark.parametrize(
    ("more", "status"),
    [({"portRange": "443"}, 400), ({"portRange": "400-500"}, 400), ({"portRange": "80"}, 200)],
)
def test_rules_share_an_address_if_their_ports_differ(
    balanced: Client, more: dict[str, Any], status: int
) -> None:
    other = rule(name="other", backendService=f"{R}/backendServices/bs", **more)
    assert balanced.post(f"{R}/forwardingRules", other).status == status


def test_the_tier_must_match(cloud: Client) -> None:
    cloud.made(f"{R}/addresses", {"name": "std", "networkTier": "STANDARD"})
    cloud.made(f"{B}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
    reply = cloud.post(
        f"{R}/forwardingRules", rule(IPAddress=f"{R}/addresses/std", target=f"{B}/targetInstances/t")
    )
    refused(reply, 400, "invalid", "network tier")


@pytest.fixture
def pointed(cloud: Client) -> Client:
    """The rule at the target instance of m1, and another target instance for m2 in zone c."""
    cloud.made(f"{C}/instances", vm("m2", C))
    cloud.made(f"{B}/targetInstances", {"name": "t1", "instance": f"{B}/instances/m1"})
    cloud.made(f"{C}/targetInstances", {"name": "t2", "instance": f"{C}/instances/m2"})
    cloud.made(f"{R}/forwardingRules", rule(target=f"{B}/targetInstances/t1"))
    return cloud


def test_target_instance_to_target_instance_in_place(pointed: Client) -> None:
    reply = pointed.post(f"{R}/forwardingRules/api/setTarget", {"target": f"{C}/targetInstances/t2"})
    assert reply.status == 200
    assert pointed.get(f"{R}/forwardingRules/api")["target"].endswith("/targetInstances/t2")


def test_never_to_another_kind(pointed: Client) -> None:
    pointed.made(f"{R}/targetPools", {"name": "pool"})
    reply = pointed.post(f"{R}/forwardingRules/api/setTarget", {"target": f"{R}/targetPools/pool"})
    refused(reply, 400, "invalid", "should be of the same type as the old")


def test_target_xor_backend_service(cloud: Client) -> None:
    refused(
        cloud.post(f"{R}/forwardingRules", rule()),
        400,
        "invalid",
        "Exactly one of target and backendService",
    )
