"""Signing in, through HTTP as it is: tokens from an endpoint, accounts of the simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from components.gates.wait import seen
from components.google.bucket import Bucket
from components.google.provider_config import ProviderConfig
from components.google.transport import Google
from lab.simulator.permissions import Permissions
from lab.simulator.server import Simulator
from tests.components.google.token_endpoint import TokenEndpoint, token_endpoint

DEPLOYER = "deployer@lab-project.iam.gserviceaccount.com"
BETWEEN = "between@lab-project.iam.gserviceaccount.com"
RULES = {"principals": {f"serviceAccount:{DEPLOYER}": ["roles/storage.admin"]}}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator(tmp_path_factory.mktemp("simulator"), permissions=Permissions(RULES)) as running:
        account(running, BETWEEN, "user:ci@lab")
        account(running, DEPLOYER, f"serviceAccount:{BETWEEN}", "user:somebody@lab")
        yield running


def account(simulator: Simulator, email: str, *may_become_it: str) -> None:
    accounts = f"{simulator.url}/v1/projects/lab-project/serviceAccounts"
    requests.post(accounts, json={"accountId": email.partition("@")[0]}, timeout=10).raise_for_status()
    binding = {"role": "roles/iam.serviceAccountTokenCreator", "members": list(may_become_it)}
    policy = {"policy": {"bindings": [binding]}}
    requests.post(f"{accounts}/{email}:setIamPolicy", json=policy, timeout=10).raise_for_status()


@pytest.fixture
def google(simulator: Simulator, tmp_path: Path) -> Callable[..., Google]:
    def make(**settings: Any) -> Google:
        endpoints = {
            "storageCustomEndpoint": f"{simulator.url}/storage/v1/",
            "iamCredentialsCustomEndpoint": f"{simulator.url}/v1/",
        }
        return Google(ProviderConfig.read((endpoints | settings).get, {"HOME": str(tmp_path)}))

    return make


@pytest.fixture
def tokens() -> Iterator[TokenEndpoint]:
    with token_endpoint("lab-ci@lab") as running:
        yield running


def caller(simulator: Simulator, google: Google) -> str:
    """Whom the simulator took it for."""
    assert not Bucket(google, "no-such-bucket").is_there()
    calls = [each for each in simulator.lab.journal.read(0, 10_000, None) if "principal" in each]
    return str(calls[-1]["principal"])


def test_a_token_is_used_as_it_is(simulator: Simulator, google: Callable[..., Google]) -> None:
    assert caller(simulator, google(accessToken="lab-somebody@lab")) == "somebody@lab"


def test_a_key_is_exchanged_once_for_all_calls(
    simulator: Simulator, google: Callable[..., Google], tokens: TokenEndpoint
) -> None:
    through = google(credentials=tokens.key())
    assert tokens.asked == []
    assert {caller(simulator, through) for _ in range(3)} == {"ci@lab"}
    assert len(tokens.asked) == 1


def test_an_account_is_impersonated_on_top_of_a_token(
    simulator: Simulator, google: Callable[..., Google]
) -> None:
    through = google(accessToken="lab-somebody@lab", impersonateServiceAccount=DEPLOYER)
    assert caller(simulator, through) == f"serviceAccount:{DEPLOYER}"


def test_an_account_is_impersonated_through_delegates_on_top_of_a_key(
    simulator: Simulator, google: Callable[..., Google], tokens: TokenEndpoint
) -> None:
    through = google(
        credentials=tokens.key(),
        impersonateServiceAccount=DEPLOYER,
        impersonateServiceAccountDelegates=f'["{BETWEEN}"]',
    )
    assert caller(simulator, through) == f"serviceAccount:{DEPLOYER}"


def test_who_may_not_become_an_account_is_told_so_and_by_whom(google: Callable[..., Google]) -> None:
    through = google(accessToken="lab-ci@lab", impersonateServiceAccount=DEPLOYER)
    told = seen(lambda: pytest.fail(str(Bucket(through, "b").is_there()))).reason
    assert told.startswith(f"can't be seen: signing in by gcp:accessToken and becoming {DEPLOYER}: ")
    assert "iam.serviceAccounts.getAccessToken" in told
    assert "lab-ci@lab" not in told


def test_a_key_that_google_refuses_keeps_a_gate_closed(
    google: Callable[..., Google], tokens: TokenEndpoint
) -> None:
    tokens.refuses = True
    key = tokens.key()
    told = seen(lambda: pytest.fail(str(Bucket(google(credentials=key), "b").is_there()))).reason
    assert told.startswith("can't be seen: signing in by gcp:credentials: ")
    assert "Invalid JWT Signature" in told
    assert "PRIVATE KEY" not in told


def test_a_key_that_is_damaged_is_told_without_being_shown(google: Callable[..., Google]) -> None:
    key = '{"type": "service_account", "client_email": "a", "token_uri": "b", "private_key": "unseen"}'
    told = seen(lambda: pytest.fail(str(Bucket(google(credentials=key), "b").is_there()))).reason
    assert told.startswith("can't be seen: signing in by gcp:credentials: ")
    assert "unseen" not in told
