"""What cluster-autoscaler asks of Compute Engine, call by call as its client makes them, with no right but what masters get:
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/gce/autoscaling_gce_client.go.
Its program can't be built here, for its module isn't served.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from components.workers import AUTOSCALER_MAY, MASTERS_MAY
from lab.simulator.client import Client
from lab.simulator.permissions import permission_of
from tests.lab.simulator.compute.bodies import B, R, refused
from tests.lab.simulator.compute.managed import GROUP, create, listed, manager, template

FIRST, SECOND = "dev-web-b-x1y2", "dev-web-b-z3w4"


@pytest.fixture
def asked(cloud: Client) -> Iterator[Client]:
    """A cloud with an empty group; what the test asks of it is what masters may."""
    environment = {"key": "kube-env", "value": "AUTOSCALER_ENV_VARS: node_labels=a=b;os=linux;arch=amd64"}
    cloud.made(f"{R}/instanceTemplates", template(metadata={"items": [environment]}))
    cloud.made(f"{B}/instanceGroupManagers", manager())
    before = cloud.journal()[-1]["seq"]
    yield cloud
    methods = {each["methodId"] for each in cloud.journal(before) if each["kind"] == "call"}
    assert {permission_of(method) for method in methods} <= {*MASTERS_MAY, *AUTOSCALER_MAY}


def test_it_learns_what_a_node_of_an_empty_group_would_be(asked: Client) -> None:
    assert asked.get(R)["zones"]
    assert asked.get("zones")["items"]
    group = asked.get(GROUP)
    assert (group["targetSize"], group["baseInstanceName"]) == (0, "dev-web-b")
    assert [each["name"] for each in asked.get(f"{B}/instanceGroupManagers")["items"]] == ["dev-web-b"]
    assert f"/{R}/instanceTemplates/" in group["instanceTemplate"], (
        "by this it takes the template for regional"
    )
    properties = asked.get(f"{R}/instanceTemplates/t")["properties"]
    assert [each["key"] for each in properties["metadata"]["items"]] == ["kube-env"]
    machine = asked.get(f"{B}/machineTypes/{properties['machineType']}")
    assert (machine["guestCpus"], machine["memoryMb"]) == (2, 4096)
    assert machine["name"] in {each["name"] for each in asked.get(f"{B}/machineTypes")["items"]}


def test_it_makes_machines_and_takes_one_away(asked: Client) -> None:
    operation = create(asked, FIRST, SECOND)
    assert asked.get(f"{B}/operations/{operation['name']}")["status"] == "DONE"
    assert asked.get(GROUP)["targetSize"] == 2
    assert {each["currentAction"] for each in listed(asked)} <= {"NONE", "CREATING"}
    instances = {each["instance"] for each in listed(asked)}
    assert all(f"/zones/{B.rpartition('/')[2]}/instances/" in each for each in instances)
    # GenerateInstanceUrl writes another host than Compute Engine's own links have.
    gone = f"https://www.googleapis.com/compute/v1/projects/lab-project/{B}/instances/{FIRST}"
    reply = asked.post(f"{GROUP}/deleteInstances", {"instances": [gone]})
    assert reply.status == 200, reply.body
    assert asked.get(GROUP)["targetSize"] == 1


def test_it_does_not_take_one_of_another_group(asked: Client) -> None:
    stranger = f"https://www.googleapis.com/compute/v1/projects/lab-project/{B}/instances/m1"
    refused(asked.post(f"{GROUP}/deleteInstances", {"instances": [stranger]}), 400, "invalid", "m1")
