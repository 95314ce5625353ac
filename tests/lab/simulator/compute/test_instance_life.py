"""Instances started, stopped and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client
from lab.simulator.server import Simulator
from tests.lab.simulator.compute.bodies import B, P, refused

READ = "https://www.googleapis.com/auth/devstorage.read_only"


def test_a_stop_gives_the_ephemeral_address_back(cloud: Client) -> None:
    cloud.post(f"{B}/instances/m1/addAccessConfig?networkInterface=nic0", {})
    before = cloud.get(f"{B}/instances/m1")["networkInterfaces"][0]
    cloud.post(f"{B}/instances/m1/stop")
    stopped = cloud.get(f"{B}/instances/m1").body
    assert (stopped["status"], "natIP" in stopped["networkInterfaces"][0]["accessConfigs"][0]) == (
        "TERMINATED",
        False,
    )
    assert stopped["networkInterfaces"][0]["fingerprint"] != before["fingerprint"]
    cloud.post(f"{B}/instances/m1/start")
    assert cloud.get(f"{B}/instances/m1")["networkInterfaces"][0]["accessConfigs"][0]["natIP"]


def test_the_machine_type_changes_when_stopped(cloud: Client) -> None:
    body = {"machineType": f"{B}/machineTypes/e2-small"}
    assert cloud.post(f"{B}/instances/m1/setMachineType", body).status == 400
    cloud.post(f"{B}/instances/m1/stop")
    assert cloud.post(f"{B}/instances/m1/setMachineType", body).status == 200


def test_deletion_protection(cloud: Client) -> None:
    cloud.post(f"{B}/instances/m1/setDeletionProtection?deletionProtection=true")
    refused(cloud.delete(f"{B}/instances/m1"), 400, "invalidResourceUsage", "protected against deletion")


def test_events_tell_the_guest_model(simulator: Simulator, cloud: Client) -> None:
    seen: list[str] = []
    simulator.lab.events.subscribe(
        "*", lambda event, key="", **_: seen.append(f"{event} {key.rsplit('/', 1)[-1]}")
    )
    for action in ("stop", "start", "reset"):
        cloud.post(f"{B}/instances/m1/{action}")
    cloud.delete(f"{B}/instances/m1")
    assert [e for e in seen if e.startswith("instance")] == [
        "instance.stopping m1",
        "instance.stopped m1",
        "instance.started m1",
        "instance.reset m1",
        "instance.stopping m1",
        "instance.deleted m1",
    ]


def test_guest_attributes_need_the_switch(simulator: Simulator, cloud: Client) -> None:
    path = f"{B}/instances/m1/getGuestAttributes?queryPath=ha/"
    simulator.lab.store.put("guestAttributes", f"{P}/{B}/instances/m1", {"ha": {"ready": "yes"}})
    assert cloud.get(path).status == 404
    current = cloud.get(f"{B}/instances/m1")["metadata"]["fingerprint"]
    items = [{"key": "enable-guest-attributes", "value": "TRUE"}]
    cloud.post(f"{B}/instances/m1/setMetadata", {"fingerprint": current, "items": items})
    assert cloud.get(path)["queryValue"]["items"] == [{"namespace": "ha", "key": "ready", "value": "yes"}]


@pytest.mark.parametrize(
    ("body", "accounts"),
    [
        pytest.param({"scopes": [READ]}, [[READ]], id="scopes alone are the default account's"),
        pytest.param({}, [], id="neither takes the account away"),
    ],
)
def test_an_account_is_set(cloud: Client, body: dict[str, Any], accounts: list[list[str]]) -> None:
    default = cloud.get("")["defaultServiceAccount"]
    cloud.post(f"{B}/instances/m1/stop")
    assert cloud.post(f"{B}/instances/m1/setServiceAccount", body).status == 200
    found = cloud.get(f"{B}/instances/m1").body.get("serviceAccounts", [])
    assert found == [{"email": default, "scopes": scopes} for scopes in accounts]
