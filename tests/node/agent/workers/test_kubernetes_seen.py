"""Pods and budgets as the API has them, read as an eviction counts them."""

from __future__ import annotations

from typing import Any

import pytest

from node.agent.workers.kubernetes_seen import budget_of, node_of_row, pod_of
from node.planner.pools.seen import Node

ILL = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}
WELL = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


def pod(status: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"namespace": "default", "name": "x"}, "status": status}


def budget(current: int, desired: int, **spec: Any) -> dict[str, Any]:
    status = {"currentHealthy": current, "desiredHealthy": desired, "disruptionsAllowed": 0}
    return {
        "metadata": {"namespace": "default", "name": "b"},
        "spec": {"selector": {}, **spec},
        "status": status,
    }


@pytest.mark.parametrize(
    ("the_pod", "the_budget", "minds"),
    [
        pytest.param(pod(WELL), budget(2, 2), True, id="a well one"),
        pytest.param(
            pod(WELL),
            budget(2, 2, unhealthyPodEvictionPolicy="AlwaysAllow"),
            True,
            id="a well one, whatever the policy",
        ),
        pytest.param(
            pod(ILL), budget(0, 1, unhealthyPodEvictionPolicy="AlwaysAllow"), False, id="an ill one, by the policy"
        ),
        pytest.param(pod(ILL), budget(0, 1), True, id="an ill one where too few are well"),
        pytest.param(pod(ILL), budget(1, 1), False, id="an ill one where enough are well"),
        pytest.param(pod(ILL), budget(0, 0), True, id="an ill one, and nobody has counted"),
        pytest.param(pod({"phase": "Pending"}), budget(0, 1), False, id="one that hasn't begun"),
    ],
)  # fmt: skip
def test_which_pods_a_budget_minds(the_pod: dict[str, Any], the_budget: dict[str, Any], minds: bool) -> None:
    assert budget_of(the_budget).minds(pod_of(the_pod)) is minds


@pytest.mark.parametrize(
    ("status", "ready", "cordoned"),
    [
        pytest.param("Ready", True, False, id="of use"),
        pytest.param("NotReady", False, False, id="silent"),
        pytest.param("Unknown", False, False, id="one that never said anything"),
        pytest.param("Ready,SchedulingDisabled", True, True, id="cordoned"),
        pytest.param("NotReady,SchedulingDisabled", False, True, id="cordoned and silent"),
    ],
)
def test_a_row_of_the_table_tells_what_a_node_is_of_use_for(status: str, ready: bool, cordoned: bool) -> None:
    assert node_of_row({"Name": "n", "Status": status}) == Node("n", ready, cordoned)
