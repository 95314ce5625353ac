"""Subnetworks and their ranges."""

from __future__ import annotations

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import R, refused


@pytest.mark.parametrize("cidr", ["10.0.0.0/25", "10.8.1.0/24", "10.0.0.0/8"])
def test_ranges_must_not_overlap(cloud: Client, cidr: str) -> None:
    body = {"name": "s2", "network": "global/networks/n", "ipCidrRange": cidr}
    refused(cloud.post(f"{R}/subnetworks", body), 400, "invalid", "conflicts with existing subnetwork")


@pytest.mark.parametrize("cidr", ["127.0.0.0/24", "169.254.0.0/20", "224.0.0.0/24", "199.36.153.0/29"])
def test_a_range_that_means_something_else_is_refused(cloud: Client, cidr: str) -> None:
    body = {"name": "s2", "network": "global/networks/n", "ipCidrRange": cidr}
    refused(cloud.post(f"{R}/subnetworks", body), 400, "invalid", "resource.ipCidrRange")


@pytest.mark.parametrize("mtu", [1299, 8897])
def test_a_network_has_an_mtu_that_ethernet_takes(cloud: Client, mtu: int) -> None:
    refused(cloud.post("global/networks", {"name": "n2", "mtu": mtu}), 400, "invalid", "resource.mtu")


def test_an_auto_mode_network_takes_a_subnet_of_ones_own(cloud: Client) -> None:
    cloud.made("global/networks", {"name": "auto"})
    body = {"name": "mine", "network": "global/networks/auto", "ipCidrRange": "192.168.0.0/24"}
    assert cloud.post(f"{R}/subnetworks", body).status == 200


def test_a_null_is_nothing_at_any_depth(cloud: Client) -> None:
    ranges = [None, {"rangeName": "more", "ipCidrRange": "10.12.0.0/24", "reservedInternalRange": None}]
    network = {"network": "global/networks/n", "ipCidrRange": "10.11.0.0/24"}
    cloud.made(f"{R}/subnetworks", {"name": "s2", **network, "secondaryIpRanges": ranges})
    assert cloud.get(f"{R}/subnetworks/s2")["secondaryIpRanges"] == [
        {"rangeName": "more", "ipCidrRange": "10.12.0.0/24"}
    ]


def test_a_subnet_grows(cloud: Client) -> None:
    assert cloud.post(f"{R}/subnetworks/s/expandIpCidrRange", {"ipCidrRange": "10.0.0.0/20"}).status == 200
    assert cloud.post(f"{R}/subnetworks/s/expandIpCidrRange", {"ipCidrRange": "10.0.0.0/24"}).status == 400


def test_a_subnets_patch_needs_its_fingerprint(cloud: Client) -> None:
    body = {"fingerprint": "AAAA", "secondaryIpRanges": []}
    refused(cloud.patch(f"{R}/subnetworks/s", body), 412, "conditionNotMet", "Invalid fingerprint.")
