"""The real cloud controller manager on a real API server: a Service of type LoadBalancer has an address of the lab's Google,
and what Google made for it goes with it. It acts as the masters' account, with the rights of its role and no others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.base_addons import cloud_controller as rights
from components.cloud_controller import MASTERS_MAY
from lab.simulator.client import Client
from lab.simulator.permissions import Permissions
from lab.toolchain.kubernetes import ensure
from node.agent.kubernetes.addons import Addons
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.contract.bucket_layout import BASE_ADDONS
from node.contract.cloud_controller import EXCLUDED, NAME, CloudController
from node.contract.node_labels import ZONE
from tests.http_server import HttpServer, Quiet
from tests.lab.simulator.compute.bodies import B, R, vm
from tests.node.agent.kubernetes.master import PODS, equip, reported
from tests.node.agent.world import REAL_PROGRAMS, Replica, World, alone

pytestmark = [*REAL_PROGRAMS, pytest.mark.live]

ACCOUNT = "serviceAccount:dev-masters@lab-project.iam.gserviceaccount.com"
WORKER = "dev-web-b-x1y2"
SERVICE = "/api/v1/namespaces/default/services/shop"
MADE = (
    "global/firewalls",
    f"{R}/forwardingRules",
    f"{R}/targetPools",
    f"{R}/backendServices",
    "global/httpHealthChecks",
    "global/healthChecks",
    f"{B}/instanceGroups",
    f"{R}/addresses",
)
"""Where all is that is made for a Service."""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    programs = ensure("etcd"), ensure("kubernetes"), ensure("cloud")
    allowed = Permissions(
        {"principals": {ACCOUNT: ["roles/masters"]}, "roles": {"roles/masters": list(MASTERS_MAY)}}
    )
    with alone(tmp_path, programs[0] / "etcd", allowed) as made, HttpServer(MetadataServer) as metadata:
        monkeypatch.setenv("GCE_METADATA_HOST", f"127.0.0.1:{metadata.port}")
        yield made


class MetadataServer(Quiet):
    """Gives the token of the masters' account, as Google's client asks for it."""

    def do_GET(self) -> None:
        if not self.path.partition("?")[0].endswith("/service-accounts/default/token"):
            self.reply(404)
            return
        token = {"access_token": f"lab-{ACCOUNT}", "expires_in": 3600, "token_type": "Bearer"}
        self.reply(200, json.dumps(token).encode(), Metadata_Flavor="Google", Content_Type="application/json")


@pytest.mark.parametrize(
    ("annotations", "kind"),
    [
        pytest.param({}, "EXTERNAL", id="external"),
        pytest.param({"networking.gke.io/load-balancer-type": "Internal"}, "INTERNAL", id="internal"),
    ],
)
def test_a_service_has_an_address_and_leaves_nothing(
    world: World, annotations: dict[str, str], kind: str
) -> None:
    cloud = world.cloud
    cloud.made("global/networks", {"name": "dev", "autoCreateSubnetworks": False})
    network = {"name": "dev-masters", "network": "global/networks/dev", "ipCidrRange": "10.9.0.0/24"}
    cloud.made(f"{R}/subnetworks", network)
    nic = {"subnetwork": f"{R}/subnetworks/dev-masters"}
    for name in (WORKER, "dev-m1-b"):
        cloud.made(f"{B}/instances", vm(name, nic=nic, tags={"items": ["dev-worker"]}))
    replica = world.replica("m1-b")
    replica.cloud = CloudController(
        f"ha-masters.local/{NAME}:v1", "lab-project", "dev", "dev-masters", "dev-worker", cloud.url
    )
    client = _serving(world, replica)
    for name in (WORKER, "dev-m1-b"):
        _node(client, name)
    said: list[str] = []
    world.bucket.write(BASE_ADDONS, json.dumps({"kind": "List", "items": rights.objects()}).encode())
    Addons(replica.machine(), world.bucket, replica.root, lambda: None, said.append).sync()
    assert not [line for line in said if "add-on" in line]
    assert EXCLUDED in (client.get("/api/v1/nodes/dev-m1-b") or {})["metadata"]["labels"]
    before = {place: cloud.get(place).body.get("items", []) for place in MADE}

    client.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "shop", "namespace": "default", "annotations": annotations},
            "spec": {"type": "LoadBalancer", "selector": {"app": "shop"}, "ports": [{"port": 80}]},
        }
    )
    world.wait("it has an address", lambda: _address(client))
    [rule] = cloud.get(f"{R}/forwardingRules").body["items"]
    assert (rule["IPAddress"], rule["loadBalancingScheme"]) == (_address(client), kind)
    assert {tag for wall in cloud.get("global/firewalls").body["items"] for tag in wall["targetTags"]} == {
        "dev-worker"
    }
    assert _backends(cloud, kind) == {WORKER}
    assert _taints(client, WORKER) == []

    client.delete(SERVICE)
    world.wait("it is gone", lambda: client.get(SERVICE) is None)
    assert {place: cloud.get(place).body.get("items", []) for place in MADE} == before


def _serving(world: World, replica: Replica) -> ApiserverClient:
    """Boots it with the manager beside the control plane, which ends and begins anew until it has its rights."""
    world.ask_for(replica.name)
    equip(replica)
    programs = {name: ensure("kubernetes") / name for name in PODS}
    replica.boot({**programs, NAME: ensure("cloud") / NAME})
    world.wait("it serves what was asked", lambda: reported(world) == "hash")
    return ApiserverClient(replica.machine(), replica.root)


def _node(client: ApiserverClient, name: str) -> None:
    client.apply(
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {ZONE: "europe-west1-b"}}}
    )
    now = "2026-01-01T00:00:00Z"
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": ""}
    times = {"lastHeartbeatTime": now, "lastTransitionTime": now}
    client.merge(f"/api/v1/nodes/{name}/status", {"status": {"conditions": [ready | times]}})


def _address(client: ApiserverClient) -> str:
    found: dict[str, Any] = client.get(SERVICE) or {}
    given = found.get("status", {}).get("loadBalancer", {}).get("ingress") or [{}]
    return str(given[0].get("ip") or "")


def _taints(client: ApiserverClient, name: str) -> list[str]:
    node = client.get(f"/api/v1/nodes/{name}") or {}
    keys = [each["key"] for each in node.get("spec", {}).get("taints") or ()]
    return [key for key in keys if "cloudprovider" in key]


def _backends(cloud: Client, kind: str) -> set[str]:
    """Names of the VMs that a load balancer sends to."""
    if kind == "EXTERNAL":
        [pool] = cloud.get(f"{R}/targetPools").body["items"]
        return {each.rpartition("/")[2] for each in pool["instances"]}
    [service] = cloud.get(f"{R}/backendServices").body["items"]
    [group] = service["backends"]
    listed = cloud.post(f"{B}/instanceGroups/{group['group'].rpartition('/')[2]}/listInstances").body
    return {each["instance"].rpartition("/")[2] for each in listed["items"]}
