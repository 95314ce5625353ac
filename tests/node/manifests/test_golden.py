"""Every file of a machine, word for word: `python -m tests.node.manifests.test_golden` writes them anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from node.contract.cloud_controller import CloudController
from node.contract.machine_config import Artifacts, Binary, Image
from node.contract.worker_config import Taint
from node.host import paths
from node.manifests import etcd, kubelet, units, worker
from node.manifests.apiserver import apiserver_pod
from node.manifests.cloud_controller import cloud_controller_pod
from node.manifests.controllers import controller_manager_pod, scheduler_pod
from node.manifests.etcd import Beginning
from node.manifests.files import configuration
from node.manifests.pod import text
from tests.node.manifests.machines import MACHINE, WORKER
from tests.node.manifests.pools import POOLS

FOLDER = Path(__file__).parent / "golden"

SECRET = {
    "secrets-encryption.key": "not a key",
    "ca.crt": "the cluster's authority\n",
    "etcd-client-ca.crt": "the authority of etcd's clients\n",
    "kubelet-serving-ca.crt": "the authority of workers' kubelets\n",
}
"""With pools: what is made of it beside the rest is `…-workers`."""


def made() -> dict[str, str]:
    joining = Beginning.join(MACHINE, [("m2-c", "https://10.0.0.3:2380"), ("m0-d", "https://10.0.0.4:2380")])
    files = {
        "etcd-new.json": text(etcd.etcd_pod(MACHINE, Beginning.new(MACHINE))),
        "etcd-join.json": text(etcd.etcd_pod(MACHINE, joining)),
        "kube-apiserver.json": text(apiserver_pod(MACHINE)),
        "kube-controller-manager.json": text(controller_manager_pod(MACHINE)),
        "kube-scheduler.json": text(scheduler_pod(MACHINE)),
        "kubelet.service": kubelet.kubelet_unit(MACHINE),
    }
    pinned = Artifacts(
        images=(Image("pause", "registry.k8s.io/pause@sha256:0123"),),
        archives=(Binary("containerd", "containerd.tar.gz", "0123456789abcdef" * 4),),
    )
    files["containerd.toml"] = units.containerd_config(MACHINE.config.artifacts)
    files["containerd-pinned.toml"] = units.containerd_config(pinned)
    files["containerd-pinned.service"] = units.containerd_unit(pinned)
    for file in configuration(MACHINE, {"secrets-encryption.key": "not a key"}):
        files[file.path.rpartition("/")[2]] = file.text
    for file in configuration(MACHINE, SECRET, POOLS):
        name, dot, end = file.path.rpartition("/")[2].rpartition(".")
        if file.text != files.get(f"{name}{dot}{end}"):
            files[f"{name}-workers{dot}{end}"] = file.text
    for pod in (apiserver_pod, controller_manager_pod):
        files[f"{pod(MACHINE)['metadata']['name']}-workers.json"] = text(pod(MACHINE, signs_kubelets=True))
    cloud = CloudController(
        image="registry.k8s.io/cloud-provider-gcp/cloud-controller-manager:v35.0.8@sha256:0123",
        project="p1",
        network="dev",
        subnetwork="dev-masters",
        node_tag="dev-worker",
    )
    files["cloud-controller-manager.json"] = text(cloud_controller_pod(MACHINE, cloud))
    serving = replace(MACHINE, cloud_controller=cloud)
    files["gce.conf"] = {file.path: file.text for file in configuration(serving, SECRET)}[paths.CLOUD_CONFIG]
    return files | made_for_a_worker()


def made_for_a_worker() -> dict[str, str]:
    asked = replace(
        WORKER.config,
        labels={"example.com/tier": "web"},
        taints=(
            Taint("example.com/dedicated", "web", "NoSchedule"),
            Taint("example.com/late", "", "NoExecute"),
        ),
    )
    spot = replace(WORKER, config=asked, preemptible=True)
    files = {file.path.rpartition("/")[2]: file.text for file in worker.configuration(WORKER)}
    files |= {
        "kubelet.service": worker.kubelet_unit(WORKER),
        "ha-masters-agent.service": worker.agent_unit(),
        "kubelet-spot.json": text(worker.kubelet_config(spot)),
        "kubelet-labels.service": worker.kubelet_unit(spot),
    }
    return {f"worker-{name}": content for name, content in files.items()}


@pytest.mark.parametrize("name", sorted(made()))
def test_what_is_made_is_what_was_read_and_agreed(name: str) -> None:
    assert made()[name] == (FOLDER / name).read_text()


def test_no_file_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == made().keys()


if __name__ == "__main__":
    for name, content in made().items():
        (FOLDER / name).write_text(content)
