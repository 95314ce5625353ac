"""VMs as a master's agent reads them."""

from __future__ import annotations

import pytest

from lab.simulator.client import Client
from node.host import compute
from node.host.compute import Compute, Vm
from node.host.managed_groups import ManagedGroups
from node.host.metadata_server import Metadata
from node.host.web import WebError
from tests.lab.simulator.compute.bodies import B, R, vm
from tests.lab.simulator.compute.managed import manager, template

PROJECT, ZONE, OTHER = "lab-project", "europe-west1-b", "europe-west1-c"


class Owner(Metadata):
    def authorization(self) -> dict[str, str]:
        return {"Authorization": "Bearer lab-owner@lab"}


@pytest.fixture
def asked(cloud: Client) -> Compute:
    return Compute(cloud.url, Owner("http://127.0.0.1:1"))


def test_one_vm(cloud: Client, asked: Compute) -> None:
    assert cloud.post("/v1/projects/lab-project/serviceAccounts", {"accountId": "workers"}).status == 200
    email = "workers@lab-project.iam.gserviceaccount.com"
    cloud.made(f"{B}/instances", vm("w1", serviceAccounts=[{"email": email, "scopes": ["cloud-platform"]}]))
    made = cloud.get(f"{B}/instances/w1").body
    address = made["networkInterfaces"][0]["networkIP"]
    assert asked.instance(PROJECT, ZONE, "w1") == Vm("w1", made["id"], "RUNNING", (email,), (address,))


def test_one_that_is_not_there(asked: Compute) -> None:
    assert asked.instance(PROJECT, ZONE, "m2") is None


def test_a_zones_vms_page_by_page(cloud: Client, asked: Compute, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("w1", "w2", "w3"):
        cloud.made(f"{B}/instances", vm(name))
    monkeypatch.setattr(compute, "PAGE", 2)
    assert {each.name for each in asked.instances(PROJECT, ZONE)} == {"m1", "w1", "w2", "w3"}
    assert asked.instances(PROJECT, OTHER) == []


def test_who_may_not_see_them_is_told_so_and_not_that_there_are_none(cloud: Client) -> None:
    class Nobody(Metadata):
        def authorization(self) -> dict[str, str]:
            return {"Authorization": "Bearer lab-serviceAccount:nobody@lab-project.iam.gserviceaccount.com"}

    nobody = Compute(cloud.url, Nobody("http://127.0.0.1:1"))
    for ask in (lambda: nobody.instance(PROJECT, ZONE, "m1"), lambda: nobody.instances(PROJECT, ZONE)):
        with pytest.raises(WebError, match="403"):
            ask()


@pytest.fixture
def groups(cloud: Client, asked: Compute) -> ManagedGroups:
    cloud.made(f"{R}/instanceTemplates", template())
    cloud.made(f"{B}/instanceGroupManagers", manager())
    return ManagedGroups(asked)


def test_a_group_makes_and_deletes_the_machines_that_masters_name(groups: ManagedGroups) -> None:
    groups.make(PROJECT, ZONE, "dev-web-b", ("dev-web-b-a1b2", "dev-web-b-c3d4"))
    seen = groups.look(PROJECT, ZONE, "dev-web-b")
    assert seen is not None
    assert {each.name for each in seen.machines} == {"dev-web-b-a1b2", "dev-web-b-c3d4"}
    assert {each.template for each in seen.machines} == {seen.template}
    groups.delete(PROJECT, ZONE, "dev-web-b", "dev-web-b-a1b2")
    groups.delete(PROJECT, ZONE, "dev-web-b", "dev-web-b-a1b2")  # Once more does no harm.
    after = groups.look(PROJECT, ZONE, "dev-web-b")
    assert after is not None
    assert [each.name for each in after.machines if each.action != "DELETING"] == ["dev-web-b-c3d4"]


def test_a_group_that_is_not_there(groups: ManagedGroups) -> None:
    assert groups.look(PROJECT, ZONE, "dev-db-b") is None
    with pytest.raises(WebError, match="there is no group dev-db-b"):
        groups.make(PROJECT, ZONE, "dev-db-b", ("dev-db-b-a1b2",))
