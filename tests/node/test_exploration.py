"""Every world within a few edits and faults, not only those that chance finds."""

from __future__ import annotations

import pytest

from tests.node.exploration import explore


@pytest.mark.parametrize(
    ("replicas", "edits", "faults", "converge_each"),
    [
        pytest.param(1, 1, 2, 1, id="one-replica"),
        pytest.param(2, 1, 0, 1, id="two-replicas-an-edit"),
        pytest.param(3, 1, 1, 40, id="three-replicas-the-first-worlds"),
    ],
)
def test_promises_hold_in_every_world(replicas: int, edits: int, faults: int, converge_each: int) -> None:
    assert explore(replicas, edits, faults, converge_each=converge_each, limit=8000).steps > 100


@pytest.mark.slow
def test_promises_hold_in_every_world_of_two_replicas() -> None:
    assert explore(2, 1, 1, converge_each=3).converged > 10_000
