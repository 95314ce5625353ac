"""Tokens of service accounts, for whoever may become them."""

from __future__ import annotations

import pytest
import requests

from lab.simulator.server import Simulator

EMAIL = "deployer@lab-project.iam.gserviceaccount.com"
SCOPE = ["https://www.googleapis.com/auth/cloud-platform"]


@pytest.fixture
def account(simulator: Simulator) -> str:
    """One that `ci@lab` may become."""
    accounts = f"{simulator.url}/v1/projects/lab-project/serviceAccounts"
    requests.post(accounts, json={"accountId": "deployer"}, timeout=10).raise_for_status()
    binding = {"role": "roles/iam.serviceAccountTokenCreator", "members": ["user:ci@lab"]}
    policy = {"policy": {"bindings": [binding]}}
    requests.post(f"{accounts}/{EMAIL}:setIamPolicy", json=policy, timeout=10).raise_for_status()
    return EMAIL


def ask(simulator: Simulator, account: str, by: str = "ci@lab", **body: object) -> requests.Response:
    return requests.post(
        f"{simulator.url}/v1/projects/-/serviceAccounts/{account}:generateAccessToken",
        json={"scope": SCOPE} | body,
        headers={"authorization": f"Bearer lab-{by}"},
        timeout=10,
    )


def test_who_may_become_an_account_gets_its_token(simulator: Simulator, account: str) -> None:
    reply = ask(simulator, account, lifetime="600s").json()
    assert reply["accessToken"] == f"lab-serviceAccount:{account}"
    assert reply["expireTime"].endswith("Z")


@pytest.mark.parametrize(
    ("by", "body", "code"),
    [
        pytest.param("owner@lab", {}, 403, id="to own the project isn't enough"),
        pytest.param("ci@lab", {"delegates": [f"projects/-/serviceAccounts/{EMAIL}"]}, 403, id="no chain"),
        pytest.param("ci@lab", {"delegates": [EMAIL]}, 400, id="a delegate by its bare email"),
        pytest.param("ci@lab", {"scope": []}, 400, id="no scope"),
        pytest.param("ci@lab", {"lifetime": "7200s"}, 400, id="longer than an hour"),
    ],
)
def test_who_gets_none(
    simulator: Simulator, account: str, by: str, body: dict[str, object], code: int
) -> None:
    assert ask(simulator, account, by, **body).status_code == code


def test_an_account_that_is_not_there_is_as_one_that_is_denied(simulator: Simulator) -> None:
    assert ask(simulator, "nobody@lab-project.iam.gserviceaccount.com").status_code == 403


def test_the_journal_holds_no_token(simulator: Simulator, account: str) -> None:
    ask(simulator, account)
    assert "accessToken" not in str(
        [e for e in simulator.lab.journal.read(0, 10_000, None) if "lab-serv" in str(e)]
    )
