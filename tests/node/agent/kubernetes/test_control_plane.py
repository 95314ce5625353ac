"""The manifests' own command lines, run by the real programs: one whole master without a machine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.toolchain.kubernetes import ensure
from lab.toolchain.kubernetes.recipe import KUBERNETES
from node.agent.kubernetes import kubernetes_service
from node.agent.kubernetes.addons import Addons
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.agent.kubernetes.versions_seen import METRIC, VersionsSeen
from node.manifests import controllers
from tests.node.agent.kubernetes.master import anonymous, serving
from tests.node.agent.world import API_ADDRESS, REAL_PROGRAMS, Replica, World

_IDENTITY = "apiserver.kubernetes.io/identity"

pytestmark = [*REAL_PROGRAMS, pytest.mark.slow]


def test_a_master_serves_as_its_manifests_say_and_leaves_service_before_it_goes(world: World) -> None:
    world.ask_for("m1-b")
    replica = world.replica("m1-b")
    serving(world, replica, ensure("kubernetes"))
    client = ApiserverClient(replica.machine(), replica.root)

    assert [anonymous(replica, path) for path in ("/readyz", "/livez", "/version", "/api")] == [
        200,
        200,
        401,
        401,
    ]

    endpoints = client.get("/api/v1/namespaces/default/endpoints/kubernetes") or {}
    assert [each["ip"] for each in endpoints["subsets"][0]["addresses"]] == [API_ADDRESS]

    seen = VersionsSeen(replica.machine(), replica.root)
    seen.tick(now=0)
    assert seen.seen.apiserver == KUBERNETES
    asked = client.lines(
        "/metrics", METRIC
    )  # Endpoints are deprecated since 1.33, and nobody says until when.
    assert any('resource="endpoints"' in line for line in asked)
    assert seen.seen.deprecated == ()

    client.apply(_object("Secret", "hidden", stringData={"word": "xyzzy"}))
    stored = world.get_raw("m1-b", "/registry/secrets/default/hidden")
    assert stored.startswith(b"k8s:enc:secretbox:v1:key-")
    assert b"xyzzy" not in stored

    assert [each["metadata"]["labels"].get(_IDENTITY) for each in _leases(client, "apiserver-")] == [
        "kube-apiserver"
    ]
    for elected in (controllers.CONTROLLER_MANAGER, controllers.SCHEDULER):
        world.wait(f"one {elected} is elected", lambda who=elected: _leases(client, who))

    _addons_are_kept(world, replica, client)

    for path, field in ((kubernetes_service.ENDPOINTS, "subsets"), (kubernetes_service.SLICE, "endpoints")):
        client.merge(path, {field: []})
        assert kubernetes_service.keep(client, replica.machine()), "as after the end of another apiserver"
        assert API_ADDRESS in json.dumps((client.get(path) or {})[field])
    assert not kubernetes_service.keep(client, replica.machine())

    world.ask_for("m2-b")
    world.replica("m2-b").boot()
    world.wait("two vote", lambda: world.voters() == {"m1-b", "m2-b"})
    world.release_all_but("m2-b")
    world.wait("it isn't ready any more", lambda: anonymous(replica, "/readyz") == 500)
    assert client.get("/api/v1/namespaces/default/secrets/hidden"), "whoever is connected is still served"
    assert "m1-b" in world.voters()
    world.wait("it is gone", lambda: world.voters() == {"m2-b"})


def _addons_are_kept(world: World, replica: Replica, client: ApiserverClient) -> None:
    kept, given = (_object("ConfigMap", name, data={"is": "as said"}) for name in ("kept", "given"))
    given["metadata"]["labels"] = {"addonmanager.kubernetes.io/mode": "EnsureExists"}
    world.bucket.write("addons/two.json", json.dumps({"kind": "List", "items": [kept, given]}).encode())
    node: dict[str, Any] = {"apiVersion": "v1", "kind": "Node", "metadata": {}}
    role = {"node-role.kubernetes.io/control-plane": ""}
    client.apply(node | {"metadata": {"name": "dev-m1-b"}})
    client.apply(node | {"metadata": {"name": "dev-m8-b", "labels": role}})
    tainted = {"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]}
    client.apply(node | {"metadata": {"name": "dev-m9-b"}, "spec": tainted})
    client.apply(node | {"metadata": {"name": "somebody-elses"}})
    said: list[str] = []
    done = _Programs()
    addons = Addons(
        replica.machine(), world.bucket, replica.root, lambda: frozenset({"m1-b"}), said.append, done
    )
    addons.sync()
    for name in ("kept", "given"):
        path = f"/api/v1/namespaces/default/configmaps/{name}"
        client.merge(path, {"data": {"is": "changed"}})
    addons.sync()
    words = [(client.get(client.path(each)) or {})["data"]["is"] for each in (kept, given)]
    assert words == ["as said", "changed"]
    assert [client.get(f"/api/v1/nodes/{name}") for name in ("dev-m8-b", "dev-m9-b")] == [None, None]
    assert client.get("/api/v1/nodes/somebody-elses")
    assert role.items() <= (client.get("/api/v1/nodes/dev-m1-b") or {})["metadata"]["labels"].items()
    assert said == [f"deletes Node dev-{name}-b: its replica is gone" for name in ("m8", "m9")]
    client.delete("/api/v1/nodes/dev-m1-b")
    addons.sync()
    assert done.calls == [], "a kubelet that has just begun makes its Node by itself"
    addons.sync()
    assert done.calls == ["systemctl restart kubelet.service"]


class _Programs:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def run(self, *command: str, allow: tuple[int, ...] = (), seconds: float = 0) -> tuple[int, str]:
        self.calls.append(" ".join(command))
        return 0, ""


def _leases(client: ApiserverClient, prefix: str) -> list[dict[str, Any]]:
    listed = client.get("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases") or {}
    leases = [each for each in listed["items"] if each["metadata"]["name"].startswith(prefix)]
    return [each for each in leases if each["spec"].get("holderIdentity")]


def _object(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "default"}, **fields}
