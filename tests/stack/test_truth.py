"""What makes a success untrue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.stack.truth import Stood, untrue

NAMES = ["m1-b", "m2-c"]


def machine(name: str, status: str = "RUNNING") -> dict[str, Any]:
    return {
        "id": f"id-{name}",
        "status": status,
        "metadata": {"items": [{"key": "config-hash", "value": "one"}]},
    }


def status(name: str, **more: str) -> dict[str, Any]:
    known = {"instanceId": f"id-{name}", "configHash": "one", "phase": "serving", "reason": ""}
    return known | more


TRUE = Stood(
    {"voters": NAMES, "healthy": NAMES, "serving": NAMES, "learners": []},
    {name: machine(name) for name in NAMES},
    {name: status(name) for name in NAMES},
    dict.fromkeys(NAMES, "HEALTHY"),
)


def test_all_is_as_asked_for() -> None:
    assert untrue(TRUE, ["m2/c", "m1/b"]) == []


@pytest.mark.parametrize(
    ("there", "said"),
    [
        pytest.param(replace(TRUE, etcd={**TRUE.etcd, "voters": ["m1-b"]}), "voters are", id="not a member"),
        pytest.param(
            replace(TRUE, etcd={**TRUE.etcd, "healthy": ["m1-b"]}), "healthy are", id="a dead member"
        ),
        pytest.param(replace(TRUE, etcd={**TRUE.etcd, "learners": ["m3-d"]}), "still learn", id="a learner"),
        pytest.param(
            replace(TRUE, machines={**TRUE.machines, "m3-d": machine("m3-d")}), "machines are", id="left over"
        ),
        pytest.param(
            replace(TRUE, machines={**TRUE.machines, "m2-c": machine("m2-c", "TERMINATED")}),
            "m2-c is TERMINATED",
            id="off",
        ),
        pytest.param(
            replace(TRUE, statuses={**TRUE.statuses, "m2-c": status("m2-c", configHash="two")}),
            "another configuration",
            id="the former configuration",
        ),
        pytest.param(
            replace(TRUE, statuses={**TRUE.statuses, "m2-c": status("m2-c", instanceId="old")}),
            "another machine",
            id="the former machine's word",
        ),
        pytest.param(
            replace(TRUE, behind={"m1-b": "HEALTHY"}), "rule leads to", id="the rule points elsewhere"
        ),
        pytest.param(
            replace(TRUE, behind={**TRUE.behind, "m2-c": "UNHEALTHY"}), "UNHEALTHY", id="not reached"
        ),
    ],
)
def test_otherwise(there: Stood, said: str) -> None:
    assert any(said in each for each in untrue(there, ["m1/b", "m2/c"]))
