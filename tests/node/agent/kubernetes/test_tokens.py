"""The key of service accounts' tokens is rotated under a real API server: tokens of both are good until the former goes."""

from __future__ import annotations

import base64
import json
from functools import partial

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from components.pki.jwks import jwks
from lab.toolchain.kubernetes import ensure
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.contract.authorities import Authorities
from node.host import paths
from node.host.files import under, write
from tests.node.agent.kubernetes.master import configure, reported, serving
from tests.node.agent.world import REAL_PROGRAMS, Replica, World

pytestmark = [*REAL_PROGRAMS, pytest.mark.slow]

ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"
SIGNS, CHECK = "service-account.key", "service-account.pub"


def take_over(world: World, replica: Replica, generations: tuple[int, ...], files: dict[str, str]) -> None:
    for name, content in files.items():
        write(under(replica.root, paths.secret(name)), content, 0o600)
    replica.authorities = Authorities.made({"serviceAccounts": generations})
    configure(replica)
    stage = f"hash of {generations}"
    replica.agent.reconfigure(replica.machine(stage))
    world.wait(f"it runs with {generations}", lambda: reported(world) == stage)


def key_id(token: str) -> str:
    head = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


def asked(client: ApiserverClient, path: str, body: dict[str, object]) -> dict[str, object]:
    reply = client._call("POST", path, body, "application/json")
    assert reply is not None
    return dict(reply["status"])


def token(client: ApiserverClient) -> str:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    return str(asked(client, f"{ACCOUNT}/token", body)["token"])


def good(client: ApiserverClient, of: str) -> bool:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": of}}
    found = asked(client, "/apis/authentication.k8s.io/v1/tokenreviews", dict(body))
    return bool(found.get("authenticated"))


def test_tokens_of_two_keys(world: World) -> None:
    world.ask_for("m1-b")
    replica = world.replica("m1-b")
    serving(world, replica, ensure("kubernetes"))
    client = ApiserverClient(replica.machine(), replica.root)
    world.wait("the account is there", partial(client.get, ACCOUNT))
    former = under(replica.root, paths.secret(CHECK)).read_text()
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()  # fmt: skip
    old = token(client)

    take_over(world, replica, (1, 2), {CHECK: former + public})
    assert key_id(token(client)) == key_id(old)
    assert client.get("/openid/v1/jwks") == jwks([former, public])
    take_over(world, replica, (2, 1), {SIGNS: private})
    new = token(client)
    assert [key_id(each) for each in (old, new)] == [each["kid"] for each in jwks([former, public])["keys"]]
    assert (good(client, old), good(client, new)) == (True, True)
    take_over(world, replica, (2,), {CHECK: public})
    assert (good(client, old), good(client, new)) == (False, True)
