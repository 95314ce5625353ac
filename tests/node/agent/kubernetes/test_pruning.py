"""Base add-ons end with the last pool, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from components.base_addons import COREDNS, KUBE_PROXY, Api, objects
from node.agent.kubernetes.pruning import QUIET_LOOKS, Pruning, at_rest
from node.contract.base_addons import LABEL, NAMES, PLACES

DAEMONSETS, SERVICES = PLACES[0], PLACES[3]
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
    Pruning(said.append).look(cluster, asked_for=False, leads=True)
    assert cluster.deleted == [f"{DAEMONSETS}/kube-proxy", f"{SERVICES}/kube-dns"]
    assert said == [
        "deletes daemonsets kube-proxy: no pool is left that needs it",
        "deletes services kube-dns: no pool is left that needs it",
    ]


@pytest.mark.parametrize(
    ("asked_for", "leads"),
    [
        pytest.param(True, True, id="while there are pools"),
        pytest.param(False, False, id="by one that doesn't lead"),
    ],
)
def test_nothing_is_asked(asked_for: bool, leads: bool) -> None:
    cluster = Cluster(daemonsets={"kube-proxy": OURS})
    Pruning(print).look(cluster, asked_for=asked_for, leads=leads)
    assert (cluster.asked, cluster.deleted) == ([], [])


def test_it_ends_when_nothing_is_found_again_and_again_and_begins_anew_after_other_pools() -> None:
    cluster, pruning = Cluster(daemonsets={"kube-proxy": OURS}), Pruning(print)

    def looks(number: int) -> int:
        before = len(cluster.asked)
        for _ in range(number):
            pruning.look(cluster, asked_for=False, leads=True)
        return (len(cluster.asked) - before) // len(PLACES)

    assert looks(2) == 2
    cluster.lists.clear()
    assert looks(10) == QUIET_LOOKS
    pruning.look(cluster, asked_for=True, leads=True)
    assert looks(10) == QUIET_LOOKS


def test_all_that_is_made_can_be_told_from_what_is_others() -> None:
    images = {KUBE_PROXY: "kube-proxy:v1", COREDNS: "coredns:v1"}
    api = Api("203.0.113.10", 443)
    made = objects(images, api, "10.64.0.0/14", "10.0.16.10", nodes=2, serves_services=True)["items"]
    assert {each["metadata"]["name"] for each in made} == NAMES
    for each in made:
        plural, metadata = f"{each['kind'].lower()}s", each["metadata"]
        assert LABEL in metadata["labels"]
        [place] = [place for place in PLACES if place.endswith(f"/{plural}")]
        assert f"/{each['apiVersion']}/" in place
        assert ("namespaces/kube-system" in place) == (metadata.get("namespace") == "kube-system")
