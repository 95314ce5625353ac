"""Routers and Cloud NAT."""

from __future__ import annotations

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import R, refused


def test_one_nat_for_all_subnets(cloud: Client) -> None:
    nat = {
        "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
        "natIpAllocateOption": "AUTO_ONLY",
    }
    cloud.made(f"{R}/routers", {"name": "r", "network": "global/networks/n"})
    assert cloud.patch(f"{R}/routers/r", {"nats": [nat | {"name": "a"}]}).status == 200
    assert cloud.patch(f"{R}/routers/r", {"nats": [nat | {"name": "a"}, nat | {"name": "b"}]}).status == 400


def test_a_nat_holds_its_address(cloud: Client) -> None:
    nat = {"name": "a", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}
    nat |= {"natIpAllocateOption": "MANUAL_ONLY", "natIps": [f"{R}/addresses/api"]}
    cloud.made(f"{R}/routers", {"name": "r", "network": "global/networks/n", "nats": [nat]})
    refused(cloud.delete(f"{R}/addresses/api"), 400, "resourceInUseByAnotherResource", "routers/r")
