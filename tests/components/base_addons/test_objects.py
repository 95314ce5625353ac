"""The base add-ons, word for word: `python -m tests.components.base_addons.test_objects` writes them anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.base_addons import (
    CLUSTER_AUTOSCALER,
    COREDNS,
    KUBE_PROXY,
    METRICS_SERVER,
    Api,
    Scaled,
    objects,
)

API = Api("203.0.113.10", 443)
AUTHORITIES = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
SCALED = (
    Scaled("my-project", "europe-west1-b", "dev-web-b", 0, 5),
    Scaled("my-project", "europe-west1-c", "dev-web-c", 1, 3),
)
FOLDER = Path(__file__).parent / "golden"
IMAGES = {
    COREDNS: "registry.k8s.io/coredns/coredns:v1.14.2@sha256:0123",
    KUBE_PROXY: "registry.k8s.io/kube-proxy:v1.36.3@sha256:4567",
    CLUSTER_AUTOSCALER: "registry.k8s.io/autoscaling/cluster-autoscaler:v1.36.1@sha256:cdef",
    METRICS_SERVER: "registry.k8s.io/metrics-server/metrics-server:v0.8.1@sha256:89ab",
}


def items(api: Api = API, pod_range: str = "10.64.0.0/14", nodes: int = 6) -> list[dict[str, Any]]:
    made = objects(
        IMAGES, api, pod_range, "10.0.16.10", nodes, kubelet_authorities=AUTHORITIES, scaled=SCALED
    )["items"]
    return list(made)


def made() -> dict[str, str]:
    return {f"{name}.yaml": _documents(name) for name in IMAGES}


def _documents(name: str) -> str:
    of_it = [each for each in items() if _of(each) == name]
    return yaml.safe_dump_all(of_it, sort_keys=False, width=110)


def _of(item: dict[str, Any]) -> str:
    name = item["metadata"]["name"]
    if CLUSTER_AUTOSCALER in name:
        return CLUSTER_AUTOSCALER
    if "metrics" in name:
        return METRICS_SERVER
    return KUBE_PROXY if KUBE_PROXY in name else COREDNS


def _pod(name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    [pod] = [
        each["spec"]["template"] for each in found if "template" in each.get("spec", {}) and _of(each) == name
    ]
    return dict(pod)


@pytest.mark.parametrize("name", sorted(made()))
def test_what_is_made_is_what_was_read_and_agreed(name: str) -> None:
    assert made()[name] == (FOLDER / name).read_text()


def test_no_file_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == made().keys()


@pytest.mark.parametrize(
    ("changed", "other"),
    [
        pytest.param(items(api=Api("203.0.113.11", 443)), True, id="another address"),
        pytest.param(items(pod_range="10.96.0.0/14"), True, id="another range of pods"),
        pytest.param(items(), False, id="the same"),
    ],
)
def test_another_configuration_is_other_pods(changed: list[dict[str, Any]], other: bool) -> None:
    assert (_pod(KUBE_PROXY, changed) != _pod(KUBE_PROXY, items())) == other


@pytest.mark.parametrize(
    ("nodes", "servers"),
    [
        pytest.param(0, 0, id="none where they have no place"),
        pytest.param(1, 2, id="never one alone"),
        pytest.param(32, 2, id="one for sixteen nodes"),
        pytest.param(33, 3, id="and one for those that are left"),
    ],
)
def test_there_are_as_many_dns_servers_as_nodes_need(nodes: int, servers: int) -> None:
    assert _replicas(items(nodes=nodes))[COREDNS] == servers


def test_each_account_that_a_pod_runs_as_is_there_before_it() -> None:
    seen: set[str] = set()
    for item in items():
        if item["kind"] == "ServiceAccount":
            seen.add(item["metadata"]["name"])
        if "template" in item.get("spec", {}):
            assert item["spec"]["template"]["spec"]["serviceAccountName"] in seen


def test_where_no_worker_is_asked_for_nothing_runs_on_any() -> None:
    """And the API of metrics isn't registered: while nobody answers it, no namespace ends."""
    found = items(nodes=0)
    assert _replicas(found) == {COREDNS: 0}
    assert not [each for each in found if each["kind"] == "APIService"]


def test_metrics_are_served_where_they_are_asked_for() -> None:
    without = objects(IMAGES, API, "10.64.0.0/14", "10.0.16.10", 6)["items"]
    assert METRICS_SERVER not in {_of(each) for each in without}


def _replicas(found: list[dict[str, Any]]) -> dict[str, int]:
    return {_of(each): each["spec"]["replicas"] for each in found if each["kind"] == "Deployment"}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in made().items():
        (FOLDER / name).write_text(content)
