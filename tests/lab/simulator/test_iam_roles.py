"""A project's own roles, and what an account may that the project's policy gives one."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client, Reply
from lab.simulator.server import Simulator

ROLES = "/v1/projects/lab-project/roles"
ACCOUNT = "masters@lab-project.iam.gserviceaccount.com"
ONE = "zones/europe-west1-b/instances"


@pytest.fixture
def cloud(simulator: Simulator) -> Client:
    client = Client(simulator.url)
    client.post("/v1/projects/lab-project/serviceAccounts", {"accountId": "masters"})
    return client


@pytest.fixture
def master(simulator: Simulator) -> Client:
    return Client(simulator.url, token=f"lab-serviceAccount:{ACCOUNT}")


def make(cloud: Client, *permissions: str, role: str = "dev_masters") -> Reply:
    return cloud.post(ROLES, {"roleId": role, "role": {"title": "t", "includedPermissions": permissions}})


def grant(cloud: Client, role: str, **condition: str) -> Reply:
    binding: dict[str, Any] = {"role": role, "members": [f"serviceAccount:{ACCOUNT}"]}
    policy: dict[str, Any] = {"version": 3, "bindings": [binding]}
    if condition:
        binding["condition"] = {"title": "c", **condition}
    return cloud.post("/v1/projects/lab-project:setIamPolicy", {"policy": policy})


def test_it_is_what_was_asked_for(cloud: Client) -> None:
    make(cloud, "compute.instances.list", "compute.instances.get")
    role = cloud.get(f"{ROLES}/dev_masters")
    assert role["name"] == "projects/lab-project/roles/dev_masters"
    assert role["includedPermissions"] == ["compute.instances.get", "compute.instances.list"]


@pytest.mark.parametrize(
    ("role", "permission", "text"),
    [
        pytest.param("a-b", "compute.instances.get", "role_id", id="a dash"),
        pytest.param("fine", "compute", "Permission compute is not valid", id="no permission"),
    ],
)
def test_refused(cloud: Client, role: str, permission: str, text: str) -> None:
    reply = make(cloud, permission, role=role)
    assert (reply.status, text in reply.message) == (400, True), reply.body


def test_what_is_patched_and_what_stays(cloud: Client) -> None:
    make(cloud, "compute.instances.get")
    cloud.patch(f"{ROLES}/dev_masters", {"includedPermissions": ["compute.instances.list"]})
    role = cloud.get(f"{ROLES}/dev_masters")
    assert (role["title"], role["includedPermissions"]) == ("t", ["compute.instances.list"])


def test_a_deleted_one_keeps_its_id_and_comes_back(cloud: Client) -> None:
    make(cloud, "compute.instances.get")
    cloud.delete(f"{ROLES}/dev_masters")
    again, deleted = make(cloud, "compute.instances.get"), cloud.get(f"{ROLES}/dev_masters")["deleted"]
    back = cloud.post(f"{ROLES}/dev_masters:undelete", {})
    assert (again.status, deleted, "deleted" in back.body) == (409, True, False)


@pytest.mark.parametrize(
    ("role", "permission", "status"),
    [
        pytest.param("projects/lab-project/roles/dev_masters", "compute.instances.list", 200, id="its own"),
        pytest.param("projects/lab-project/roles/dev_masters", "compute.instances.get", 403, id="another"),
        pytest.param("roles/compute.viewer", "compute.instances.get", 200, id="one of Google's"),
    ],
)
def test_an_account_may_what_its_role_has(
    cloud: Client, master: Client, role: str, permission: str, status: int
) -> None:
    make(cloud, permission)
    grant(cloud, role)
    assert master.get(ONE).status == status


def test_a_condition_is_on_the_resources_name(cloud: Client, master: Client) -> None:
    grant(
        cloud, "roles/compute.viewer", expression='resource.name.startsWith("projects/lab-project/zones/no")'
    )
    assert master.get(ONE).status == 403


def test_a_deleted_role_gives_nothing(cloud: Client, master: Client) -> None:
    make(cloud, "compute.instances.list")
    grant(cloud, "projects/lab-project/roles/dev_masters")
    cloud.delete(f"{ROLES}/dev_masters")
    assert master.get(ONE).status == 403
