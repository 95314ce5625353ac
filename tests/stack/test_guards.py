"""Whatever deletes a machine, etcd is asked first: by guards that stand before the delete itself."""

from __future__ import annotations

import pytest
import requests

from tests.conftest import Living
from tests.stack.harness import Stack
from tests.stack.invariants import BUCKET, broken_promises

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

THREE = ["m1/b", "m2/c", "m3/d"]


def ids(stack: Stack) -> dict[str, str]:
    return {
        name: stack.cloud.compute("GET", f"zones/europe-west1-{name[-1]}/instances/{name}")["id"]
        for name in stack.cloud.facts()["instances"]
    }


def objects(stack: Stack) -> set[str]:
    reply = requests.get(f"{stack.cloud.url}/storage/v1/b/{BUCKET}/o", timeout=10)
    reply.raise_for_status()
    return {each["name"] for each in reply.json()["items"]}


def test_a_machine_that_etcd_needs_is_kept_although_the_engine_would_replace_it(living: Living) -> None:
    stack = living(THREE)
    before = ids(stack)
    stack.cloud.fault_guest("dev-m3-d", "freeze")
    stack.gate_deadline_seconds = 8
    refused = stack.up(THREE, "--replace", "**::m1-b-vm", check=False)
    assert refused.code != 0
    assert "etcd would lose its quorum without m1-b" in refused.output
    assert ids(stack) == before
    assert broken_promises(stack.cloud.entries()) == []


def test_two_machines_that_are_to_go_at_once_go_one_after_the_other(living: Living) -> None:
    stack = living(THREE)
    before = ids(stack)
    stack.up(THREE, "--replace", "**::m1-b-vm", "--replace", "**::m2-c-vm")
    after = ids(stack)
    assert {name for name in before if before[name] != after[name]} == {"dev-m1-b", "dev-m2-c"}
    assert broken_promises(stack.cloud.entries()) == []


def test_a_protected_cluster_is_whole_after_a_destroy_that_nobody_previewed(living: Living) -> None:
    stack = living(THREE)
    before = stack.cloud.last()
    refused = stack.run("destroy", "--yes", "--skip-preview", check=False)
    assert refused.code != 0
    assert "etcd-left" in refused.output
    calls = [each for each in stack.cloud.entries(before) if each["kind"] == "call"]
    assert [each["resource"] for each in calls if each["method"] == "DELETE"] == []


def test_a_destroy_that_is_taken_back_half_way_leaves_no_end_behind(living: Living) -> None:
    stack = living(THREE)
    stack.run("state", "unprotect", "--all", "--yes")
    stack.cloud.fault(
        method="compute.instances.delete",
        resource=".*",
        times=99,
        action={
            "type": "http_error",
            "code": 403,
            "reason": "forbidden",
            "message": "Required 'compute.instances.delete' permission",
        },
    )
    assert stack.run("destroy", "--yes", "--skip-preview", check=False).code != 0
    assert "desired/ended.json" in objects(stack)
    stack.cloud.clear_faults()
    stack.up(THREE)
    stack.settled()
    assert "desired/ended.json" not in objects(stack)
