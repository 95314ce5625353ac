"""Every world within a few edits and faults, not only those that chance finds."""

from __future__ import annotations

import os

import pytest

from tests.node.planner.exploration import explore

WHOLE = pytest.mark.skipif("HA_MASTERS_WHOLE_MODEL" not in os.environ, reason="`make model` walks it")


@pytest.mark.parametrize(
    ("replicas", "edits", "faults", "established", "converge_each"),
    [
        pytest.param(1, 1, 2, False, 1, id="one-replica"),
        pytest.param(2, 1, 0, False, 1, id="two-replicas-an-edit"),
        pytest.param(2, 1, 1, True, 2, id="two-that-stand-an-edit-and-a-fault"),
        pytest.param(3, 1, 1, True, 10, id="three-that-stand-an-edit-and-a-fault"),
    ],
)
def test_promises_hold_in_the_first_worlds(
    replicas: int, edits: int, faults: int, established: bool, converge_each: int
) -> None:
    found = explore(replicas, edits, faults, established=established, converge_each=converge_each, limit=6000)
    assert found.steps > 100


@pytest.mark.parametrize(
    ("replicas", "edits", "faults", "converge_each"),
    [
        pytest.param(1, 2, 1, 1, id="a-sole-master-loses-its-disk"),
        pytest.param(2, 2, 1, 5, id="one-of-two-is-lost-and-the-list-edited"),
        pytest.param(3, 1, 1, 10, id="a-restore-over-a-quorum"),
    ],
)
def test_promises_hold_while_something_is_restored(
    replicas: int, edits: int, faults: int, converge_each: int
) -> None:
    found = explore(
        replicas, edits, faults, established=True, converge_each=converge_each, limit=4000, restores=True
    )
    assert found.steps > 100


@WHOLE
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("established", "states"),
    [pytest.param(True, 15_246, id="that-stand"), pytest.param(False, 189_143, id="that-begin")],
)
def test_promises_hold_in_every_world_of_two_replicas(established: bool, states: int) -> None:
    """All of them: the number, a lower bound, tells that nothing was left out."""
    assert explore(2, 1, 1, established=established, converge_each=3).states >= states
