"""Secrets, versions and who may read them."""

from __future__ import annotations

import base64

import pytest
import requests

http = requests.Session()

PAYLOAD = b"-----BEGIN PRIVATE KEY----- very secret"
MASTERS = "serviceAccount:masters@lab-project.iam.gserviceaccount.com"
AS_MASTERS = {"Authorization": f"Bearer lab-{MASTERS}"}


@pytest.fixture
def secrets(simulator):
    return f"{simulator.url}/v1/projects/lab-project/secrets"


@pytest.fixture
def secret(secrets):
    """The URL of a secret with one version."""
    made = http.post(
        f"{secrets}?secretId=m1-b", json={"replication": {"automatic": {}}, "labels": {"a": "b"}}
    )
    assert made.status_code == 200, made.text
    add(f"{secrets}/m1-b", PAYLOAD)
    return f"{secrets}/m1-b"


def add(secret, data):
    return http.post(f"{secret}:addVersion", json={"payload": {"data": base64.b64encode(data).decode()}})


def test_a_name_carries_the_projects_number(simulator, secret):
    name = http.get(secret).json()["name"]
    assert name == f"projects/{simulator.lab.number}/secrets/m1-b"
    assert http.get(f"{simulator.url}/v1/{name}/versions/1").json()["state"] == "ENABLED"


def test_a_replication_that_is_null_was_not_asked_for(secrets):
    asked = {"replication": {"automatic": None, "userManaged": {"replicas": [{"location": "europe-west1"}]}}}
    made = http.post(f"{secrets}?secretId=m2-c", json=asked)
    assert made.json()["replication"] == {"userManaged": {"replicas": [{"location": "europe-west1"}]}}


def test_access_gives_the_payload_and_its_checksum(secret):
    reply = http.get(f"{secret}/versions/latest:access").json()
    assert base64.b64decode(reply["payload"]["data"]) == PAYLOAD
    assert reply["name"].endswith("/versions/1")
    again = http.post(
        f"{secret}:addVersion",
        json={"payload": {"data": reply["payload"]["data"], "dataCrc32c": reply["payload"]["dataCrc32c"]}},
    )
    assert again.json()["clientSpecifiedPayloadChecksum"]


def test_no_payload_reaches_the_journal(simulator, secret):
    http.get(f"{secret}/versions/1:access")
    text = http.get(f"{simulator.url}/lab/v1/journal").text
    assert "addVersion" in text
    assert base64.b64encode(PAYLOAD).decode() not in text
    assert "very secret" not in text


def test_the_life_of_versions(secret):
    add(secret, b"two")
    assert http.post(f"{secret}/versions/2:disable", json={}).json()["state"] == "DISABLED"
    disabled = http.get(f"{secret}/versions/latest:access")
    assert disabled.status_code == 400
    assert disabled.json()["error"]["status"] == "FAILED_PRECONDITION"
    assert "is in DISABLED state" in disabled.json()["error"]["message"]
    assert http.post(f"{secret}/versions/2:enable").json()["state"] == "ENABLED"
    destroyed = http.post(f"{secret}/versions/2:destroy").json()
    assert (destroyed["state"], "destroyTime" in destroyed) == ("DESTROYED", True)
    assert http.post(f"{secret}/versions/2:enable").status_code == 400
    assert add(secret, b"three").json()["name"].endswith("/versions/3")
    listed = http.get(f"{secret}/versions").json()
    assert [v["name"].rsplit("/", 1)[-1] for v in listed["versions"]] == ["3", "2", "1"]
    assert listed["totalSize"] == 3


def test_only_whom_the_policy_names_reads(simulator, secret):
    accounts = f"{simulator.url}/v1/projects/lab-project/serviceAccounts"
    http.post(accounts, json={"accountId": "masters"})
    denied = http.get(f"{secret}/versions/1:access", headers=AS_MASTERS)
    assert denied.status_code == 403
    assert "Permission 'secretmanager.versions.access' denied" in denied.json()["error"]["message"]
    missing = http.get(f"{secret}-none/versions/1:access", headers=AS_MASTERS)
    assert missing.status_code == 403, "who may not look isn't told what exists"
    policy = http.get(f"{secret}:getIamPolicy?options.requestedPolicyVersion=3").json()
    policy["bindings"] = [{"role": "roles/secretmanager.secretAccessor", "members": [MASTERS]}]
    assert http.post(f"{secret}:setIamPolicy", json={"policy": policy}).status_code == 200
    assert http.get(f"{secret}/versions/1:access", headers=AS_MASTERS).status_code == 200
    assert http.get(secret, headers=AS_MASTERS).status_code == 403
    stale = http.post(f"{secret}:setIamPolicy", json={"policy": policy})
    assert (stale.status_code, stale.json()["error"]["status"]) == (409, "ABORTED")


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        pytest.param("secretId=a.b", {"replication": {"automatic": {}}}, 400, id="bad id"),
        pytest.param("secretId=x", {}, 400, id="no replication"),
        pytest.param("secretId=m1-b", {"replication": {"automatic": {}}}, 409, id="taken"),
    ],
)
def test_what_is_refused(secrets, secret, query, body, code):
    assert http.post(f"{secrets}?{query}", json=body).status_code == code


def test_payloads_have_limits(secret):
    assert add(secret, b"x" * 65_537).status_code == 400
    assert add(secret, b"").status_code == 400
    wrong = {"payload": {"data": "eA==", "dataCrc32c": "1"}}
    assert http.post(f"{secret}:addVersion", json=wrong).status_code == 400


def test_a_patch_changes_what_its_mask_names(secret):
    before = http.get(secret).json()
    after = http.patch(f"{secret}?updateMask=labels,annotations", json={"labels": {"c": "d"}}).json()
    assert after["labels"] == {"c": "d"}
    assert after["etag"] != before["etag"]
    assert http.patch(f"{secret}?updateMask=replication", json={}).status_code == 400
    stale = http.patch(f"{secret}?updateMask=labels", json={"labels": {}, "etag": before["etag"]})
    assert stale.json()["error"]["status"] == "FAILED_PRECONDITION"


def test_a_deleted_secret_takes_its_versions_along(secrets, secret):
    assert http.delete(secret).status_code == 200
    assert http.get(secret).json()["error"]["status"] == "NOT_FOUND"
    http.post(f"{secrets}?secretId=m1-b", json={"replication": {"automatic": {}}})
    assert http.get(f"{secret}/versions/1").status_code == 404
    assert "has no versions" in http.get(f"{secret}/versions/latest:access").json()["error"]["message"]
