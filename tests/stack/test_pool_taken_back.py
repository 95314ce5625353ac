"""A pool whose change was cut off: what it was made of before is still there when the change is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from node.contract.pools import same_template
from tests.conftest import Living
from tests.stack.harness import REGION, Stack

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

ONE = ["m1/b"]


def test_a_change_that_is_cut_off_before_its_deletes_is_taken_back(living: Living) -> None:
    """The replaced template stands in the state as one to delete, and no second one may have its name. The model's masters
    see to no pools, so each of these updates ends at the gate that waits for them.
    """
    stack = living(ONE)
    stack.gate_deadline_seconds = 8
    for machine_type in ("e2-standard-2", "e2-standard-4", "e2-standard-2"):
        ended = stack.up(ONE, check=False, pools=_pool(machine_type))
        assert "says nothing of pools yet" in ended.output
        assert "alreadyExists" not in ended.output
    first, second, third = sorted(_templates(stack), key=lambda each: each["creationTimestamp"])
    assert first["properties"] == third["properties"] != second["properties"]
    assert same_template(first["name"], third["name"])


def _pool(machine_type: str) -> list[dict[str, Any]]:
    """Without machines: what is tested is what they would be made of."""
    return [{"name": "web", "zones": [f"{REGION}-b"], "size": 0, "machineType": machine_type}]


def _templates(stack: Stack) -> list[dict[str, Any]]:
    return list(stack.cloud.compute("GET", f"regions/{REGION}/instanceTemplates").get("items", []))
