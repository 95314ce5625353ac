"""References between resources: how they are written, and that they block deletes."""

from __future__ import annotations

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, P, R, refused, rule


@pytest.mark.parametrize(
    ("path", "noun", "user"),
    [
        (f"{R}/backendServices/bs", "backend_service", f"{R}/forwardingRules/api"),
        (f"{B}/instanceGroups/ig", "instance_group", f"{R}/backendServices/bs"),
        (f"{R}/healthChecks/hc", "health_check", f"{R}/backendServices/bs"),
        (f"{B}/disks/m1", "disk", f"{B}/instances/m1"),
        (f"{R}/subnetworks/s", "subnetwork", f"{B}/instances/m1"),
        ("global/networks/n", "network", f"{R}/subnetworks/s"),
    ],
)
def test_texts(balanced: Client, path: str, noun: str, user: str) -> None:
    text = f"The {noun} resource '{P}/{path}' is already being used by '{P}/{user}'"
    refused(balanced.delete(path), 400, "resourceInUseByAnotherResource", text)


def test_a_target_instance(cloud: Client) -> None:
    cloud.made(f"{B}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
    cloud.made(f"{R}/forwardingRules", rule(target=f"{B}/targetInstances/t"))
    text = f"The target_instance resource '{P}/{B}/targetInstances/t' is already being used by"
    refused(cloud.delete(f"{B}/targetInstances/t"), 400, "resourceInUseByAnotherResource", text)


def test_a_resource_policy(cloud: Client) -> None:
    daily = {"dailySchedule": {"daysInCycle": 1, "startTime": "04:00"}}
    cloud.made(f"{R}/resourcePolicies", {"name": "p", "snapshotSchedulePolicy": {"schedule": daily}})
    url = f"{R}/resourcePolicies/p"
    assert cloud.post(f"{B}/disks/m1/addResourcePolicies", {"resourcePolicies": [url]}).status == 200
    refused(cloud.delete(url), 400, "resourceInUseByAnotherResource", "resource_policy")
    cloud.post(f"{B}/disks/m1/removeResourcePolicies", {"resourcePolicies": [url]})
    assert cloud.delete(url).status == 200


def test_in_order_everything_goes(balanced: Client) -> None:
    paths = [f"{R}/forwardingRules/api", f"{R}/backendServices/bs", f"{B}/instanceGroups/ig"]
    paths += [f"{R}/healthChecks/hc", f"{B}/instances/m1", f"{R}/addresses/api", f"{R}/subnetworks/s"]
    assert [balanced.delete(p).status for p in [*paths, "global/networks/n"]] == [200] * 8


def test_self_links_are_googles(cloud: Client) -> None:
    assert (
        cloud.get(f"{B}/instances/m1")["selfLink"]
        == f"https://www.googleapis.com/compute/v1/{P}/{B}/instances/m1"
    )
