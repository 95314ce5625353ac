"""Workers join a real API server by their VM's identity, and one that is stolen gets nowhere else.

`docs/decisions/0017-a-stolen-worker.md` says what it can do.
"""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from lab.toolchain.kubernetes import ensure
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.agent.workers import issuer
from node.agent.workers.departures import PATIENCE_SECONDS
from node.agent.workers.issuer_keys import IssuerKeys
from node.agent.workers.registrar import NODES, REQUESTS, Registrar
from node.contract.bucket_layout import POOLS as POOLS_OBJECT
from node.contract.secret_files import SERVING_CA, SERVING_CA_KEY
from node.contract.worker_identity import INSTANCE_ANNOTATION
from node.host import paths
from node.host.files import under, write
from node.host.web import WebError, request
from node.manifests import apiserver, controllers
from tests.node.agent.certificates import CLIENT, Authority
from tests.node.agent.kubernetes.master import configure, equip, reported
from tests.node.agent.workers.google import ADDRESS, NAME, VM, ZONE, GoogleKeys, Signer, Vms, claims, text
from tests.node.agent.world import REAL_PROGRAMS, Replica, World
from tests.node.host.signing_requests import KEY, signing_request
from tests.node.manifests.pools import POOLS

TAINT = {"key": "mine", "effect": "NoSchedule"}
"""None that a Node has by itself: the API takes a change that changes nothing."""

pytestmark = [*REAL_PROGRAMS, pytest.mark.slow]

RELOAD_SECONDS = 90.0
"""API servers look at the file once a minute, and remember a token that was good for 10 s."""

USER = f"system:node:{NAME}"
OTHER = "dev-web-b-0000"
REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}


class Master:
    """One API server with its controllers, and Google as it sees it."""

    def __init__(self, world: World, google: GoogleKeys, signer: Signer) -> None:
        self.world, self.google, self.signer = world, google, signer
        world.ask_for("m1-b")
        self.replica = world.replica("m1-b")
        self.trust = equip(self.replica)
        self.serving = Authority("kubelet-serving")
        for name, content in ((SERVING_CA, self.serving.pem), (SERVING_CA_KEY, self.serving.key_pem)):
            write(under(self.replica.root, paths.secret(name)), content, 0o600)
        configure(self.replica)
        folder = ensure("kubernetes")
        pods = (apiserver.POD, controllers.CONTROLLER_MANAGER, controllers.SCHEDULER)
        self.replica.boot({name: folder / name for name in pods})
        machine, root = self.replica.machine(), self.replica.root
        keys = IssuerKeys(root, google.url, print)
        self.over = False
        Thread(
            target=issuer.serve, args=(machine.loopback, root, keys, self.has_pools, print), daemon=True
        ).start()
        world.wait("it serves", lambda: reported(world) == "hash")
        self.client = ApiserverClient(machine, root)
        self.vms = Vms(VM)
        self.said: list[str] = []
        self.registrar = Registrar(machine, root, self.vms, lambda: True, lambda: POOLS, self.said.append)

    def has_pools(self) -> bool:
        return not self.over and self.replica.agent.pools is not None

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, token: str = "", kind: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """As whoever bears the token; by default the worker."""
        return asked(self.replica, method, path, body, kind=kind, token=token or self.token())

    def token(self, vm: dict[str, Any] | None = None, **changes: Any) -> str:
        return self.signer.token(claims(vm, **changes))

    def who(self, token: str) -> dict[str, Any] | None:
        """The user that the API server takes the bearer for; None: for nobody. Raises WebError while it starts."""
        status, review = self.ask("POST", REVIEWS, REVIEW, token=token)
        if status not in (201, 401):
            raise WebError(f"it knows the bearer and answers {status}", status)
        return None if status == 401 else review["status"]["userInfo"]

    def request(self, name: str, signer: str, pem: str, usages: tuple[str, ...]) -> int:
        body = {
            "apiVersion": "certificates.k8s.io/v1",
            "kind": "CertificateSigningRequest",
            "metadata": {"name": name},
            "spec": {
                "request": base64.b64encode(pem.encode()).decode(),
                "signerName": signer,
                "usages": list(usages),
            },
        }
        return self.ask("POST", REQUESTS, body)[0]

    def decided(self, name: str) -> dict[str, Any]:
        return dict((self.client.get(f"{REQUESTS}/{name}") or {}).get("status") or {})


def asked(
    replica: Replica,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    kind: str = "",
    token: str = "",
    certificate: Path | None = None,
) -> tuple[int, dict[str, Any]]:
    context = ssl.create_default_context(cafile=str(under(replica.root, paths.secret("ca.crt"))))
    if certificate:
        context.load_cert_chain(certificate)
    reply = request(
        method,
        f"{replica.machine().api_url}{path}",
        body=json.dumps(body).encode() if body else None,
        headers={"Content-Type": kind or "application/json"}
        | ({"Authorization": f"Bearer {token}"} if token else {}),
        context=context,
        allow=(401, 403, 404, 409, 422),
    )
    return reply.status, json.loads(reply.body)


@pytest.fixture
def master(world: World) -> Iterator[Master]:
    signer = Signer()
    with GoogleKeys({"keys": [signer.jwk()]}) as google:
        master = Master(world, google, signer)
        yield master
        master.over = True


def test_a_worker_joins_and_a_stolen_one_gets_nowhere_else(master: Master, tmp_path: Path) -> None:
    world = master.world
    assert master.who(master.token()) is None, "before there are pools"

    world.bucket.write(POOLS_OBJECT, POOLS.to_json().encode())
    world.wait("the API server knows the pools", lambda: master.who(master.token()), RELOAD_SECONDS)
    _a_worker_is_the_node_of_its_vm(master)
    _nobody_else_is_a_worker(master)
    _a_worker_may_what_its_node_may(master)
    _it_gets_a_serving_certificate_and_no_other(master, tmp_path)
    _a_key_of_the_serving_authority_makes_no_client(master, tmp_path)
    _its_node_goes_with_its_vm(master)
    _an_api_server_that_starts_without_google_knows_workers(master)

    world.bucket.write(POOLS_OBJECT, replace(POOLS, pools=()).to_json().encode())
    world.wait("nobody is a worker", lambda: master.who(master.token()) is None, RELOAD_SECONDS)


def _a_worker_is_the_node_of_its_vm(master: Master) -> None:
    """Whatever else its token says."""
    user = master.who(master.token(groups=["system:masters"], sub="admin")) or {}
    assert (user["username"], user["uid"], user["groups"], user["extra"]["ha-masters.dev/zone"]) == (
        USER,
        "4711",
        ["system:nodes", "system:authenticated"],
        [ZONE],
    )


def _nobody_else_is_a_worker(master: Master) -> None:
    good = claims()
    forged = {
        "another audience": master.token(aud="ha-masters/prod"),
        "several audiences without ours": master.token(aud=["a", "b"]),
        "another account": master.token(email="dev-masters@p.iam.gserviceaccount.com"),
        "an account that isn't verified": master.token(email_verified=False),
        "no email": master.token(email=None),
        "another project": master.token({"project_id": "other"}),
        "another zone": master.token({"zone": "europe-west1-d"}),
        "another pool's zone": master.token({"zone": "europe-west1-c"}),
        "a master": master.token({"instance_name": "dev-m1-b"}),
        "a user": master.token({"instance_name": "admin"}),
        "a name with more in it": master.token({"instance_name": f"{NAME}\nsystem:masters"}),
        "no VM": master.token(google={}),
        "no VM at all": master.signer.token({k: v for k, v in good.items() if k != "google"}),
        "another issuer": master.token(iss="https://accounts.example.com"),
        "over": master.token(exp=good["iat"] - 3600, iat=good["iat"] - 7200),
        "not yet": master.token(nbf=good["iat"] + 3600),
        "another key by the same name": Signer().token(good),
        "an unknown key": Signer("unknown").token(good),
        "signed by nobody": _unsigned(good),
        "by an algorithm of shared keys": master.signer.token(good, alg="HS256"),
    }
    assert {why for why, token in forged.items() if master.who(token) is not None} == set()


def _unsigned(good: dict[str, Any]) -> str:
    return f"{text(json.dumps({'alg': 'none'}).encode())}.{text(json.dumps(good).encode())}."


def _a_worker_may_what_its_node_may(master: Master) -> None:
    def node(name: str, **metadata: Any) -> dict[str, Any]:
        return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, **metadata}, "spec": {}}

    def ranged(block: str) -> dict[str, Any]:
        notes = {INSTANCE_ANNOTATION: VM.id}
        return {"metadata": {"annotations": notes}, "spec": {"podCIDR": block, "podCIDRs": [block]}}

    role = {"node-role.kubernetes.io/control-plane": ""}
    merge = "application/merge-patch+json"
    own, others, masters = (f"{NODES}/{each}" for each in (NAME, OTHER, "dev-m1-b"))
    master.client.apply(node(OTHER))
    master.client.apply(node("dev-m1-b"))
    rbac = "rbac.authorization.k8s.io"
    binding = {
        "apiVersion": f"{rbac}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "mine"},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": USER}],
    }
    token = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["x"]}}
    tried = {
        "its own Node, with a role": master.ask("POST", NODES, node(NAME, labels=role))[0],
        "its own Node": master.ask("POST", NODES, node(NAME))[0],
        "its pods' range, once": master.ask("PATCH", own, ranged("10.64.9.0/24"), kind=merge)[0],
        "another range": master.ask("PATCH", own, ranged("10.64.1.0/24"), kind=merge)[0],
        "its own taints": master.ask("PATCH", own, {"spec": {"taints": [TAINT]}}, kind=merge)[0],
        "a role": master.ask("PATCH", own, {"metadata": {"labels": role}}, kind=merge)[0],
        "its own end": master.ask("DELETE", own)[0],
        "another's Node": master.ask("PATCH", others, {"metadata": {"labels": {"a": "b"}}}, kind=merge)[0],
        "another's range": master.ask("PATCH", others, ranged("10.64.9.0/24"), kind=merge)[0],
        "another's end": master.ask("DELETE", others)[0],
        "a master's Node": master.ask("PATCH", masters, {"metadata": {"labels": {"a": "b"}}}, kind=merge)[0],
        "secrets": master.ask("GET", "/api/v1/secrets")[0],
        "one secret": master.ask("GET", "/api/v1/namespaces/kube-system/secrets/any")[0],
        "a binding": master.ask("POST", f"/apis/{rbac}/v1/clusterrolebindings", binding)[0],
        "a pod of nobody's": master.ask("POST", "/api/v1/namespaces/default/pods", _pod())[0],
        "a service account": master.ask(
            "POST", "/api/v1/namespaces/kube-system/serviceaccounts/default/token", token
        )[0],
    }
    assert tried == dict.fromkeys(tried, 403) | {
        "its own Node": 201,
        "its pods' range, once": 200,
        "another range": 422,
    }


def _pod() -> dict[str, Any]:
    containers = [{"name": "a", "image": "a"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": containers},
    }


SERVING, CLIENT_SIGNER, KUBELET_CLIENT = (
    f"kubernetes.io/{each}"
    for each in ("kubelet-serving", "kube-apiserver-client", "kube-apiserver-client-kubelet")
)
SERVE, BE_CLIENT = ("digital signature", "server auth"), ("digital signature", "client auth")


def _it_gets_a_serving_certificate_and_no_other(master: Master, folder: Path) -> None:
    own = signing_request(USER, [NAME], [ADDRESS])
    others = f"system:node:{OTHER}"
    made = {
        "own": master.request("own", SERVING, own, SERVE),
        "masters": master.request("masters", SERVING, signing_request("system:node:dev-m1-b"), SERVE),
        "others": master.request("others", SERVING, signing_request(others, [OTHER], [ADDRESS]), SERVE),
        "address": master.request("address", SERVING, signing_request(USER, [NAME], ["10.9.0.1"]), SERVE),
        "api": master.request("api", SERVING, signing_request(USER, ["kubernetes"], [ADDRESS]), SERVE),
        "others-client": master.request("others-client", KUBELET_CLIENT, signing_request(others), BE_CLIENT),
        "client": master.request("client", KUBELET_CLIENT, signing_request(USER), BE_CLIENT),
        "user": master.request(
            "user", CLIENT_SIGNER, signing_request("admin", organizations=["sre"]), BE_CLIENT
        ),
        "root": master.request(
            "root", CLIENT_SIGNER, signing_request("admin", organizations=["system:masters"]), BE_CLIENT
        ),
    }
    refused = ("masters", "others", "others-client", "root")
    assert made == dict.fromkeys(made, 201) | dict.fromkeys(refused, 403)
    assert (
        master.ask(
            "PATCH", f"{REQUESTS}/client/approval", {"status": {}}, kind="application/merge-patch+json"
        )[0]
        == 403
    )

    master.registrar.admit(POOLS)
    kinds = {name: [each["type"] for each in master.decided(name).get("conditions", [])] for name in made}
    assert {name: found for name, found in kinds.items() if found} == {
        "own": ["Approved"],
        "address": ["Denied"],
        "api": ["Denied"],
    }
    master.world.wait("it is signed", lambda: master.decided("own").get("certificate"))
    certificate = base64.b64decode(master.decided("own")["certificate"])
    read = x509.load_pem_x509_certificate(certificate)
    [name] = read.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "kubelet-serving"

    pem = folder / "serving.pem"
    pem.write_bytes(certificate + _private_key())
    assert _who_by_certificate(master, pem) == 401, "as a client it is nobody"

    master.client.merge(
        f"{REQUESTS}/client/approval",
        {"status": {"conditions": [{"type": "Approved", "status": "True", "reason": "Test"}]}},
    )
    master.registrar.admit(POOLS)
    again = signing_request(USER, [NAME], [ADDRESS])
    assert master.request("again", SERVING, again, SERVE) == 201
    master.registrar.admit(POOLS)
    master.world.wait("a later one is signed", lambda: master.decided("again").get("certificate"))
    assert "certificate" not in master.decided("client"), "an approved client certificate has no signer"


def _private_key() -> bytes:
    return KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _who_by_certificate(master: Master, pem: Path) -> int:
    return asked(master.replica, "POST", REVIEWS, REVIEW, certificate=pem)[0]


def _a_key_of_the_serving_authority_makes_no_client(master: Master, folder: Path) -> None:
    """Whoever took the key from a master, that is."""
    pem = folder / "client.pem"
    found = {}
    for authority, which in ((master.serving, "serving"), (master.trust.authority, "cluster")):
        pem.write_text("".join(authority.issue("admin", [CLIENT], [], [], "system:masters")))
        found[which] = _who_by_certificate(master, pem)
    assert found == {"serving": 401, "cluster": 201}


def _its_node_goes_with_its_vm(master: Master) -> None:
    def there(name: str) -> bool:
        return master.client.get(f"{NODES}/{name}") is not None

    master.vms.there[OTHER] = replace(VM, name=OTHER, id="1")
    master.registrar.take_away(POOLS, 0.0)
    master.registrar.take_away(POOLS, PATIENCE_SECONDS)
    assert (there(NAME), there(OTHER), there("dev-m1-b")) == (True, True, True)
    del master.vms.there[NAME]
    master.registrar.take_away(POOLS, 2 * PATIENCE_SECONDS)
    assert there(NAME)
    master.registrar.take_away(POOLS, 3 * PATIENCE_SECONDS)
    assert (there(NAME), there(OTHER), there("dev-m1-b")) == (False, True, True)
    assert master.said[-1] == f"deletes Node {NAME}: its VM is gone"
    assert master.request("gone", SERVING, signing_request(USER, [NAME], [ADDRESS]), SERVE) == 201
    master.registrar.admit(POOLS)
    assert [each["type"] for each in master.decided("gone")["conditions"]] == ["Denied"]


def _an_api_server_that_starts_without_google_knows_workers(master: Master) -> None:
    master.google.status = 503
    master.replica.restart(apiserver.POD)
    master.world.wait("it knows the worker", lambda: _known(master), RELOAD_SECONDS)


def _known(master: Master) -> bool:
    """False also while the API server is on its way."""
    try:
        return master.who(master.token()) is not None
    except WebError:
        return False
