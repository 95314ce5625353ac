"""A year that is over for every leaf of a cluster: in the stack's state, in Secret Manager, on the machines.

Nobody can turn the machines' clocks, which are this computer's. So each leaf is issued anew by its own authority, whose key
the state has, with the same key and names and an end that is past.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.e2e.site import Site, vm
from tests.stack.harness import PROJECT, Replicas
from tests.waiting import until

AGO = timedelta(days=35)
"""Leaves are good for a year, and thirteen months have passed."""

_LEAF = "tls:index/locallySignedCert:LocallySignedCert"
_ESCAPES = 4
"""So deep JSON stands in JSON: a secret's payload inside an encrypted property inside the state."""


def thirteen_months_pass(life: Site, replicas: Replicas) -> None:
    """All masters stop, and start with certificates that have expired; the state says so too."""
    state = life.stack.run("stack", "export", "--show-secrets").output
    aged = _aged(json.loads(state))
    for replica in replicas:
        _run_with(life, replica, aged)
    for old, new in aged.items():
        for _ in range(_ESCAPES):
            state = state.replace(old, new)
            old, new = json.dumps(old)[1:-1], json.dumps(new)[1:-1]
    document = json.loads(state)
    for resource in document["deployment"]["resources"]:
        if resource["type"] == _LEAF:
            end = _end_of(resource["outputs"]["certPem"])
            resource["outputs"]["validityEndTime"] = f"{end:%Y-%m-%dT%H:%M:%SZ}"
        if resource["type"] == "gcp:secretmanager/secretVersion:SecretVersion":
            _make_second(resource)
    file = life.folder / "aged.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(document))
    life.stack.run("stack", "import", "--file", str(file))
    file.unlink()


def _aged(state: Mapping[str, Any]) -> dict[str, str]:
    """Each leaf as PEM, and the same one as it would be had it been issued thirteen months ago."""
    resources = state["deployment"]["resources"]
    return {
        _plain(each["outputs"]["certPem"]): _reissued(
            _plain(each["outputs"]["certPem"]), _plain(each["inputs"]["caPrivateKeyPem"])
        )
        for each in resources
        if each["type"] == _LEAF
    }


def _plain(value: Any) -> str:
    """A property of the state, which may be a secret that was asked for in the clear."""
    return str(json.loads(value["plaintext"])) if isinstance(value, dict) else str(value)


def _reissued(pem: str, authority_key: str) -> str:
    leaf = x509.load_pem_x509_certificate(pem.encode())
    key = serialization.load_pem_private_key(authority_key.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    end = datetime.now(UTC).replace(microsecond=0) - AGO
    builder = (
        x509.CertificateBuilder()
        .subject_name(leaf.subject)
        .issuer_name(leaf.issuer)
        .public_key(leaf.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - (leaf.not_valid_after_utc - leaf.not_valid_before_utc))
        .not_valid_after(end)
    )
    for extension in leaf.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _end_of(certificate: Any) -> datetime:
    return x509.load_pem_x509_certificate(_plain(certificate).encode()).not_valid_after_utc


def _run_with(life: Site, replica: str, aged: Mapping[str, str]) -> None:
    """The machine stops, and starts with a second version of its secret, which holds these leaves."""
    life.power(vm(replica), "stop")
    secret = f"{life.cloud.url}/v1/projects/{PROJECT}/secrets/{vm(replica)}-pki"
    owner = {"authorization": "Bearer lab-owner"}
    reply = requests.get(f"{secret}/versions/latest:access", headers=owner, timeout=10)
    reply.raise_for_status()
    files = json.loads(base64.b64decode(reply.json()["payload"]["data"]))
    files = {name: aged.get(text, text) for name, text in files.items()}
    payload = base64.b64encode(json.dumps(files, sort_keys=True).encode()).decode()
    reply = requests.post(
        f"{secret}:addVersion", json={"payload": {"data": payload}}, headers=owner, timeout=10
    )
    reply.raise_for_status()
    instance = life.instance(vm(replica))
    metadata = instance["metadata"]
    for item in metadata["items"]:
        if item["key"] == "secret":
            item["value"] = reply.json()["name"]
    path = f"zones/{instance['zone'].rpartition('/')[2]}/instances/{vm(replica)}/setMetadata"
    life.cloud.compute("POST", path, json={k: metadata[k] for k in ("fingerprint", "items")})

    def told() -> bool:
        items = life.instance(vm(replica))["metadata"]["items"]
        return reply.json()["name"] in [each["value"] for each in items]

    until(f"{replica}'s metadata name the version of {AGO.days} days ago", told, 30)


def _make_second(resource: dict[str, Any]) -> None:
    """The state knows the version that machines run with."""
    first, outputs = resource["id"], resource["outputs"]
    resource["id"] = f"{first.rpartition('/')[0]}/2"
    for key, value in outputs.items():
        if value == first:
            outputs[key] = resource["id"]
    outputs["version"] = "2"
