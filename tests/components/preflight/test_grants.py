"""What a cluster's machines have been granted, and what was taken from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.preflight.facts import Made, Unasked
from components.preflight.grants import Found, find, judge, wanted
from components.resource_names import Names
from lab.simulator.client import Client
from tests.components.preflight.projects import stack, through

CONFIG = stack(1)
NAMES = Names("dev", "lab-project")
MASTERS = f"{NAMES.service_account_id}@lab-project.iam.gserviceaccount.com"
WORKERS = f"{NAMES.workers_account_id}@lab-project.iam.gserviceaccount.com"
BUCKET, SECRET, PROJECT = f"the bucket {NAMES.bucket}", "the secret dev-m1-b-pki", "the project lab-project"
MADE = Made(frozenset({"m1-b"}), bucket=True)
POOLED = replace(MADE, workers={("web", "europe-west1-b"): 1})


def bound(role: str) -> dict[str, Any]:
    return {"bindings": [{"role": f"roles/{role}", "members": [f"serviceAccount:{MASTERS}"]}]}


OBJECTS, ACCESS = bound("storage.objectUser"), bound("secretmanager.secretAccessor")
WELL = Found({MASTERS: False}, {BUCKET: OBJECTS, SECRET: ACCESS})


@pytest.mark.parametrize(
    ("made", "on"),
    [
        pytest.param(Made(), [], id="nothing is made"),
        pytest.param(MADE, [BUCKET, SECRET], id="a master"),
        pytest.param(POOLED, [BUCKET, SECRET, BUCKET, PROJECT], id="a master and workers"),
    ],
)
def test_what_is_granted(made: Made, on: list[str]) -> None:
    assert [grant.on for grant in wanted(CONFIG, made)] == on


@pytest.mark.parametrize(
    ("found", "verdict", "says"),
    [
        pytest.param(WELL, "ok", "the 2 roles that they were given", id="well"),
        pytest.param(replace(WELL, accounts={MASTERS: True}), "note", "is disabled", id="disabled"),
        pytest.param(replace(WELL, accounts={MASTERS: None}), "stop", "undelete", id="gone"),
        pytest.param(
            replace(WELL, policies={BUCKET: OBJECTS, SECRET: {}}),
            "note",
            f"{MASTERS} lacks roles/secretmanager.secretAccessor on {SECRET}. Run `pulumi up`.",
            id="taken away",
        ),
        pytest.param(
            replace(WELL, policies={BUCKET: None, SECRET: ACCESS}), "note", "it isn't there", id="no bucket"
        ),
        pytest.param(
            replace(WELL, policies={BUCKET: Unasked("Google answered 403 Forbidden"), SECRET: ACCESS}),
            "unknown",
            "403 Forbidden",
            id="not asked",
        ),
    ],
)
def test_what_it_means(found: Found, verdict: str, says: str) -> None:
    (line,) = judge(wanted(CONFIG, MADE), found)
    assert (line.verdict, says in line.text) == (verdict, True), line


def test_google_is_asked(cloud: Client) -> None:
    found = find(CONFIG, through(), wanted(CONFIG, POOLED))
    assert found.accounts == {MASTERS: None, WORKERS: None}
    assert [found.policies[on] for on in (BUCKET, SECRET)] == [None, None]
    assert not isinstance(found.policies[PROJECT], Unasked | None)


def test_a_cluster_that_has_what_it_was_given_is_well(cloud: Client) -> None:
    """Granted as the provider grants it."""
    secrets = "/v1/projects/lab-project/secrets"
    account, automatic = {"accountId": NAMES.service_account_id}, {"replication": {"automatic": {}}}
    assert cloud.post("/v1/projects/lab-project/serviceAccounts", account).status == 200
    assert cloud.post("/storage/v1/b?project=lab-project", {"name": NAMES.bucket}).status == 200
    assert cloud.put(f"/storage/v1/b/{NAMES.bucket}/iam", OBJECTS).status == 200
    assert cloud.post(f"{secrets}?secretId=dev-m1-b-pki", automatic).status == 200
    grants = wanted(CONFIG, MADE)
    assert [line.verdict for line in judge(grants, find(CONFIG, through(), grants))] == ["note"]
    assert cloud.post(f"{secrets}/dev-m1-b-pki:setIamPolicy", {"policy": ACCESS}).status == 200
    assert [line.verdict for line in judge(grants, find(CONFIG, through(), grants))] == ["ok"]
