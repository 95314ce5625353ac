"""Service accounts."""

from __future__ import annotations

import pytest
import requests

http = requests.Session()


@pytest.fixture
def accounts(simulator):
    return f"{simulator.url}/v1/projects/lab-project/serviceAccounts"


def create(accounts, account_id="masters", **fields):
    return http.post(accounts, json={"accountId": account_id, "serviceAccount": fields})


def test_an_account_is_found_by_email_and_by_id(simulator, accounts):
    made = create(accounts, displayName="Masters").json()
    assert made["email"] == "masters@lab-project.iam.gserviceaccount.com"
    assert made["name"] == f"projects/lab-project/serviceAccounts/{made['email']}"
    assert len(made["uniqueId"]) == 21
    assert http.get(f"{accounts}/{made['email']}").json() == made
    anywhere = f"{simulator.url}/v1/projects/-/serviceAccounts/{made['uniqueId']}"
    assert http.get(anywhere).json() == made
    assert made in http.get(accounts).json()["accounts"]


@pytest.mark.parametrize(
    ("account_id", "code"),
    [
        pytest.param("short", 400, id="five characters"),
        pytest.param("sixsix", 200, id="six characters"),
        pytest.param("a" * 31, 400, id="31 characters"),
        pytest.param("1masters", 400, id="a digit first"),
        pytest.param("masters-", 400, id="a dash last"),
        pytest.param("Masters", 400, id="a capital"),
    ],
)
def test_account_ids(accounts, account_id, code):
    assert create(accounts, account_id).status_code == code


def test_an_id_is_given_once(accounts):
    create(accounts)
    again = create(accounts)
    assert (again.status_code, again.json()["error"]["status"]) == (409, "ALREADY_EXISTS")


def test_a_patch_needs_a_mask_and_the_present_etag(accounts):
    made = create(accounts, displayName="a", description="b").json()
    url = f"{accounts}/{made['email']}"
    body = {"updateMask": "display_name", "serviceAccount": {"displayName": "c", "etag": made["etag"]}}
    patched = http.patch(url, json=body).json()
    assert (patched["displayName"], patched["description"]) == ("c", "b")
    assert http.patch(url, json=body).json()["error"]["status"] == "ABORTED"
    assert http.patch(url, json={"serviceAccount": {}}).status_code == 400


def test_a_deleted_account_leaves_a_mark_in_policies_and_can_come_back(simulator, accounts):
    made = create(accounts).json()
    project = f"{simulator.url}/v1/projects/lab-project"
    member = f"serviceAccount:{made['email']}"
    policy = {"bindings": [{"role": "roles/logging.logWriter", "members": [member]}]}
    assert http.post(f"{project}:setIamPolicy", json={"policy": policy}).status_code == 200
    http.delete(f"{accounts}/{made['email']}")
    assert http.get(f"{accounts}/{made['email']}").status_code == 404

    def members():
        return http.post(f"{project}:getIamPolicy", json={}).json()["bindings"][0]["members"]

    assert members() == [f"deleted:{member}?uid={made['uniqueId']}"]
    restored = http.post(f"{accounts}/{made['uniqueId']}:undelete", json={}).json()
    assert restored["restoredAccount"]["email"] == made["email"]
    assert members() == [member]


def test_keys_are_refused(accounts):
    made = create(accounts).json()
    reply = http.post(f"{accounts}/{made['email']}/keys", json={})
    assert reply.json()["error"]["status"] == "FAILED_PRECONDITION"


def test_an_account_has_a_policy_of_its_own(accounts):
    made = create(accounts).json()
    url = f"{accounts}/{made['email']}"
    policy = http.post(f"{url}:getIamPolicy?options.requestedPolicyVersion=3").json()
    policy["bindings"] = [{"role": "roles/iam.serviceAccountUser", "members": ["user:dev@example.com"]}]
    assert http.post(f"{url}:setIamPolicy", json={"policy": policy}).status_code == 200
    assert http.post(f"{url}:setIamPolicy", json={"policy": policy}).status_code == 409


def test_an_account_made_anew_has_no_policy_of_the_old_one(accounts):
    url = f"{accounts}/{create(accounts).json()['email']}"
    bindings = [{"role": "roles/iam.serviceAccountUser", "members": ["user:dev@example.com"]}]
    http.post(f"{url}:setIamPolicy", json={"policy": {"bindings": bindings}})
    http.delete(url)
    create(accounts)
    assert "bindings" not in http.post(f"{url}:getIamPolicy").json()
