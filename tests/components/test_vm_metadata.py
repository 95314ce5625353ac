"""What the program writes into `machine-config`, and what a master reads there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.config import StackConfig, parse
from components.vm_metadata import machine_config
from node.contract.fields import canonical
from node.contract.machine_config import Artifacts, Binary, Image, MachineConfig
from node.manifests.etcd import Beginning, etcd_pod
from node.manifests.units import containerd_config
from tests.components.pins import ARTIFACTS, SHA256
from tests.node.manifests.machines import MACHINE

REPLICAS = [{"name": "m1", "zone": "europe-west1-b"}]


def config(**more: Any) -> StackConfig:
    return parse(
        {"clusterName": "dev", "replicas": REPLICAS, **more}, region="europe-west1", project="lab-project"
    )


def read(stack: StackConfig) -> MachineConfig:
    return MachineConfig.parse(canonical(machine_config(stack).to_fields()))


OWN_IMAGE = {"image": "projects/lab-project/global/images/with-everything"}


@pytest.mark.parametrize(
    "more",
    [{"artifacts": {"from": "image"}}, {"artifacts": {}, "masters": OWN_IMAGE}],
    ids=["said", "another's image"],
)
def test_without_artifacts_nothing_is_written_that_was_not_before(more: dict[str, Any]) -> None:
    """Word for word: it goes into the configuration's hash, by which standing masters are told to change."""
    assert canonical(machine_config(config(**more)).to_fields()) == (
        '{"apiPort":443,"backupIntervalSeconds":1800,"etcdQuotaBytes":4294967296,"etcdVersion":"3.6.8",'
        '"identityLeaseDurationSeconds":3600,"identityLeaseRenewIntervalSeconds":10,"kubernetesVersion":"1.36.3",'
        '"podRange":"10.64.0.0/14","serviceRange":"10.68.0.0/20"}'
    )


def test_a_master_reads_the_artifacts_that_were_written() -> None:
    assert read(config(artifacts=ARTIFACTS)).artifacts == Artifacts(
        mirror="gs://mirror/k8s",
        binaries=(Binary("kubelet", "v1.36.3/kubelet", SHA256),),
        images=(
            Image("etcd", "registry.k8s.io/etcd:3.6.8-0", "etcd.tar", SHA256),
            *(
                Image(name, f"registry.k8s.io/{name}:v1.36.3@sha256:{SHA256}")
                for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
            ),
            Image("pause", f"mirror.example:5000/pause@sha256:{SHA256}"),
        ),
    )


def test_a_master_reads_what_runs_its_containers() -> None:
    """The kubelet last: it is restarted once all else is here."""
    own = {key: {"path": f"a/{key}", "sha256": SHA256} for key in ("containerd", "runc", "cniPlugins")}
    artifacts = read(config(artifacts={**ARTIFACTS, **own})).artifacts
    assert [binary.name for binary in artifacts.binaries] == ["runc", "kubelet"]
    assert artifacts.archives == (
        Binary("containerd", "a/containerd", SHA256),
        Binary("cni-plugins", "a/cniPlugins", SHA256),
    )


def test_all_else_is_read_as_without_artifacts() -> None:
    plain = machine_config(config(artifacts={"from": "image"}))
    assert replace(machine_config(config(artifacts=ARTIFACTS)), artifacts=Artifacts()) == plain


def test_pods_and_sandboxes_run_the_images_that_are_pinned() -> None:
    machine = replace(MACHINE, config=read(config(artifacts=ARTIFACTS)))
    container = etcd_pod(machine, Beginning.new(machine))["spec"]["containers"][0]
    assert (container["image"], container["imagePullPolicy"]) == (
        "registry.k8s.io/etcd:3.6.8-0",
        "IfNotPresent",
    )
    assert f'sandbox_image = "mirror.example:5000/pause@sha256:{SHA256}"' in containerd_config(
        machine.config.artifacts
    )
