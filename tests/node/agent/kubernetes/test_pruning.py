"""Base add-ons that nobody asks for any more end, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from components.base_addons import (
    CLUSTER_AUTOSCALER,
    COREDNS,
    KUBE_PROXY,
    METRICS_SERVER,
    Api,
    Scaled,
    objects,
)
from node.agent.kubernetes.pruning import QUIET_LOOKS, Pruning, at_rest
from node.contract.base_addons import LABEL, NAMES, PLACES

DAEMONSETS, SERVICES = PLACES[1], PLACES[4]
NOTHING = frozenset[str]()
OURS, THEIRS = {LABEL: ""}, {"k8s-app": "kube-dns"}


class Cluster:
    """Objects by list: name and labels."""

    def __init__(self, **lists: dict[str, dict[str, str]]) -> None:
        self.lists = lists
        self.asked: list[str] = []
        self.deleted: list[str] = []

    def get(self, path: str, *, metadata_only: bool = False) -> dict[str, Any] | None:
        assert metadata_only
        assert path.endswith("?labelSelector=ha-masters.dev/base-addon")
        self.asked.append(path)
        found = self.lists.get(path.partition("?")[0].rpartition("/")[2], {})
        return {"items": [{"metadata": {"name": n, "labels": labels}} for n, labels in found.items()] or None}

    def delete(self, path: str) -> None:
        self.deleted.append(path)


@pytest.mark.parametrize(
    ("labels", "kind", "replicas"),
    [
        pytest.param({LABEL: ""}, "Deployment", 0, id="of ours"),
        pytest.param({"k8s-app": "kube-dns"}, "Deployment", 2, id="of somebody's"),
        pytest.param({LABEL: ""}, "StatefulSet", 2, id="of another kind"),
    ],
)
def test_a_deployment_rests_while_the_last_workers_leave(
    labels: dict[str, str], kind: str, replicas: int
) -> None:
    wanted = {"kind": kind, "metadata": {"name": "coredns", "labels": labels}, "spec": {"replicas": 2}}
    assert at_rest(wanted)["spec"] == {"replicas": replicas}
    assert wanted["spec"] == {"replicas": 2}


def test_what_is_ours_by_label_and_name_is_deleted_and_no_more() -> None:
    cluster = Cluster(
        daemonsets={"kube-proxy": OURS, "their-proxy": OURS},
        services={"kube-dns": OURS},
        configmaps={"coredns": THEIRS},
    )
    said: list[str] = []
    Pruning(said.append).look(cluster, wanted=NOTHING, leads=True)
    assert cluster.deleted == [f"{DAEMONSETS}/kube-proxy", f"{SERVICES}/kube-dns"]
    assert said == [
        "deletes daemonsets kube-proxy: nobody asks for it any more",
        "deletes services kube-dns: nobody asks for it any more",
    ]


def test_one_that_was_turned_off_is_deleted_and_the_others_stay() -> None:
    cluster = Cluster(daemonsets={"kube-proxy": OURS}, services={"kube-dns": OURS, "metrics-server": OURS})
    wanted = frozenset({f"{DAEMONSETS}/kube-proxy", f"{SERVICES}/kube-dns"})
    Pruning(print).look(cluster, wanted=wanted, leads=True)
    assert cluster.deleted == [f"{SERVICES}/metrics-server"]


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        pytest.param(None, True, id="while what is wanted isn't known"),
        pytest.param(NOTHING, False, id="by one that doesn't lead"),
    ],
)
def test_nothing_is_asked(wanted: frozenset[str] | None, leads: bool) -> None:
    cluster = Cluster(daemonsets={"kube-proxy": OURS})
    Pruning(print).look(cluster, wanted=wanted, leads=leads)
    assert (cluster.asked, cluster.deleted) == ([], [])


def test_it_ends_when_nothing_is_found_again_and_again_and_begins_anew_after_other_pools() -> None:
    cluster, pruning = Cluster(daemonsets={"kube-proxy": OURS}), Pruning(print)

    def looks(number: int) -> int:
        before = len(cluster.asked)
        for _ in range(number):
            pruning.look(cluster, wanted=NOTHING, leads=True)
        return (len(cluster.asked) - before) // len(PLACES)

    assert looks(2) == 2
    cluster.lists.clear()
    assert looks(10) == QUIET_LOOKS
    pruning.look(cluster, wanted=frozenset({f"{SERVICES}/kube-dns"}), leads=False)
    assert looks(10) == QUIET_LOOKS


def test_all_that_is_made_can_be_told_from_what_is_others() -> None:
    images = {name: f"{name}:v1" for name in (KUBE_PROXY, COREDNS, METRICS_SERVER, CLUSTER_AUTOSCALER)}
    api, scaled = Api("203.0.113.10", 443), (Scaled("p", "europe-west1-b", "dev-web-b", 0, 3),)
    whole = {"kubelet_authorities": "PEM", "serves_services": True, "scaled": scaled}
    made = objects(images, api, "10.64.0.0/14", "10.0.16.10", 2, **whole)["items"]
    assert {each["metadata"]["name"] for each in made} == NAMES
    for each in made:
        plural, metadata = f"{each['kind'].lower()}s", each["metadata"]
        assert LABEL in metadata["labels"]
        [place] = [place for place in PLACES if place.endswith(f"/{plural}")]
        assert f"/{each['apiVersion']}/" in place
        assert ("namespaces/kube-system" in place) == (metadata.get("namespace") == "kube-system")
