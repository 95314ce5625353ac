"""Legacy HTTP health checks, and target pools that have one."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, P, R, refused

CHECKS = "global/httpHealthChecks"


def test_what_is_not_said_is_as_google_has_it(cloud: Client) -> None:
    made = cloud.made(CHECKS, {"name": "nodes", "port": 10256, "requestPath": "/healthz"})
    assert (made["port"], made["requestPath"]) == (10256, "/healthz")
    assert [made[key] for key in ("checkIntervalSec", "timeoutSec", "healthyThreshold")] == [5, 5, 2]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        pytest.param({"timeoutSec": 10}, "Timeout must not be greater", id="longer than the interval"),
        pytest.param({"port": 70_000}, "Must be between 1 and 65535", id="no port"),
        pytest.param({"requestPath": "healthz"}, "Must begin with a slash", id="no path"),
        pytest.param({"healthyThreshold": 11}, "Must be between 1 and 10", id="too many"),
    ],
)
def test_what_is_refused(cloud: Client, more: dict[str, Any], says: str) -> None:
    refused(cloud.post(CHECKS, {"name": "nodes", **more}), 400, "invalid", says)


def test_an_update_replaces_all_and_a_patch_what_it_names(cloud: Client) -> None:
    cloud.made(CHECKS, {"name": "nodes", "port": 10256, "requestPath": "/healthz"})
    cloud.patch(f"{CHECKS}/nodes", {"healthyThreshold": 3})
    assert cloud.get(f"{CHECKS}/nodes")["port"] == 10256
    cloud.put(f"{CHECKS}/nodes", {"name": "nodes", "requestPath": "/livez"})
    assert (cloud.get(f"{CHECKS}/nodes")["port"], cloud.get(f"{CHECKS}/nodes")["healthyThreshold"]) == (80, 2)


def test_a_target_pool_keeps_its_check(cloud: Client) -> None:
    cloud.made(CHECKS, {"name": "nodes"})
    body = {
        "name": "pool",
        "healthChecks": ["global/httpHealthChecks/nodes"],
        "instances": [f"{P}/{B}/instances/m1"],
    }
    assert cloud.made(f"{R}/targetPools", body)["healthChecks"] == [
        f"https://www.googleapis.com/compute/v1/{P}/{CHECKS}/nodes"
    ]
    text = f"The http_health_check resource '{P}/{CHECKS}/nodes' is already being used by '{P}/{R}/targetPools/pool'"
    refused(cloud.delete(f"{CHECKS}/nodes"), 400, "resourceInUseByAnotherResource", text)
    cloud.delete(f"{R}/targetPools/pool")
    assert cloud.delete(f"{CHECKS}/nodes").status == 200


def test_a_target_pool_takes_one_that_exists(cloud: Client) -> None:
    body = {"name": "pool", "healthChecks": ["global/httpHealthChecks/nodes"]}
    refused(cloud.post(f"{R}/targetPools", body), 400, "invalid", "resource cannot be found")


def test_a_target_pool_takes_one_alone(cloud: Client) -> None:
    for name in ("one", "two"):
        cloud.made(CHECKS, {"name": name})
    body = {"name": "pool", "healthChecks": [f"{CHECKS}/one", f"{CHECKS}/two"]}
    refused(cloud.post(f"{R}/targetPools", body), 400, "invalid", "takes at most one health check")
