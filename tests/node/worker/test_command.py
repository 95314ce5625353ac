"""A worker's own process: what it says, what it does for its Node, and how it follows the metadata."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.simulator.server import Simulator
from node.bootstrap.every_machine import Site
from node.contract import bucket_layout
from node.host import paths
from node.host.endpoints import Endpoints
from node.host.files import under
from node.host.metadata_server import Metadata
from node.worker.command import MISSED_LOOKS, SERVING, Looks, follow
from tests.node.bootstrap.metadata_server import MetadataServer
from tests.node.bootstrap.site import Cloud, Programs, a_root
from tests.node.manifests.machines import WORKER
from tests.node.worker.api import TOKEN, Api

READY = {"spec": {}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
RANGE = {"podCIDR": WORKER.pod_range, "podCIDRs": [WORKER.pod_range]}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with Api(tmp_path, WORKER.name).serving() as serving:
        yield serving


@pytest.fixture
def metadata() -> Iterator[MetadataServer]:
    server = MetadataServer({})
    server.identity = TOKEN
    with server.serving():
        yield server


@pytest.fixture
def looks(tmp_path: Path, api: Api, metadata: MetadataServer) -> Looks:
    root = tmp_path / "root"
    authority = under(root, paths.CLUSTER_CA)
    authority.parent.mkdir(parents=True)
    authority.write_text(api.authority)
    programs = Programs(root)
    programs.agent_runs = True
    site = Site(root, Metadata(metadata.url), Endpoints(), programs)
    config = replace(WORKER.config, api_address="127.0.0.1", api_port=api.port)
    return Looks(site, replace(WORKER, config=config))


def made(api: Api, **spec: Any) -> None:
    api.node = json.loads(json.dumps(READY)) | {"spec": spec}


def test_a_node_is_given_its_pods_range_once(api: Api, looks: Looks) -> None:
    made(api)
    looks.joining()
    looks.joining()
    whose = {"annotations": {"ha-masters.dev/instance-id": WORKER.instance_id}}
    assert api.patches == [{"metadata": whose, "spec": RANGE}]


def test_a_node_without_a_certificate_to_serve_with_says_so(api: Api, looks: Looks) -> None:
    made(api, **RANGE)
    assert "is Ready, and no logs of its pods can be had" in looks.joining()


def test_a_node_that_is_well_says_so(tmp_path: Path, api: Api, looks: Looks) -> None:
    made(api, **RANGE)
    certificate = under(tmp_path / "root", SERVING)
    certificate.parent.mkdir(parents=True)
    certificate.touch()
    assert looks.joining() == "dev-web-b-x1y2 is a Ready node of pool web"


def test_an_identity_that_the_api_refuses_is_a_reason(metadata: MetadataServer, looks: Looks) -> None:
    metadata.identity = "another.vm's.token"
    assert "doesn't take this VM's identity (401)" in looks.joining()


def test_a_vm_without_an_identity_is_a_reason(metadata: MetadataServer, looks: Looks) -> None:
    metadata.identity = None
    assert "answered 404: no account. Does the pool's template give it a service account?" in looks.joining()


def test_an_api_that_another_authority_vouches_for_is_a_reason(tmp_path: Path, looks: Looks) -> None:
    other = Api(tmp_path, WORKER.name)
    under(tmp_path / "root", paths.CLUSTER_CA).write_text(other.authority)
    assert "certificate verify failed" in looks.joining()


def test_a_kubelet_whose_node_is_gone_is_started_anew(looks: Looks) -> None:
    said = [looks.joining() for _ in range(MISSED_LOOKS)]
    assert "its kubelet has not made its Node yet" in said[0]
    assert said[-1] == "starts the kubelet anew: there is no Node dev-web-b-x1y2"


def test_another_release_is_started_although_only_that_one_understands_the_rest(tmp_path: Path) -> None:
    root = a_root(tmp_path / "root")
    simulator = Simulator(tmp_path / "simulator").start()
    cloud = Cloud(simulator.url)
    code = b"the next release"
    sha256 = hashlib.sha256(code).hexdigest()
    cloud.bucket.write(bucket_layout.release(sha256), code)
    said: list[str] = []
    server = cloud.worker_metadata()
    with server.serving():
        endpoints = Endpoints(storage=simulator.url)
        site = Site(root, Metadata(server.url), endpoints, Programs(root), said.append)
        agent = threading.Thread(target=follow, args=(site,), daemon=True)
        agent.start()
        server.change(worker_config='{"newer": true}', agent_sha256=sha256)
        agent.join(timeout=15)
    simulator.stop()
    assert not agent.is_alive()
    assert under(root, paths.ZIPAPP).read_bytes() == code
