"""A fixed short walk; `python -m tests.fuzz --transitions N --seed S` goes further."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from lab.toolchain import ensure
from tests.fuzz.walk import walk
from tests.stack.harness import Stack, cloud

pytestmark = [pytest.mark.toolchain, pytest.mark.slow, pytest.mark.matrix]


def test_a_short_walk(tmp_path: Path) -> None:
    with cloud(tmp_path / "cloud") as running:
        stack = Stack(tmp_path / "stack", running, ensure(), records_each_step=False).create()
        steps = list(walk(stack, Random(1), 3))  # noqa: S311
    assert [f"{step}: {complaint}" for step in steps for complaint in step.complaints] == []
    assert len(steps) == 3
