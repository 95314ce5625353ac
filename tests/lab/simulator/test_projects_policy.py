"""The project and its policy."""

from __future__ import annotations

import pytest
import requests

http = requests.Session()

USER = {"role": "roles/viewer", "members": ["user:dev@example.com"]}


@pytest.fixture
def project(simulator):
    return f"{simulator.url}/v1/projects/lab-project"


def test_by_id_and_by_number(simulator, project):
    found = http.get(project).json()
    assert found["projectId"] == "lab-project"
    assert http.get(f"{simulator.url}/v1/projects/{found['projectNumber']}").json() == found
    assert http.get(f"{simulator.url}/v1/projects/other").status_code == 403


def test_read_modify_write(project):
    read = http.post(f"{project}:getIamPolicy", json={"options": {"requestedPolicyVersion": 3}}).json()
    wanted = read | {"bindings": [USER, {"role": "roles/viewer", "members": ["user:Other@example.com"]}]}
    body = {"policy": wanted, "updateMask": "bindings,etag,auditConfigs"}
    written = http.post(f"{project}:setIamPolicy", json=body).json()
    assert written["bindings"] == [
        {"role": "roles/viewer", "members": ["user:dev@example.com", "user:other@example.com"]}
    ]
    assert http.post(f"{project}:setIamPolicy", json=body).status_code == 409


@pytest.mark.parametrize(
    "binding",
    [
        pytest.param({"role": "viewer", "members": ["user:a@b.c"]}, id="no role"),
        pytest.param({"role": "roles/viewer", "members": ["a@b.c"]}, id="no type"),
        pytest.param(
            USER | {"condition": {"title": "t", "expression": 'resource.name == "x"'}},
            id="condition before version 3",
        ),
    ],
)
def test_what_is_refused(project, binding):
    reply = http.post(f"{project}:setIamPolicy", json={"policy": {"bindings": [binding]}})
    assert reply.status_code == 400


def test_who_may(project):
    asked = {"permissions": ["compute.instances.list", "storage.buckets.create"]}
    assert http.post(f"{project}:testIamPermissions", json=asked).json() == asked
