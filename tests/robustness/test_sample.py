"""A fixed few of the histories; `python -m tests.robustness` lives through any others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.node.agent.world import REAL_PROGRAMS, World
from tests.robustness.histories import drawn
from tests.robustness.living import live

pytestmark = [*REAL_PROGRAMS, pytest.mark.slow]

SEEDS = (2,)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_clients_saw_can_be(world: World, tmp_path: Path, seed: int) -> None:
    verdict = live(world, drawn(seed), tmp_path / "judged", print)
    assert verdict.well, verdict
    assert verdict.acknowledged > 100
