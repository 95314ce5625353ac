"""What a worker says of itself on its console."""

from __future__ import annotations

from typing import Any

import pytest

from node.worker.joining import Look, lacks_pod_range, verdict
from tests.node.manifests.machines import WORKER


def node(ready: str = "True", message: str = "", **spec: str) -> dict[str, Any]:
    conditions = [{"type": "MemoryPressure", "status": "False"}]
    if ready:
        conditions.append({"type": "Ready", "status": ready, "message": message})
    return {"spec": spec, "status": {"conditions": conditions}}


@pytest.mark.parametrize(
    ("look", "says"),
    [
        pytest.param(
            Look(no_identity="GET http://… answered 404: "),
            "can't join: GET http://… answered 404: . Does the pool's template give it a service account?",
            id="a VM without an account",
        ),
        pytest.param(
            Look(refusal="GET https://203.0.113.10/…: timed out"),
            "can't join: the API doesn't answer here: GET https://203.0.113.10/…: timed out",
            id="a firewall, or nobody there",
        ),
        pytest.param(
            Look(refusal="Unauthorized", status=401),
            "can't join: the API at https://203.0.113.10:443 doesn't take this VM's identity (401). It has to be for "
            "ha-masters/dev, of the account that workers have, and by name and zone of a pool that the masters know: "
            "pool web, europe-west1-b",
            id="unknown to the masters",
        ),
        pytest.param(
            Look(refusal="nodes is forbidden", status=403),
            "can't join: the API at https://203.0.113.10:443 takes this VM for somebody who may not read Node "
            "dev-web-b-x1y2: nodes is forbidden",
            id="somebody else to the masters",
        ),
        pytest.param(
            Look(refusal="answered 500: etcd", status=500),
            "can't join: the API refuses: answered 500: etcd",
            id="an API that is ill",
        ),
        pytest.param(
            Look(kubelet_runs=False),
            "can't join: its kubelet doesn't run, and `journalctl -u kubelet` says why",
            id="no kubelet",
        ),
        pytest.param(
            Look(),
            "joins: the API at https://203.0.113.10:443 knows it, and its kubelet has not made its Node yet",
            id="about to join",
        ),
        pytest.param(
            Look(node("False", "cni plugin not initialized")),
            "has joined and is not Ready: cni plugin not initialized",
            id="not ready",
        ),
        pytest.param(
            Look(node("")),
            "has joined and is not Ready: its kubelet has not reported yet",
            id="silent",
        ),
        pytest.param(
            Look(node(), serves=False),
            "is Ready, and no logs of its pods can be had: no master has approved the certificate that its kubelet asks "
            "for, in `kubectl get csr`",
            id="without a certificate to serve with",
        ),
        pytest.param(Look(node()), "is a Ready node of pool web", id="well"),
    ],
)
def test_the_first_thing_in_the_way_is_said(look: Look, says: str) -> None:
    assert verdict(WORKER, look) == f"dev-web-b-x1y2 {says}"


@pytest.mark.parametrize(
    ("look", "none"),
    [
        pytest.param(Look(), True, id="it says that there is none"),
        pytest.param(Look(node()), False, id="there is one"),
        pytest.param(Look(refusal="no answer"), False, id="it doesn't say"),
        pytest.param(Look(no_identity="none"), False, id="it wasn't asked"),
    ],
)
def test_only_the_api_s_word_counts_for_a_missing_node(look: Look, none: bool) -> None:
    assert look.knows_no_node == none


@pytest.mark.parametrize(
    ("spec", "lacks"),
    [
        pytest.param({}, True, id="new"),
        pytest.param({"podCIDR": "10.64.9.0/24"}, False, id="set"),
    ],
)
def test_a_node_s_range_is_set_once(spec: dict[str, str], lacks: bool) -> None:
    assert lacks_pod_range(node(**spec)) == lacks
