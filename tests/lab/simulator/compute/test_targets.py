"""Target instances."""

from __future__ import annotations

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, C, P, R, refused


def test_the_zone_must_be_in_the_region(cloud: Client) -> None:
    reply = cloud.post(f"{C}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
    refused(reply, 400, "invalid", "must be in zone 'europe-west1-c'")


@pytest.mark.parametrize(
    "host",
    [
        "https://www.googleapis.com/compute/v1/",
        "https://compute.googleapis.com/compute/beta/",
        "http://127.0.0.1:1/compute/v1/",
        "",
    ],
)
def test_references_under_any_host(cloud: Client, host: str) -> None:
    body = {"name": "t", "instance": f"{host}{P}/{B}/instances/m1"}
    assert (
        cloud.made(f"{B}/targetInstances", body)["instance"]
        == f"https://www.googleapis.com/compute/v1/{P}/{B}/instances/m1"
    )


def test_a_pool_takes_vms_as_kubernetes_names_them(cloud: Client) -> None:
    pool = cloud.made(f"{R}/targetPools", {"name": "pool", "instances": [f"/{B}/instances/m1"]})
    assert pool["instances"] == [f"https://www.googleapis.com/compute/v1/{P}/{B}/instances/m1"]
