"""kube-up's own tests of HA masters, `ha_master.go`, step by step, and what they never checked.

Theirs, after every step: as many Ready masters as there should be and no stale Node; a new replication controller; and the
pods of all that were created so far still run. Ours besides: the address, the load balancer's presence, etcd's members,
leaks. Their third test adds workers in several zones and waits for node pools.
Source: kubernetes/kubernetes, test/e2e/cloud/gcp/ha_master.go (see the design's research notes).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from lab.machines.image.recipe import PAUSE
from tests.e2e.lab import on_machines
from tests.e2e.site import Site, identity, site, vm
from tests.stack.invariants import ADDRESS, broken_promises
from tests.waiting import until

pytestmark = on_machines(timeout=1200)

PODS_SECONDS = 120.0

SAME_ZONE = [["m1/b"], ["m1/b", "m2/b"], ["m1/b", "m2/b", "m3/b"], ["m2/b", "m3/b"], ["m3/b"]]
"""The original goes first: kube-down could take it away too."""

DIFFERENT_ZONES = [["m1/b"], ["m1/b", "m2/c"], ["m1/b", "m2/c", "m3/d"], ["m1/b", "m2/c"], ["m1/b"]]


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("kube-up")) as made:
        yield made


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(SAME_ZONE, id="same-zone"),
        pytest.param(DIFFERENT_ZONES, id="different-zones", marks=pytest.mark.live),
    ],
)
def test_masters_come_and_go(cluster: Site, steps: list[list[str]]) -> None:
    address = ""
    for number, replicas in enumerate(steps):
        cluster.tell(f"{len(replicas)} masters: up in {cluster.up(replicas):.0f} s")
        cluster.ready(replicas)
        controller = _controller(f"ha-control-plane-{number}")
        cluster.kubectl("create", "-f", "-", stdin=json.dumps(controller))
        names = [f"ha-control-plane-{n}" for n in range(number + 1)]
        until(f"a pod of each of {names} runs", partial(_all_run, cluster, names), PODS_SECONDS)

        facts = cluster.cloud.facts()
        rule = facts["forwardingRules"][ADDRESS]
        address = address or rule["ip"]
        assert rule["ip"] == address
        assert ("backendService" in rule) == (len(replicas) > 1)
        assert set(facts["instances"]) == {vm(replica) for replica in replicas} == set(cluster.machines())
        assert cluster.members() == {identity(replica): "voter" for replica in replicas}
        here = {name for name, status in cluster.statuses().items() if status["phase"] != "gone"}
        assert here == {identity(replica) for replica in replicas}
    assert broken_promises(cluster.cloud.entries()) == []


def _controller(name: str) -> dict[str, Any]:
    """Masters are tainted, and there are no other nodes yet."""
    return {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "selector": {"name": name},
            "template": {
                "metadata": {"labels": {"name": name}},
                "spec": {
                    "tolerations": [
                        {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5},
                        {"operator": "Exists", "effect": "NoSchedule"},
                    ],
                    "terminationGracePeriodSeconds": 1,
                    "containers": [{"name": "pause", "image": PAUSE, "imagePullPolicy": "Never"}],
                },
            },
        },
    }


def _all_run(cluster: Site, names: list[str]) -> bool:
    """Whether of these controllers, and of no others, a pod runs."""
    return _running(cluster) == set(names)


def _running(cluster: Site) -> set[str]:
    """Controllers with a pod that runs and has an address of the pods' range."""
    return {
        pod["metadata"]["labels"]["name"]
        for pod in cluster.get("pods", "-n", "default")["items"]
        if pod["status"].get("phase") == "Running"
        and pod["status"].get("podIP", "").startswith("10.6")
        and "deletionTimestamp" not in pod["metadata"]
    }
