"""The base add-ons on a real API server: accepted word for word, with the rights that their pods need; a real kube-proxy."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from components.base_addons import COREDNS, KUBE_PROXY, Api, objects
from lab.toolchain.kubernetes import ensure
from node.agent.kubernetes.addons import Addons
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.contract.bucket_layout import BASE_ADDONS
from node.contract.worker_config import dns_address
from node.host import paths
from node.host.files import under
from node.host.web import request
from tests.node.agent.kubernetes.master import serving
from tests.node.agent.world import REAL_PROGRAMS, Replica, World

pytestmark = [
    *REAL_PROGRAMS,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nft") is None, reason="kube-proxy writes its rules by nft"),
]

ACCOUNTS = "/api/v1/namespaces/kube-system/serviceaccounts"
SERVICES, SLICES = "/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices"
PODS, NODES = "/api/v1/pods", "/api/v1/nodes"


def test_a_cluster_has_services_and_a_dns_to_be(world: World) -> None:
    world.ask_for("m1-b")
    replica = world.replica("m1-b")
    serving(world, replica, ensure("kubernetes"))
    machine, said = replica.machine(), list[str]()
    config = machine.config
    api = Api(machine.api_address, config.api_port)
    wanted = objects(
        {KUBE_PROXY: "kube-proxy:v1", COREDNS: "coredns:v1"},
        api,
        config.pod_range,
        dns_address(config.service_range),
        nodes=2,
    )
    world.bucket.write(BASE_ADDONS, json.dumps(wanted).encode())
    addons = Addons(machine, world.bucket, replica.root, lambda: None, said.append)

    addons.sync()
    assert not [line for line in said if line.startswith("add-on ")]
    client = ApiserverClient(machine, replica.root)
    found = [client.get(client.path(each)) for each in wanted["items"]]
    assert [each and each["kind"] for each in found] == [each["kind"] for each in wanted["items"]]
    versions = [each and each["metadata"]["resourceVersion"] for each in found]
    addons.sync()
    again = [client.get(client.path(each)) for each in wanted["items"] if each["kind"] == "ConfigMap"]
    assert [each and each["metadata"]["resourceVersion"] for each in again] == [
        version
        for version, each in zip(versions, wanted["items"], strict=True)
        if each["kind"] == "ConfigMap"
    ]

    asked = {path: _may(replica, KUBE_PROXY, path) for path in (SERVICES, SLICES, NODES, PODS)}
    assert asked == {SERVICES: 200, SLICES: 200, NODES: 200, PODS: 403}
    asked = {path: _may(replica, COREDNS, path) for path in (SERVICES, SLICES, PODS, NODES)}
    assert asked == {SERVICES: 200, SLICES: 200, PODS: 200, NODES: 403}

    # kube-proxy waits for its Node, and for half a minute for an address of it.
    client.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "dev-m1-b"}})
    addresses = [{"type": "InternalIP", "address": machine.address}]
    client.merge("/api/v1/nodes/dev-m1-b/status", {"status": {"addresses": addresses}})
    address = str(dns_address(config.service_range)).rpartition(".")[0] + ".1"
    subprocess.run(["ip", "route", "add", config.service_range, "dev", "lo"], check=True)
    assert not _reaches(address)
    with _kube_proxy(replica, wanted):
        world.wait("the service of the API leads there", lambda: _reaches(address))


@contextmanager
def _kube_proxy(replica: Replica, wanted: dict[str, Any]) -> Iterator[None]:
    """As its pod runs it, with the files that the pod finds mounted."""
    [files] = [
        each["data"]
        for each in wanted["items"]
        if each["kind"] == "ConfigMap" and each["metadata"]["name"] == KUBE_PROXY
    ]
    folder, mounted = replica.root / "kube-proxy", "/var/run/secrets/kubernetes.io/serviceaccount"
    folder.mkdir()
    (folder / "token").write_text(_token(replica, KUBE_PROXY))
    (folder / "ca.crt").write_text(under(replica.root, paths.secret("ca.crt")).read_text())
    for name, text in files.items():
        moved = text.replace("/var/lib/kube-proxy", str(folder)).replace(mounted, str(folder))
        (folder / name).write_text(moved)
    with (folder / "log").open("w") as log:
        program = [ensure("kubernetes") / "kube-proxy", f"--config={folder / 'config.json'}"]
        running = subprocess.Popen([*program, "--hostname-override=dev-m1-b"], stdout=log, stderr=log)
        try:
            yield
        finally:
            running.terminate()
            running.wait(timeout=20)
            print((folder / "log").read_text())


def _reaches(address: str) -> bool:
    try:
        with socket.create_connection((address, 443), timeout=1):
            return True
    except OSError:
        return False


def _may(replica: Replica, account: str, path: str) -> int:
    context = ssl.create_default_context(cafile=str(under(replica.root, paths.secret("ca.crt"))))
    headers = {"Authorization": f"Bearer {_token(replica, account)}"}
    url = f"{replica.machine().api_url}{path}"
    return request("GET", url, headers=headers, context=context, allow=(403,)).status


def _token(replica: Replica, account: str) -> str:
    """As the kubelet asks for one on behalf of a pod."""
    context = ssl.create_default_context(cafile=str(under(replica.root, paths.secret("ca.crt"))))
    certificate, key = (paths.secret(f"apiserver-kubelet-client.{each}") for each in ("crt", "key"))
    context.load_cert_chain(under(replica.root, certificate), under(replica.root, key))
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    reply = request(
        "POST",
        f"{replica.machine().api_url}{ACCOUNTS}/{account}/token",
        body=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        context=context,
    )
    return str(json.loads(reply.body)["status"]["token"])
