"""Regional instance templates: what is refused, what a VM of one has, and who holds one."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, P, R, refused
from tests.lab.simulator.compute.managed import GROUP, create, listed, manager, template

T = f"{R}/instanceTemplates"


@pytest.mark.parametrize(
    ("properties", "reason", "text"),
    [
        pytest.param({"machineType": ""}, "required", "properties.machineType", id="no type"),
        pytest.param({"machineType": "e2-huge"}, "invalid", "e2-huge", id="a type that isn't"),
        pytest.param(
            {"machineType": f"{B}/machineTypes/e2-medium"}, "invalid", "must be a name", id="a type's URL"
        ),
        pytest.param(
            {"networkInterfaces": [{"subnetwork": f"{R}/subnetworks/no"}]},
            "invalid",
            "The referenced subnetwork resource cannot be found.",
            id="no subnet",
        ),
        pytest.param({"tags": {"items": ["Bad"]}}, "invalid", "Must be a match of regex", id="tag"),
        pytest.param(
            {"metadata": {"items": [{"key": "k", "value": "x" * 262_145}]}},
            "fieldSizeTooLarge",
            "resource.properties.metadata",
            id="metadata",
        ),
        pytest.param({"labels": {"A": "b"}}, "invalid", "resource.properties.labels", id="label"),
    ],
)
def test_refused(cloud: Client, properties: dict[str, Any], reason: str, text: str) -> None:
    refused(cloud.post(T, template(**properties)), 400, reason, text)


def test_google_says_what_becomes_of_a_spot_machine(cloud: Client) -> None:
    cloud.made(T, template(scheduling={"provisioningModel": "SPOT"}))
    assert cloud.get(f"{T}/t")["properties"]["scheduling"] == {
        "onHostMaintenance": "TERMINATE",
        "automaticRestart": False,
        "preemptible": True,
        "provisioningModel": "SPOT",
        "instanceTerminationAction": "STOP",
    }


def test_nobody_asks_whether_its_machine_can_be_moved(cloud: Client) -> None:
    cloud.made(T, template(scheduling={"onHostMaintenance": "TERMINATE"}))


def test_it_shows_what_was_asked_for(cloud: Client) -> None:
    cloud.made(T, template())
    shown = cloud.get(f"{T}/t")["properties"]
    assert shown["networkInterfaces"][0]["aliasIpRanges"][0]["ipCidrRange"] == "/24"
    assert (shown["machineType"], shown["tags"]["items"]) == ("e2-medium", ["dev-worker"])


def test_it_is_listed_in_its_region(cloud: Client) -> None:
    cloud.made(T, template())
    everywhere = cloud.get("aggregated/instanceTemplates")["items"]
    assert [each["name"] for each in cloud.get(T)["items"]] == ["t"]
    assert list(everywhere) == [R]


def test_its_name_is_taken(cloud: Client) -> None:
    cloud.made(T, template())
    refused(cloud.post(T, template()), 409, "alreadyExists", f"{P}/{T}/t")


def test_a_service_account_is_looked_for_when_a_vm_is_made(cloud: Client) -> None:
    cloud.made(T, template(serviceAccounts=[{"email": "no@x.y", "scopes": []}]))
    cloud.made(f"{B}/instanceGroupManagers", manager(1))
    (member,) = listed(cloud)
    assert (
        "does not have access to service account" in member["lastAttempt"]["errors"]["errors"][0]["message"]
    )


@pytest.mark.parametrize("moved", [pytest.param(False, id="its group"), pytest.param(True, id="a VM of it")])
def test_it_stays_while_it_is_used(cloud: Client, moved: bool) -> None:
    cloud.made(T, template())
    cloud.made(T, template("t2"))
    cloud.made(f"{B}/instanceGroupManagers", manager())
    if moved:
        create(cloud, "dev-web-b-0001")
        cloud.patch(GROUP, {"versions": [{"instanceTemplate": f"{T}/t2"}]})
    error = cloud.delete(f"{T}/t")["error"]["errors"][0]
    text = f"The instance_template resource '{P}/{T}/t' is already being used by '{P}/{GROUP}'"
    assert (error["code"], error["message"]) == ("RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", text)
    assert cloud.get(f"{T}/t").status == 200


def test_it_goes_when_nothing_is_made_of_it(cloud: Client) -> None:
    cloud.made(T, template())
    cloud.made(f"{B}/instanceGroupManagers", manager(1))
    cloud.delete(GROUP)
    cloud.delete(f"{T}/t")
    assert cloud.get(f"{T}/t").status == 404


def test_one_can_not_be_made_of_an_instance(cloud: Client) -> None:
    body = {"name": "t", "sourceInstance": f"{B}/instances/m1"}
    refused(cloud.post(T, body), 501, "notImplemented", "no templates of instances")
