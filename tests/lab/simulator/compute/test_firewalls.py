"""Firewall rules."""

from __future__ import annotations

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import refused


def test_a_firewall_allows_or_denies(cloud: Client) -> None:
    body = {
        "name": "f",
        "network": "global/networks/n",
        "allowed": [{"IPProtocol": "tcp", "ports": ["2379-2380"]}],
    }
    assert cloud.made("global/firewalls", body)["sourceRanges"] == ["0.0.0.0/0"]
    both = body | {"name": "g", "denied": [{"IPProtocol": "udp"}]}
    refused(cloud.post("global/firewalls", both), 400, "invalid", "Exactly one of allowed and denied")
