"""Buckets and their policies."""

from __future__ import annotations

import pytest
import requests

http = requests.Session()

MASTERS = "serviceAccount:masters@lab-project.iam.gserviceaccount.com"
AS_MASTERS = {"Authorization": f"Bearer lab-{MASTERS}"}


@pytest.fixture
def buckets(simulator):
    return f"{simulator.url}/storage/v1/b"


@pytest.fixture
def make(buckets):
    def make_(name="ha-test", **settings):
        return http.post(f"{buckets}?project=lab-project", json={"name": name, **settings})

    return make_


@pytest.fixture
def masters(simulator):
    """The service account that policies name must exist."""
    accounts = f"{simulator.url}/v1/projects/lab-project/serviceAccounts"
    assert http.post(accounts, json={"accountId": "masters"}).status_code == 200


def test_a_bucket_has_what_the_provider_reads_back(make):
    bucket = make(
        location="europe-west1",
        iamConfiguration={
            "uniformBucketLevelAccess": {"enabled": True},
            "publicAccessPrevention": "enforced",
        },
        versioning={"enabled": True},
        lifecycle={"rule": [{"action": {"type": "Delete"}, "condition": {"numNewerVersions": 3}}]},
        labels={"cluster": "dev"},
    ).json()
    assert (bucket["location"], bucket["locationType"]) == ("EUROPE-WEST1", "region")
    assert bucket["storageClass"] == "STANDARD"
    assert bucket["softDeletePolicy"]["retentionDurationSeconds"] == "604800"
    assert bucket["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"]
    assert bucket["projectNumber"].isdigit()
    assert "rpo" not in bucket


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("ab", 400, id="too short"),
        pytest.param("a" * 64, 400, id="too long"),
        pytest.param("Upper", 400, id="capitals"),
        pytest.param("-dash", 400, id="starts with a dash"),
        pytest.param("goog-x", 400, id="starts with goog"),
        pytest.param("my-google-bucket", 400, id="contains google"),
        pytest.param("192.168.0.1", 400, id="an address"),
        pytest.param("www.example.com", 403, id="a domain nobody verified"),
        pytest.param("a_b-1", 200, id="fine"),
    ],
)
def test_names(make, name, code):
    assert make(name).status_code == code


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"location": "atlantis"}, id="location"),
        pytest.param({"storageClass": "HOT"}, id="class"),
        pytest.param({"labels": {"Key": "v"}}, id="label"),
        pytest.param({"lifecycle": {"rule": [{"action": {"type": "Delete"}}]}}, id="rule without condition"),
        pytest.param({"softDeletePolicy": {"retentionDurationSeconds": "60"}}, id="soft delete too short"),
    ],
)
def test_what_is_refused(make, settings):
    assert make(**settings).status_code == 400


def test_a_name_is_given_once(make):
    make()
    again = make()
    assert again.status_code == 409
    assert again.json()["error"]["errors"][0]["reason"] == "conflict"


def test_a_patch_merges_and_moves_the_metageneration(make, buckets):
    make(labels={"a": "1", "b": "2"}, softDeletePolicy={"retentionDurationSeconds": "0"})
    patched = http.patch(f"{buckets}/ha-test", json={"labels": {"a": None, "c": "3"}}).json()
    assert patched["labels"] == {"b": "2", "c": "3"}
    assert patched["metageneration"] == "2"
    assert patched["softDeletePolicy"]["retentionDurationSeconds"] == "0"
    stale = http.patch(f"{buckets}/ha-test?ifMetagenerationMatch=1", json={"labels": None})
    assert stale.status_code == 412
    cleared = http.patch(f"{buckets}/ha-test", json={"labels": None, "lifecycle": {"rule": []}}).json()
    assert "labels" not in cleared
    assert "lifecycle" not in cleared
    assert http.patch(f"{buckets}/ha-test", json={"location": "EU"}).status_code == 400


def test_missing(buckets):
    reply = http.get(f"{buckets}/nothing")
    assert reply.status_code == 404
    assert reply.json()["error"]["message"] == "The specified bucket does not exist."


def test_a_policy_needs_the_present_etag_and_an_account_that_exists(make, buckets, masters):
    make(iamConfiguration={"uniformBucketLevelAccess": {"enabled": True}})
    url = f"{buckets}/ha-test/iam"
    policy = http.get(url, params={"optionsRequestedPolicyVersion": 3}).json()
    assert {b["role"] for b in policy["bindings"]} >= {"roles/storage.legacyBucketOwner"}
    policy["bindings"].append({"role": "roles/storage.objectUser", "members": [MASTERS]})
    assert http.put(url, json=policy).status_code == 200
    assert http.put(url, json=policy).status_code == 412
    policy.pop("etag")
    policy["bindings"][-1]["members"] = [MASTERS.replace("masters", "nobody")]
    refused = http.put(url, json=policy)
    assert refused.status_code == 400
    assert "does not exist" in refused.json()["error"]["message"]


def test_public_access_prevention_holds(make, buckets):
    make(iamConfiguration={"publicAccessPrevention": "enforced"})
    bindings = [{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]
    assert http.put(f"{buckets}/ha-test/iam", json={"bindings": bindings}).status_code == 412


def test_a_machine_may_do_what_the_policy_says_where_it_says_so(simulator, make, buckets, masters):
    make(iamConfiguration={"uniformBucketLevelAccess": {"enabled": True}})
    upload = f"{simulator.url}/upload/storage/v1/b/ha-test/o?uploadType=media&name="

    def write(name):
        return http.post(upload + name, data=b"x", headers=AS_MASTERS).status_code

    assert write("status/m1-b.json") == 403
    condition = {
        "title": "own",
        "expression": 'resource.name.startsWith("projects/_/buckets/ha-test/objects/status/")',
    }
    bindings = [
        {"role": "roles/storage.objectViewer", "members": [MASTERS]},
        {"role": "roles/storage.objectUser", "members": [MASTERS], "condition": condition},
    ]
    policy = {"version": 3, "bindings": bindings}
    assert http.put(f"{buckets}/ha-test/iam", json=policy).status_code == 200
    assert write("status/m1-b.json") == 200
    assert write("desired/members.json") == 403
    assert http.get(f"{buckets}/ha-test/o", headers=AS_MASTERS).status_code == 200
    assert http.delete(f"{buckets}/ha-test", headers=AS_MASTERS).status_code == 403


def test_a_condition_that_nobody_evaluates_is_refused(make, buckets, masters):
    make(iamConfiguration={"uniformBucketLevelAccess": {"enabled": True}})
    condition = {"title": "x", "expression": "request.time < timestamp('2030-01-01T00:00:00Z')"}
    binding = {"role": "roles/storage.objectUser", "members": [MASTERS], "condition": condition}
    reply = http.put(f"{buckets}/ha-test/iam", json={"version": 3, "bindings": [binding]})
    assert reply.status_code == 501


def test_caches_and_layout(make, buckets):
    make()
    assert "items" not in http.get(f"{buckets}/ha-test/anywhereCaches").json()
    assert http.get(f"{buckets}/ha-test/storageLayout").json()["bucket"] == "ha-test"


def test_logs_are_named_for_the_bucket(make):
    make("ha-logs")
    bucket = make("ha-logged", logging={"logBucket": "ha-logs"}).json()
    assert bucket["logging"] == {"logBucket": "ha-logs", "logObjectPrefix": "ha-logged"}
    named = make("ha-named", logging={"logBucket": "ha-logs", "logObjectPrefix": "mine"}).json()
    assert named["logging"]["logObjectPrefix"] == "mine"
