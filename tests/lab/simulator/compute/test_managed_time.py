"""Managed groups under the realistic profile, on a clock that a test moves; and with guests that take time to shut down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.simulator.client import Client
from lab.simulator.clock import ManualClock
from lab.simulator.server import Simulator
from tests.lab.simulator.compute.bodies import B, R
from tests.lab.simulator.compute.managed import GROUP, create, delete, listed, manager, template

NAME = "dev-web-b-0001"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def running(tmp_path: Path, clock: ManualClock) -> Iterator[Simulator]:
    with Simulator(tmp_path, clock=clock) as simulator:
        yield simulator


@pytest.fixture
def cloud(running: Simulator) -> Client:
    """An empty group, and from now on all takes its time."""
    client = Client(running.url)
    client.made("global/networks", {"name": "n", "autoCreateSubnetworks": False})
    ranges = [{"rangeName": "pods", "ipCidrRange": "10.8.0.0/16"}]
    subnet = {"name": "s", "network": "global/networks/n", "ipCidrRange": "10.0.0.0/24"}
    client.made(f"{R}/subnetworks", subnet | {"secondaryIpRanges": ranges})
    client.made(f"{R}/instanceTemplates", template())
    client.made(f"{B}/instanceGroupManagers", manager())
    client.post("/lab/v1/profile", {"profile": "realistic"})
    return client


def seen(cloud: Client, clock: ManualClock, *seconds: float) -> list[tuple[str, str]]:
    """Action and status of the only member, after each of these further seconds."""
    found = []
    for after in seconds:
        clock.advance(after)
        members = listed(cloud)
        found += [(m["currentAction"], m.get("instanceStatus", "")) for m in members] or [("", "")]
    return found


def test_a_members_life(cloud: Client, clock: ManualClock) -> None:
    create(cloud, NAME)
    up = seen(cloud, clock, 0, 4, 5, 9)
    delete(cloud, NAME)
    down = seen(cloud, clock, 0, 4, 41)
    assert up == [
        ("CREATING", ""),
        ("CREATING", "PROVISIONING"),
        ("CREATING", "STAGING"),
        ("NONE", "RUNNING"),
    ]
    assert down == [("DELETING", "RUNNING"), ("DELETING", "STOPPING"), ("", "")]


def test_the_groups_operation_does_not_wait_for_its_instances(cloud: Client, clock: ManualClock) -> None:
    path = create(cloud, NAME)["selfLink"].split("/lab-project/")[1]
    clock.advance(4)
    assert (cloud.get(path)["status"], cloud.get(GROUP)["status"]["isStable"]) == ("DONE", False)


def test_its_deletion_waits_for_them(cloud: Client, clock: ManualClock) -> None:
    create(cloud, NAME)
    clock.advance(4)
    cloud.get(GROUP)
    clock.advance(20)
    path = cloud.delete(GROUP)["selfLink"].split("/lab-project/")[1]
    states = []
    for after in (4, 41):
        clock.advance(after)
        states.append(cloud.get(path)["status"])
    assert (states[0], states[-1], cloud.get(GROUP).status) == ("RUNNING", "DONE", 404)


def test_what_failed_is_tried_again(cloud: Client, clock: ManualClock) -> None:
    cloud.post("/lab/v1/quotas", {"INSTANCES": 0})
    create(cloud, NAME)
    clock.advance(4)
    failed = listed(cloud)[0]["lastAttempt"]
    cloud.post("/lab/v1/quotas", {"INSTANCES": 5})
    states = seen(cloud, clock, 5, 6, 13)
    assert failed["errors"]["errors"][0]["code"] == "QUOTA_EXCEEDED"
    assert states == [("CREATING", ""), ("CREATING", "PROVISIONING"), ("NONE", "RUNNING")]
    assert listed(cloud)[0]["lastAttempt"] == {}


def test_a_guest_shuts_down_first(running: Simulator, cloud: Client, clock: ManualClock) -> None:
    create(cloud, NAME)
    seen(cloud, clock, 4, 20)
    running.lab.guest_on = lambda key: key.endswith(NAME)
    delete(cloud, NAME)
    waiting = seen(cloud, clock, 4, 60)
    running.lab.guest_on = lambda _key: False
    assert waiting == [("DELETING", "STOPPING")] * 2
    assert seen(cloud, clock, 1) == [("", "")]
