"""Another encryption key on a real apiserver: what the former one wrote is read, and written anew."""

from __future__ import annotations

import base64

import pytest

from lab.toolchain.kubernetes import ensure
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.contract.api_server import ApiServer
from node.contract.secret_files import ENCRYPTION_KEYS
from node.contract.status import Encryption
from node.host import paths
from node.host.files import under, write
from node.manifests.apiserver_files import key_name
from tests.node.agent.kubernetes.master import configure, reported, serving
from tests.node.agent.world import REAL_PROGRAMS, World

pytestmark = [*REAL_PROGRAMS, pytest.mark.slow]


def test_secrets_by_a_former_key_are_encrypted_anew(world: World) -> None:
    world.ask_for("m1-b")
    replica = world.replica("m1-b")
    serving(world, replica, ensure("kubernetes"))
    client = ApiserverClient(replica.machine(), replica.root)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hidden", "namespace": "default"}}
    client.apply({**secret, "stringData": {"word": "xyzzy"}})
    former, other = (under(replica.root, paths.secret(name)) for name in ENCRYPTION_KEYS)
    old = former.read_text()
    assert _stored_by(world) == key_name(old)

    write(other, old, 0o600)
    write(former, "another key", 0o600)
    replica.asked = ApiServer(encryption_keys=(2, 1))
    configure(replica)
    replica.agent.reconfigure(replica.machine("another hash"))
    world.wait("it serves by two keys", lambda: reported(world) == "another hash")

    world.wait("the Secret is encrypted anew", lambda: _stored_by(world) == key_name("another key"))
    found = client.get("/api/v1/namespaces/default/secrets/hidden") or {}
    assert base64.b64decode(found["data"]["word"]) == b"xyzzy"
    world.wait("the leader has counted it", lambda: _counted(world) == Encryption(((2, 1), (1, 0))))


def _stored_by(world: World) -> str:
    return world.get_raw("m1-b", "/registry/secrets/default/hidden").split(b":")[4].decode()


def _counted(world: World) -> Encryption | None:
    status = world.status("m1-b")
    return status.encryption if status else None
