"""Routes."""

from __future__ import annotations

from lab.simulator.client import Client


def test_default_routes_come_with_a_network(cloud: Client) -> None:
    link = cloud.get("global/networks/n")["selfLink"]
    found = cloud.get(f"global/routes?filter=(network%3D%22{link}%22)%20AND%20(destRange%3D%220.0.0.0/0%22)")
    assert [r["nextHopGateway"].rsplit("/", 1)[-1] for r in found["items"]] == ["default-internet-gateway"]
