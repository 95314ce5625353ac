"""What the bucket deletes by itself below `snapshots/`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.components.recording import run_program
from tests.components.stacks import stack

ALWAYS = {"daysSinceNoncurrentTime": 1, "numNewerVersions": 3, "withState": "ARCHIVED"}


@pytest.mark.parametrize(
    ("backup", "rule"),
    [
        pytest.param({}, {"age": 7, "matchesPrefixes": ["snapshots/"]}, id="by age"),
        pytest.param(
            {"keep": {"daily": 7}},
            {"daysSinceNoncurrentTime": 1, "withState": "ARCHIVED", "matchesPrefixes": ["snapshots/"]},
            id="in steps: what the masters have deleted, a day later",
        ),
    ],
)
def test_a_live_snapshot_goes_by_age_only_without_steps(backup: dict[str, Any], rule: dict[str, Any]) -> None:
    run = run_program({**stack(1), "ha-masters:etcd": json.dumps({"backup": backup})})
    rules = run.resources["etcd-bucket"].inputs["lifecycleRules"]
    assert [each["condition"] for each in rules] == [rule, ALWAYS]
