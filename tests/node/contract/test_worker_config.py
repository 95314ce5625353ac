"""What a worker is told by its instance template: read as it was written, and refused with key, value and remedy."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from node.contract.fields import FormatError
from node.contract.machine_config import Artifacts, Binary, Image
from node.contract.node_labels import label_problem
from node.contract.worker_config import Taint, WorkerConfig, audience, dns_address
from tests.node.manifests.machines import WORKER_CONFIG

FULL = replace(
    WORKER_CONFIG,
    labels={"example.com/tier": "web", "node.kubernetes.io/lifecycle": ""},
    taints=(Taint("example.com/dedicated", "web", "NoSchedule"), Taint("gone", "", "NoExecute")),
    artifacts=Artifacts(
        "gs://mirror", (Binary("kubelet", "kubelet", "0f" * 32),), (Image("pause", "pause@sha256:0"),)
    ),
)


@pytest.mark.parametrize(
    "config", [pytest.param(WORKER_CONFIG, id="the least"), pytest.param(FULL, id="all of it")]
)
def test_what_is_written_is_read(config: WorkerConfig) -> None:
    assert WorkerConfig.parse(config.to_text()) == config


def test_order_of_labels_changes_nothing() -> None:
    turned = replace(FULL, labels=dict(reversed(FULL.labels.items())))
    assert turned.to_text() == FULL.to_text()


def test_the_cluster_s_dns_has_the_tenth_address() -> None:
    assert dns_address("10.0.16.0/20") == WORKER_CONFIG.dns_address


def test_tokens_are_for_one_cluster() -> None:
    assert audience("dev") == WORKER_CONFIG.audience


def _with(**changes: object) -> str:
    return json.dumps(json.loads(WORKER_CONFIG.to_text()) | changes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "not JSON", id="empty"),
        pytest.param(_with(owner="me"), "owner is unknown.*'me'", id="unknown"),
        pytest.param(_with(pool="Web"), "pool is 'Web'; use lower-case", id="pool"),
        pytest.param(_with(project="My Project"), "project is 'My Project'; expected the id", id="project"),
        pytest.param(_with(apiAddress="api.example.com"), "apiAddress is 'api.example.com'", id="a name"),
        pytest.param(_with(apiPort=0), "apiPort is 0", id="port"),
        pytest.param(_with(audience=""), "expected 'ha-masters/dev'", id="audience"),
        pytest.param(_with(kubernetesVersion="v1.36"), "kubernetesVersion is 'v1.36'", id="version"),
        pytest.param(_with(podRange="10.64.0.1/14"), "podRange is '10.64.0.1/14'", id="no range"),
        pytest.param(_with(dnsAddress="10.0.0.10"), "an address of the service range", id="DNS elsewhere"),
        pytest.param(_with(labels={"a b": "c"}), "labels.a b is 'a b', which is not the key", id="label"),
        pytest.param(_with(labels={"a": "b c"}), "labels.a is 'b c', which is not the value", id="value"),
        pytest.param(_with(labels={"a": 1}), "labels.a is 1; expected a string", id="number"),
        pytest.param(
            _with(taints=[{"key": "a", "value": "", "effect": "Never"}]),
            "taints.a.effect is 'Never'; expected one of NoSchedule",
            id="effect",
        ),
    ],
)
def test_others_are_refused(text: str, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        WorkerConfig.parse(text)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        pytest.param("tier", "", id="without a domain"),
        pytest.param("example.com/tier", "", id="of the operator's"),
        pytest.param("node.kubernetes.io/lifecycle", "", id="one that kubelets may set"),
        pytest.param("own.kubelet.kubernetes.io/a", "", id="below one that kubelets may set"),
        pytest.param("node-role.kubernetes.io/web", "no kubelet may give itself", id="role"),
        pytest.param("node-restriction.kubernetes.io/a", "no kubelet may give itself", id="kept from nodes"),
        pytest.param("topology.kubernetes.io/zone", "set by each node itself", id="zone"),
        pytest.param("ha-masters.dev/pool", "set by each node itself", id="pool"),
        pytest.param("Example.com/a", "not the key of a label", id="capitals in the domain"),
        pytest.param("/a", "not the key of a label", id="empty domain"),
        pytest.param("a" * 64, "at most 63", id="too long"),
    ],
)
def test_labels_that_a_kubelet_may_give_itself(key: str, says: str) -> None:
    problem = label_problem(key)
    assert says in problem
    assert bool(problem) == bool(says)
