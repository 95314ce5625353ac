"""Who may be a worker, and what of it stands in the API server's file."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.contract.api_server import Issuer
from node.contract.worker_identity import ISSUER
from node.manifests.apiserver_files import authentication
from node.manifests.files import authentication as file
from node.manifests.worker_authentication import may_be_worker, worker_jwt
from tests.node.manifests.machines import MACHINE
from tests.node.manifests.pools import NONE, POOLS

B, C = "europe-west1-b", "europe-west1-c"


@pytest.mark.parametrize(
    ("zone", "name", "may"),
    [
        pytest.param(B, "dev-web-b-x1z9", True, id="a VM of the pool"),
        pytest.param(C, "dev-web-c-0000", True, id="of its other zone"),
        pytest.param(C, "dev-web-b-x1z9", False, id="in another zone than its name says"),
        pytest.param(C, "dev-db-c-x1z9", False, id="in a zone that this pool hasn't"),
        pytest.param("europe-west1-d", "dev-web-d-x1z9", False, id="in a zone that no pool has"),
        pytest.param(B, "dev-m1-b", False, id="a master"),
        pytest.param(B, "dev-m1-b-x1z9", False, id="a pool that isn't asked for"),
        pytest.param(B, "dev-web-b-x1z", False, id="too short"),
        pytest.param(B, "dev-web-b-x1z99", False, id="too long"),
        pytest.param(B, "dev-web-b-X1Z9", False, id="other letters"),
        pytest.param(B, "dev-web-b-x1z9\n", False, id="with a line's end"),
        pytest.param(B, "prod-web-b-x1z9", False, id="of another cluster"),
        pytest.param(B, "a-dev-web-b-x1z9", False, id="with something in front"),
        pytest.param(f"{B}/dev-web-b-x1z9\n{B}", "dev-web-b-x1z9", False, id="two lines"),
    ],
)
def test_a_worker_is_a_vm_of_a_pool_in_that_pools_zone(zone: str, name: str, *, may: bool) -> None:
    assert may_be_worker(POOLS, zone, name) == may


@given(
    replica=st.from_regex(r"[a-z]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True), letter=st.sampled_from("bcd")
)
def test_no_masters_name_is_a_workers(replica: str, letter: str) -> None:
    assert not may_be_worker(POOLS, f"europe-west1-{letter}", f"dev-{replica}-{letter}")


def test_without_a_pool_nobody_is_a_worker() -> None:
    assert not may_be_worker(NONE, B, "-x1z9")


def test_the_rule_that_the_api_server_reads_is_the_same() -> None:
    rules = worker_jwt(POOLS, "127.0.0.1", "PEM")["claimValidationRules"]
    pattern = json.loads(re.findall(r"matches\((.*)\)$", rules[-1]["expression"])[0])
    assert pattern == (
        "^(europe-west1-b/dev-db-b|europe-west1-b/dev-web-b|europe-west1-c/dev-web-c)-[a-z0-9]{4}$"
    )


@pytest.mark.parametrize("pools", [pytest.param(None, id="no pools"), pytest.param(NONE, id="an empty list")])
def test_without_pools_the_file_is_what_it_was(pools: None) -> None:
    assert json.loads(file(MACHINE, "PEM", pools).text) == authentication()


def test_the_operators_own_entry_for_the_issuer_stands_alone() -> None:
    """With one issuer twice no API server starts; the program refuses such a config."""
    own = (Issuer(ISSUER, ("kubernetes",)),)
    assert authentication(own, worker_jwt(POOLS, "127.0.0.1", "PEM")) == authentication(own)


def test_other_issuers_of_the_operators_stand_beside_the_workers() -> None:
    other = (Issuer("https://sso.example.com", ("kubernetes",)),)
    found = authentication(other, worker_jwt(POOLS, "127.0.0.1", "PEM"))
    assert [each["issuer"]["url"] for each in found["jwt"]] == ["https://sso.example.com", ISSUER]
