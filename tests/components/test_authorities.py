"""Generations of the cluster's authorities, as the engine is told of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.components.recording import Run, run_program

MASTERS = [{"name": "m1", "zone": "europe-west1-b"}, {"name": "m2", "zone": "europe-west1-c"}]


def run(**generations: list[int]) -> Run:
    config: dict[str, Any] = {"replicas": MASTERS}
    if generations:
        config["authorities"] = generations
    return run_program(
        {
            "ha-masters:clusterName": "dev",
            **{f"ha-masters:{key}": json.dumps(value) for key, value in config.items()},
        }
    )


@pytest.fixture(scope="module")
def plain() -> Run:
    return run()


def secret(of: Run) -> dict[str, str]:
    return dict(json.loads(of["m1-b-secret-version"].inputs["secretData"]["value"]))


@pytest.mark.parametrize(
    ("name", "stem", "leaf", "bundle"),
    [
        pytest.param("cluster", "pki-cluster-ca", "m1-b-apiserver", "ca.crt", id="cluster"),
        pytest.param("etcdPeers", "etcd-peer-ca", "m1-b-etcd-peer", "etcd-peer-ca.crt", id="peers"),
        pytest.param("etcdClients", "etcd-client-ca", "m1-b-etcd-client", "etcd-client-ca.crt", id="clients"),
        pytest.param("frontProxy", "pki-front-proxy-ca", "pki-front-proxy", "front-proxy-ca.crt", id="front proxy"),
    ],
)  # fmt: skip
def test_an_authority_in_its_stages(plain: Run, name: str, stem: str, leaf: str, bundle: str) -> None:
    both, other = run(**{name: [1, 2]}), run(**{name: [2, 1]})
    first, second = f"certificate {stem}-cert", f"certificate {stem}-2-cert"
    assert set(both.resources) - set(plain.resources) == {f"{stem}-2", f"{stem}-2-key", f"{stem}-2-cert"}
    assert [secret(each)[bundle] for each in (plain, both, other)] == [first, first + second, first + second]
    issuers = [each[f"{leaf}-cert"].inputs["caCertPem"] for each in (plain, both, other)]
    assert issuers == [first, first, second]


def test_keys_of_tokens_in_their_stages() -> None:
    both, other = run(serviceAccounts=[1, 2]), run(serviceAccounts=[2, 1])
    signing = [secret(each)["service-account.key"] for each in (both, other)]
    assert signing == ["key of pki-service-account-key", "key of pki-service-account-key-2"]
    assert secret(both)["service-account.pub"] == secret(other)["service-account.pub"]
    assert secret(both)["service-account.pub"].count("BEGIN PUBLIC KEY") == 2
    assert len(both.outputs["serviceAccountJwks"]["keys"]) == 2


def test_the_last_stage_leaves_the_second_alone() -> None:
    last = run(etcdPeers=[2])
    assert [name for name in last.resources if name.startswith("etcd-peer-ca")] == [
        "etcd-peer-ca-2", "etcd-peer-ca-2-key", "etcd-peer-ca-2-cert",
    ]  # fmt: skip
    assert last["etcd-peer-ca-2"].inputs["commonName"] == "dev-etcd-peer-ca-2"


def test_masters_are_told_one_after_another(plain: Run) -> None:
    both = run(etcdPeers=[1, 2])
    told = [each.inputs["metadata"].get("authorities") for each in (plain["m1-b-vm"], both["m1-b-vm"])]
    assert told == [None, '{"etcdPeers":[1,2]}']
    before, after = (each["m1-b-ready"].inputs["configHash"] for each in (plain, both))
    assert before != after
