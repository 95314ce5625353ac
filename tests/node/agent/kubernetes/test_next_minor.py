"""The manifests' command lines, run by Kubernetes' next minor, on the etcd of now and on etcd's next minor: what an upgrade
passes through. `make live` runs it, for it has to be built first.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from lab.toolchain.kubernetes import ensure
from lab.toolchain.kubernetes.recipe import ETCD_LATER, KUBERNETES_LATER
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.agent.kubernetes.versions_seen import VersionsSeen
from node.host.web import WebError, request
from node.manifests.controllers import controller_manager_pod, scheduler_pod
from node.manifests.pod import Pod
from tests.node.agent.kubernetes.master import anonymous, serving
from tests.node.agent.world import REAL_PROGRAMS, World, alone

pytestmark = [*REAL_PROGRAMS, pytest.mark.slow, pytest.mark.live, pytest.mark.timeout(1800)]

NEXT = f"kubernetes-{KUBERNETES_LATER}"


@pytest.fixture(params=["etcd", f"etcd-{ETCD_LATER[-1]}"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    ensure(NEXT)
    with alone(tmp_path, ensure(request.param) / "etcd") as world:
        yield world


def test_a_master_of_the_next_minor_serves_as_its_manifests_say(world: World) -> None:
    world.ask_for("m1-b")
    replica = world.replica("m1-b")
    replica.config = replace(replica.config, kubernetes_version=KUBERNETES_LATER)
    serving(world, replica, ensure(NEXT))
    assert [anonymous(replica, path) for path in ("/readyz", "/version")] == [200, 401]
    client = ApiserverClient(replica.machine(), replica.root)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hidden", "namespace": "default"}}
    client.apply({**secret, "stringData": {"word": "xyzzy"}})
    assert world.get_raw("m1-b", "/registry/secrets/default/hidden").startswith(b"k8s:enc:secretbox:v1:key-")
    for pod in (controller_manager_pod(replica.machine()), scheduler_pod(replica.machine())):
        name = pod["metadata"]["name"]
        world.wait(f"{name} lives", partial(_lives, pod))
    seen = VersionsSeen(replica.machine(), replica.root)
    seen.tick(now=0)
    assert seen.seen.apiserver == KUBERNETES_LATER


def _lives(pod: Pod) -> bool:
    """As the kubelet's probe sees it: one that refuses its flags is started again and again, and never answers."""
    asked = pod["spec"]["containers"][0]["livenessProbe"]["httpGet"]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        url = f"https://{asked['host']}:{asked['port']}{asked['path']}"
        return request("GET", url, context=context, timeout=2).status == 200
    except (WebError, OSError):
        return False
