"""Instances and rules under the realistic profile, on a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.simulator.client import Client
from lab.simulator.clock import ManualClock
from lab.simulator.server import Simulator

R, B = "regions/europe-west1", "zones/europe-west1-b"
VM = {
    "name": "m1",
    "machineType": f"{B}/machineTypes/e2-medium",
    "disks": [
        {
            "boot": True,
            "autoDelete": True,
            "initializeParams": {"sourceImage": "projects/debian-cloud/global/images/family/debian-12"},
        }
    ],
    "networkInterfaces": [{"subnetwork": f"{R}/subnetworks/s"}],
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cloud(tmp_path: Path, clock: ManualClock) -> Iterator[Client]:
    with Simulator(tmp_path, clock=clock) as running:
        client = Client(running.url)
        client.made("global/networks", {"name": "n", "autoCreateSubnetworks": False})
        client.made(
            f"{R}/subnetworks", {"name": "s", "network": "global/networks/n", "ipCidrRange": "10.0.0.0/24"}
        )
        client.post("/lab/v1/profile", {"profile": "realistic"})
        yield client


def test_an_instances_life(cloud: Client, clock: ManualClock) -> None:
    def status(after: float) -> str:
        clock.advance(after)
        reply = cloud.get(f"{B}/instances/m1")
        return str(reply["status"]) if reply.status == 200 else str(reply.status)

    cloud.post(f"{B}/instances", VM)
    seen = [status(0), status(5), status(8)]
    cloud.post(f"{B}/instances/m1/stop")
    seen += [status(0), status(41)]
    cloud.post(f"{B}/instances/m1/start")
    seen += [status(0), status(11)]
    cloud.delete(f"{B}/instances/m1")
    seen += [status(0), status(41)]
    assert seen == [
        *(
            "PROVISIONING",
            "STAGING",
            "RUNNING",
            "STOPPING",
            "TERMINATED",
            "STAGING",
            "RUNNING",
            "STOPPING",
            "404",
        ),
    ]


def test_the_address_is_free_when_the_rule_is_gone(cloud: Client, clock: ManualClock) -> None:
    cloud.post(f"{R}/addresses", {"name": "api"})
    cloud.post(f"{B}/instances", VM)
    clock.advance(60)
    cloud.post(f"{B}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
    clock.advance(60)
    rule = {"name": "api", "IPAddress": f"{R}/addresses/api", "target": f"{B}/targetInstances/t"}
    cloud.post(f"{R}/forwardingRules", rule)
    clock.advance(60)
    cloud.delete(f"{R}/forwardingRules/api")
    held = cloud.get(f"{R}/addresses/api")["status"]
    again = cloud.delete(f"{R}/forwardingRules/api")
    clock.advance(11)
    assert (held, again.reason) == ("IN_USE", "resourceNotReady")
    assert cloud.get(f"{R}/addresses/api")["status"] == "RESERVED"
    entry = [e for e in cloud.journal() if e["kind"] == "operation"][-1]
    assert (entry["methodId"], entry["facts"]["forwardingRules"]) == ("compute.forwardingRules.delete", {})


def test_a_failing_operation_fails_at_its_end(cloud: Client, clock: ManualClock) -> None:
    action = {"type": "op_error", "code": "QUOTA_EXCEEDED", "message": "no"}
    cloud.fault(method="compute.instances.insert", action=action)
    operation = cloud.post(f"{B}/instances", VM)
    path = operation["selfLink"].split("/lab-project/")[1]
    assert (operation["status"], "error" in operation.body) == ("RUNNING", False)
    clock.advance(13)
    assert cloud.get(path)["error"]["errors"][0]["code"] == "QUOTA_EXCEEDED"
    assert cloud.get(f"{B}/instances/m1").status == 404
