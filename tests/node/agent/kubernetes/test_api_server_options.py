"""What the operator asks of the API server, as the real one does it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.api_users import bindings
from components.config import UserSpec
from components.pki.jwks import jwks
from lab.toolchain.kubernetes import ensure
from node.agent.kubernetes.addons import Addons
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.contract.api_server import SERVICE_ACCOUNT_ISSUER, ApiServer, Issuer
from node.contract.bucket_layout import USERS
from node.host import paths
from node.host.files import under
from node.host.web import request
from tests.node.agent.certificates import CLIENT, ClusterTrust
from tests.node.agent.issuer import issuer
from tests.node.agent.kubernetes.master import anonymous, configure, reported, serving
from tests.node.agent.world import REAL_PROGRAMS, Replica, World

pytestmark = [*REAL_PROGRAMS, pytest.mark.slow]

POLICY = {
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "Request", "resources": [{"group": "", "resources": ["configmaps"]}], "verbs": ["patch"]},
        {"level": "None"},
    ],
}


def test_an_api_server_does_what_it_was_asked_and_forgets_it_when_it_is_taken_back(
    world: World, tmp_path: Path
) -> None:
    folder = ensure("kubernetes")
    world.ask_for("m1-b")
    replica = world.replica("m1-b")
    with issuer(tmp_path) as sso:
        replica.asked = ApiServer(
            log_level=2,
            enabled_plugins=("AlwaysPullImages",),
            disabled_plugins=("DefaultTolerationSeconds",),
            audit_policy=POLICY,
            audit_max_age_days=1,
            audit_max_backups=1,
            audit_max_size_mb=1,
            issuers=(
                Issuer(
                    sso.url,
                    ("kubernetes", "ci"),
                    groups_claim="groups",
                    required_claims=(("hd", "example.com"),),
                    certificate_authority=sso.authority,
                ),
            ),
        )
        trust = serving(world, replica, folder)
        alice = sso.token("alice", "ci", hd="example.com", groups=["sre", "system:masters"])

        world.wait("it has read the issuer's keys", lambda: _who(replica, alice))
        assert _who(replica, alice) == (
            "oidc:alice",
            ["oidc:sre", "oidc:system:masters", "system:authenticated"],
        )
        assert _who(replica, sso.token("alice", "another", hd="example.com")) is None
        assert _who(replica, sso.token("alice", "ci", hd="example.org")) is None
        assert [anonymous(replica, path) for path in ("/readyz", "/api")] == [200, 401]

        client = ApiserverClient(replica.machine(), replica.root)
        client.apply(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "seen", "namespace": "default"},
                "data": {"word": "xyzzy"},
            }
        )
        [logged] = [each for each in _audited(replica) if each["objectRef"]["name"] == "seen"]
        assert logged["requestObject"]["data"] == {"word": "xyzzy"}
        assert {each["objectRef"]["resource"] for each in _audited(replica)} == {"configmaps"}

        public = under(replica.root, paths.secret("service-account.pub")).read_text()
        assert jwks([public]) == client.get("/openid/v1/jwks")
        discovery = client.get("/.well-known/openid-configuration") or {}
        assert discovery["issuer"] == SERVICE_ACCOUNT_ISSUER

        _users_may_do_what_the_list_says(world, replica, trust)

        replica.asked = ApiServer()
        configure(replica)
        replica.agent.reconfigure(replica.machine("other hash"))
        world.wait("it serves as before", lambda: reported(world) == "other hash")
        assert _who(replica, alice) is None


def _users_may_do_what_the_list_says(world: World, replica: Replica, trust: ClusterTrust) -> None:
    addons = Addons(replica.machine(), world.bucket, replica.root, lambda: None, print)
    reader, writer = (_as(replica, trust, name) for name in ("alice", "ci"))
    path = "/api/v1/namespaces/default/configmaps"
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "made-"}}

    def may(expected: list[int], *users: UserSpec) -> None:
        """An API server hears of a binding a moment after it was written."""
        world.bucket.write(USERS, json.dumps(bindings(users)).encode())
        addons.sync()
        world.wait(
            f"answers are {expected}",
            lambda: [reader("GET", path), reader("POST", path, made), writer("POST", path, made)] == expected,
        )

    may([200, 403, 201], UserSpec("alice", "view"), UserSpec("ci", "edit"))
    may([403, 403, 403], UserSpec("alice"))
    may([200, 201, 403], UserSpec("alice", "cluster-admin"))
    may([403, 403, 403])


def _as(replica: Replica, trust: ClusterTrust, user: str) -> Callable[..., int]:
    """What the API server answers to who has a certificate in that name."""
    context = ssl.create_default_context(cafile=str(under(replica.root, paths.secret("ca.crt"))))
    pem = replica.root / f"{user}.pem"
    pem.write_text("".join(trust.authority.issue(user, [CLIENT], [], [])))
    context.load_cert_chain(pem)

    def ask(method: str, path: str, body: dict[str, Any] | None = None) -> int:
        return request(
            method,
            f"{replica.machine().api_url}{path}",
            body=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json"},
            context=context,
            allow=(403,),
        ).status

    return ask


def _who(replica: Replica, token: str) -> tuple[str, list[str]] | None:
    """Name and groups of whom the API server takes the bearer for; None if for nobody."""
    context = ssl.create_default_context(cafile=str(under(replica.root, paths.secret("ca.crt"))))
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    reply = request(
        "POST",
        f"{replica.machine().api_url}/apis/authentication.k8s.io/v1/selfsubjectreviews",
        body=json.dumps(review).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        context=context,
        allow=(401,),
    )
    if reply.status == 401:
        return None
    user = json.loads(reply.body)["status"]["userInfo"]
    return user["username"], user["groups"]


def _audited(replica: Replica) -> list[dict[str, Any]]:
    log = under(replica.root, f"{paths.AUDIT_LOGS}/audit.log")
    return [json.loads(line) for line in log.read_text().splitlines()]
