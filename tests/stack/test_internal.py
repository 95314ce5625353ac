"""`api.internal`: the internal address is served for one master as for three, and its rule is made once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Living
from tests.stack.harness import Cloud, Stack
from tests.stack.invariants import broken_promises

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1, M2, M3 = "m1/b", "m2/c", "m3/d"
BESIDE, ONLY = {"internal": "beside"}, {"internal": "only"}
INNER = "dev-api-internal"


def rules(cloud: Cloud) -> dict[str, Any]:
    return dict(cloud.facts()["forwardingRules"])


def touched(cloud: Cloud, began: int) -> set[str]:
    """Calls on the internal rule."""
    changed = [entry for entry in cloud.entries(began) if "facts" in entry and "methodId" in entry]
    return {
        entry["methodId"]
        for entry in changed
        if "forwardingRules" in entry["methodId"] and INNER in str(entry.get("resource"))
    }


def test_an_internal_address_comes_to_a_living_cluster_and_is_never_touched_again(living: Living) -> None:
    stack = living([M1])
    public = stack.cloud.rule()
    assert "the public address stays as it is" in stack.preview([M1], api=BESIDE).output.replace("\n", " ")
    stack.up([M1], api=BESIDE)
    stack.settled()
    inner = rules(stack.cloud)[INNER]
    assert (stack.cloud.rule(), "backendService" in inner) == (public, True)
    began = stack.cloud.last()
    stack.up([M1, M2, M3], api=BESIDE)
    stack.up([M1], api=BESIDE)
    assert (touched(stack.cloud, began), rules(stack.cloud)[INNER]) == (set(), inner)
    refused = stack.up([M1], check=False, api=ONLY).output.replace("\n", " ")
    assert "Set api.protectAddress to false in an update of its own" in refused
    assert broken_promises(stack.cloud.entries()) == []


@pytest.mark.matrix
def test_with_the_internal_address_alone_nothing_of_the_api_is_public(stack: Stack) -> None:
    stack.up([M1], api=ONLY)
    stack.settled()
    inner, began = rules(stack.cloud), stack.cloud.last()
    assert list(inner) == [INNER]
    assert "dev-api" not in stack.cloud.facts()["addresses"]
    stack.up([M1, M2, M3], api=ONLY)
    stack.up([M1], api=ONLY)
    assert (touched(stack.cloud, began), rules(stack.cloud)) == (set(), inner)
    assert stack.cloud.voters() == ["m1-b"]
    stack.destroy()
    assert rules(stack.cloud) == {}
