"""The list of replicas is edited, `pulumi up` is run, and the promises hold at every moment in between."""

from __future__ import annotations

import pytest

from tests.conftest import Living
from tests.stack.harness import Stack
from tests.stack.invariants import broken_promises

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1, M2, M3, M4, M5 = "m1/b", "m2/c", "m3/d", "m4/b", "m5/c"


@pytest.mark.parametrize(
    "lists",
    [
        pytest.param(
            [[M1, M2, M3], [M1, M2, M3, M4, M5], [M1, M2, M3]], id="3-5-3", marks=pytest.mark.matrix
        ),
        pytest.param([[M1], [M1, M2, M3], [M3]], id="1-3-1, another one"),
        pytest.param(
            [[M1], [M1, M2], [M1, M2, M3], [M1, M2], [M1]], id="1-2-3-2-1", marks=pytest.mark.matrix
        ),
        pytest.param([[M1, M2, M3], [M1, M4, M3]], id="swap one", marks=pytest.mark.matrix),
        pytest.param([[M1], [M2]], id="swap the only one"),
        pytest.param(
            [[M1, M2, M3], [M1, "m2/d", M3]], id="move one to another zone", marks=pytest.mark.matrix
        ),
    ],
)
def test_each_edit_is_one_up(living: Living, lists: list[list[str]]) -> None:
    stack = living(lists[0])
    address = stack.cloud.rule()["ip"]
    for replicas in lists[1:]:
        stack.up(replicas)
        assert stack.cloud.voters() == sorted(replica.replace("/", "-") for replica in replicas)
        assert ("backendService" in stack.cloud.rule()) == (len(replicas) > 1)
        assert stack.cloud.rule()["ip"] == address
        stack.settled()
    assert broken_promises(stack.cloud.entries()) == []


def test_destroy_leaves_nothing(living: Living) -> None:
    stack = living([M1, M2, M3])
    stack.destroy()
    facts = stack.cloud.facts()
    assert (facts["addresses"], facts["forwardingRules"], facts["instances"]) == ({}, {}, {})


def test_destroy_refuses_while_the_address_is_protected(living: Living) -> None:
    stack = living([M1])
    outcome = stack.run("destroy", "--yes", "--skip-preview", check=False)
    assert outcome.code != 0
    assert "protected" in outcome.output
    assert "dev-api" in stack.cloud.facts()["addresses"]


@pytest.mark.matrix
def test_a_machine_is_replaced_under_its_own_name(living: Living) -> None:
    stack = living([M1, M2, M3])
    before = _instance_id(stack, "dev-m2-c")
    stack.up([M1, M2, M3], "--replace", "**::m2-c-turn")
    assert _instance_id(stack, "dev-m2-c") != before
    stack.settled()
    assert _group_members(stack, "c") == ["dev-m2-c"]
    assert broken_promises(stack.cloud.entries()) == []


@pytest.mark.matrix
def test_a_machine_and_its_disk_are_replaced_under_the_same_name(living: Living) -> None:
    stack = living([M1, M2, M3])
    disk = _disk_id(stack, "dev-m2-c-data", "c")
    stack.up([M1, M2, M3], "--replace", "**::m2-c-disk-turn")
    assert _disk_id(stack, "dev-m2-c-data", "c") != disk
    assert stack.cloud.voters() == ["m1-b", "m2-c", "m3-d"]
    stack.settled()
    assert broken_promises(stack.cloud.entries()) == []


def test_the_only_master_is_replaced_on_its_own_disk(living: Living) -> None:
    stack = living([M1])
    start = stack.cloud.last()
    stack.up([M1], "--replace", "**::m1-b-turn")
    calls = [entry.get("methodId") for entry in stack.cloud.entries(start)]
    assert "compute.forwardingRules.delete" not in calls
    assert stack.cloud.voters() == ["m1-b"]
    stack.settled()


def test_a_changed_image_rolls_one_master_at_a_time(living: Living) -> None:
    stack = living([M1, M2, M3])
    stack.up([M1, M2, M3], masters={"machineType": "e2-standard-4"})
    stack.settled()
    assert broken_promises(stack.cloud.entries()) == []


def test_a_dead_master_is_swapped(living: Living) -> None:
    stack = living([M1, M2, M3])
    stack.cloud.compute("POST", "zones/europe-west1-c/instances/dev-m2-c/stop")
    stack.up([M1, M4, M3])
    assert stack.cloud.voters() == ["m1-b", "m3-d", "m4-b"]
    stack.settled()


def test_taking_a_second_master_down_is_refused(living: Living) -> None:
    """One of three is dead already, though its VM runs: replacing a healthy one would cost the quorum."""
    stack = living([M1, M2, M3])
    stack.gate_deadline_seconds = 5
    stack.cloud.fault_guest("dev-m2-c", "freeze")
    outcome = stack.up([M1, M2, M3], "--replace", "**::m1-b-turn", check=False)
    assert outcome.code != 0
    assert "etcd would lose its quorum without m1-b" in outcome.output
    assert "m1-b" in stack.cloud.voters()


def test_of_two_masters_neither_is_restarted_before_a_third_has_joined(stack: Stack) -> None:
    bigger = {"machineType": "n2-standard-2"}
    stack.up([M1, M2])
    stack.gate_deadline_seconds = 5
    outcome = stack.up([M1, M2], masters=bigger, check=False)
    assert outcome.code != 0
    assert "all are needed. Add a replica first" in outcome.output
    assert stack.cloud.voters() == ["m1-b", "m2-c"]
    stack.gate_deadline_seconds = 60
    stack.up([M1, M2, M3], masters=bigger)
    assert stack.cloud.voters() == ["m1-b", "m2-c", "m3-d"]
    assert broken_promises(stack.cloud.entries()) == []


def test_a_sole_master_restarts_before_others_join(living: Living) -> None:
    stack = living([M1])
    stack.up([M2, M1, M3], masters={"machineType": "n2-standard-2"})
    assert stack.cloud.voters() == ["m1-b", "m2-c", "m3-d"]
    assert broken_promises(stack.cloud.entries()) == []


def test_a_change_that_failed_is_made_by_the_next_update(living: Living) -> None:
    """The provider writes the new value into the state also when Google refused it."""
    stack = living([M1])
    refusal = {"type": "http_error", "code": 403, "reason": "quotaExceeded", "message": "Quota exceeded."}
    stack.cloud.fault(method="compute.firewalls.patch", resource=".*", nth=1, action=refusal)
    narrower = {"authorizedNetworks": ["198.51.100.0/24"]}
    assert "Quota exceeded" in stack.up([M1], api=narrower, check=False).output
    assert "sourceRanges" in stack.preview([M1], "--diff", api=narrower).output
    stack.up([M1], api=narrower)
    rule = stack.cloud.compute("GET", "global/firewalls/dev-api-clients")
    assert "198.51.100.0/24" in rule["sourceRanges"]


def test_a_preview_begins_with_the_plan(living: Living) -> None:
    stack = living([M1])
    output = stack.preview([M1, M2, M3]).output
    assert "m2-c joins" in output
    assert "Load balancer: created" in output


def _instance_id(stack: Stack, name: str) -> str:
    return str(stack.cloud.compute("GET", f"zones/europe-west1-{name[-1]}/instances/{name}")["id"])


def _disk_id(stack: Stack, name: str, letter: str) -> str:
    return str(stack.cloud.compute("GET", f"zones/europe-west1-{letter}/disks/{name}")["id"])


def _group_members(stack: Stack, letter: str) -> list[str]:
    path = f"zones/europe-west1-{letter}/instanceGroups/dev-api-{letter}/listInstances"
    rows = stack.cloud.compute("POST", path, json={"instanceState": "ALL"}).get("items", [])
    return [row["instance"].rsplit("/", 1)[-1] for row in rows]
