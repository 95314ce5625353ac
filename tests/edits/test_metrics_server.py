"""metrics-server comes and goes while there are workers."""

from __future__ import annotations

from typing import Any

import pytest

from components.config import parse
from components.edits import judge
from tests.edits.table import PROJECT, REGION, living, merged, raw, stood

WEB: dict[str, Any] = {"pools": [{"name": "web", "zones": ["europe-west1-b"], "size": 1}]}
WITHOUT = {**WEB, "metricsServer": False}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(WEB, WITHOUT, ["`kubectl top` and autoscaling by load have nobody to ask"], id="goes"),
        pytest.param(WITHOUT, WEB, ["Pods may ask every node's kubelet from then on"], id="comes"),
        pytest.param(WEB, WEB, [], id="stays"),
    ],
)
def test_a_switch_is_told(before: dict[str, Any], after: dict[str, Any], says: list[str]) -> None:
    config = parse(raw(merged(living(), after)), project=PROJECT, region=REGION)
    found = judge(stood(merged(living(), before)), config)
    told = [note.says for note in found.notes if note.key == "metricsServer"]
    assert [words in said for words, said in zip(says, told, strict=True)] == [True] * len(says)
