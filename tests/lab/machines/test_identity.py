"""Identity tokens: what they claim, who signs them, and who gets none."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from lab.machines.identity import IdentityError, token
from lab.simulator.clock import ManualClock
from lab.simulator.server import Simulator
from tests.lab.machines.cloud import ACCOUNT, ZONE, Project

AUDIENCE = "ha-masters/dev"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """With the VM `m1`, on a clock that stands."""
    with Simulator(tmp_path, clock=ManualClock()) as running:
        project = Project(running.url)
        project.network()
        project.vm("m1")
        yield running


def instance(simulator: Simulator) -> dict[str, Any]:
    return next(doc for _, doc in simulator.lab.store.list("instances") if doc["name"] == "m1")


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims(simulator: Simulator, **query: str) -> dict[str, Any]:
    signed = token(simulator.lab, instance(simulator), {"audience": AUDIENCE} | query)
    found: dict[str, Any] = json.loads(decoded(signed.split(".")[1]))
    return found


def test_a_full_token_names_account_and_vm(simulator: Simulator) -> None:
    lab, vm = simulator.lab, instance(simulator)
    now = int(lab.clock.time())
    unique = (lab.store.get("iam.serviceAccounts", ACCOUNT) or {})["uniqueId"]
    assert claims(simulator, format="full") == {
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "azp": unique,
        "sub": unique,
        "email": ACCOUNT,
        "email_verified": True,
        "iat": now,
        "exp": now + 3600,
        "google": {
            "compute_engine": {
                "project_id": "lab-project",
                "project_number": int(lab.number),
                "zone": ZONE.rpartition("/")[2],
                "instance_id": vm["id"],
                "instance_name": "m1",
                "instance_creation_timestamp": now,
            }
        },
    }


@pytest.mark.parametrize("query", [{}, {"format": "standard"}], ids=["by default", "by name"])
def test_a_standard_token_names_neither_vm_nor_email(simulator: Simulator, query: dict[str, str]) -> None:
    assert set(claims(simulator, **query)) == {"iss", "aud", "azp", "sub", "iat", "exp"}


def test_licenses_come_on_request(simulator: Simulator) -> None:
    full = claims(simulator, format="full", licenses="TRUE")
    assert isinstance(full["google"]["compute_engine"]["license_id"], list)


def test_who_reads_the_keys_can_check_it(simulator: Simulator) -> None:
    header, payload, signature = token(simulator.lab, instance(simulator), {"audience": AUDIENCE}).split(".")
    (key,) = requests.get(f"{simulator.url}/oauth2/v3/certs", timeout=10).json()["keys"]
    e, n = (int.from_bytes(decoded(key[name]), "big") for name in ("e", "n"))
    public = RSAPublicNumbers(e, n).public_key()
    public.verify(decoded(signature), f"{header}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(decoded(header)) == {"alg": "RS256", "kid": key["kid"], "typ": "JWT"}


def test_the_discovery_document_leads_to_the_keys(simulator: Simulator) -> None:
    found = requests.get(f"{simulator.url}/.well-known/openid-configuration", timeout=10).json()
    assert found["issuer"] == "https://accounts.google.com"
    assert found["jwks_uri"] == "https://www.googleapis.com/oauth2/v3/certs"


def test_the_key_outlives_the_process(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        with Simulator(tmp_path) as running:
            found.append(requests.get(f"{running.url}/oauth2/v3/certs", timeout=10).json())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("query", "account", "status"),
    [
        pytest.param({}, True, 400, id="for nobody"),
        pytest.param({"audience": AUDIENCE, "format": "short"}, True, 400, id="a format that is none"),
        pytest.param({"audience": AUDIENCE}, False, 404, id="without an account"),
    ],
)
def test_refused(simulator: Simulator, query: dict[str, str], account: bool, status: int) -> None:
    vm = instance(simulator)
    if not account:
        del vm["serviceAccounts"]
    with pytest.raises(IdentityError) as refused:
        token(simulator.lab, vm, query)
    assert refused.value.status == status
