"""`api.loadBalancer: always`: the rule that holds the address is made once."""

from __future__ import annotations

import pytest

from tests.conftest import Living
from tests.stack.invariants import broken_promises

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1, M2, M3 = "m1/b", "m2/c", "m3/d"
ALWAYS = {"loadBalancer": "always"}


def test_the_rule_is_replaced_once_and_never_again(living: Living) -> None:
    stack = living([M1])
    before = stack.cloud.rule()
    assert "expect 5 to 20 s without the API" in stack.preview([M1], api=ALWAYS).output
    stack.up([M1], api=ALWAYS)
    stack.settled()
    after = stack.cloud.rule()
    assert (after["ip"], "backendService" in before, "backendService" in after) == (before["ip"], False, True)
    began = stack.cloud.last()
    stack.up([M1, M2, M3], api=ALWAYS)
    stack.up([M1], api=ALWAYS)
    touched = {
        entry["methodId"] for entry in stack.cloud.entries(began) if "facts" in entry and "methodId" in entry
    }
    assert not {each for each in touched if "forwardingRules" in each}
    assert stack.cloud.rule() == after
    assert broken_promises(stack.cloud.entries()) == []
