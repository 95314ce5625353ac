"""P1 and P2 for gates, guards and planner together, in every history within a small budget; and what the model catches."""

from __future__ import annotations

import pytest

from tests.model.checker import established, explore, nothing
from tests.model.design import AS_IT_IS, MUTANTS
from tests.model.state import Budget, State


def standing(count: int, *, of: int, **budget: int) -> State:
    return established(of, frozenset(range(count)), Budget(**budget))


@pytest.mark.parametrize(
    ("beginning", "limit"),
    [
        pytest.param(standing(1, of=2, edits=2, cuts=1), None, id="one-grows-is-cut-off-and-taken-back"),
        pytest.param(standing(1, of=2, targets=1, edits=1, cuts=1), 4000, id="one-grows-and-target-deletes"),
        pytest.param(standing(2, of=2, edits=1, cuts=1), None, id="two-are-edited"),
        pytest.param(nothing(2, frozenset({0, 1}), Budget(edits=1, cuts=1)), 4000, id="nothing-is-there-yet"),
        pytest.param(
            standing(3, of=3, targets=1, faults=1), 4000, id="of-three-target-deletes-and-one-fails"
        ),
        pytest.param(standing(3, of=3, rolls=1, faults=1), 4000, id="three-are-rolled-and-one-fails"),
        pytest.param(
            standing(3, of=3, rolls=1, hands=1), 4000, id="three-are-rolled-and-one-stopped-by-hand"
        ),
    ],
)
def test_promises_hold(beginning: State, limit: int | None) -> None:
    found = explore([beginning], AS_IT_IS, converge_each=40, limit=limit)
    assert not found.story, "\n".join(found.story)
    assert found.converged


@pytest.mark.parametrize(
    ("mutant", "beginning", "promise"),
    [
        pytest.param(
            "the program of d845732",
            standing(1, of=2, edits=2, cuts=1),
            "P2: the update ends with success, and voters are",
            id="d845732",
        ),
        pytest.param(
            "gates compare recorded inputs only",
            standing(1, of=2, edits=2, cuts=1),
            "P2: the update ends with success, and voters are",
            id="gates-compare-recorded-inputs-only",
        ),
        pytest.param(
            "recorded inputs only, behind guards",
            standing(1, of=2, edits=2, cuts=1),
            "P2: the update ends with success",
            id="recorded-inputs-only-behind-guards",
        ),
        pytest.param("no guards", standing(1, of=2, targets=1), "P1: the disk of a-b", id="no-guards"),
        pytest.param(
            "guards without claims",
            standing(3, of=3, targets=1),
            "P1: the machine of",
            id="guards-without-claims",
        ),
        pytest.param(
            "a turn trusts silence", standing(2, of=2, rolls=1, faults=1), "P1: the machine of", id="silence"
        ),
        pytest.param(
            "a learner counts for nothing",
            standing(1, of=2, edits=1, targets=1, cuts=1),
            "P1: the machine of b-c",
            id="learners",
        ),
        pytest.param(
            "a dead leader is believed",
            standing(3, of=3, targets=1, faults=1),
            "P1: the machine of",
            id="dead-leader",
        ),
        pytest.param(
            "views outlive a machine's start",
            standing(3, of=3, targets=1, hands=1),
            "P1: the machine of",
            id="views-of-machines-that-were-started-later",
        ),
        pytest.param(
            "the last gates ask the bucket alone",
            standing(1, of=2, edits=1, hands=1),
            "P2: the update ends with success, and a-b is down",
            id="last-word-of-the-bucket",
        ),
        pytest.param(
            "the last gate asks for leavers only",
            standing(1, of=2, edits=1, hands=1),
            "P2: the update ends with success, and",
            id="last-word-on-leavers",
        ),
    ],
)
def test_mutant_is_caught(mutant: str, beginning: State, promise: str) -> None:
    """With the shortest story there is: `python -m tests.model.checker --design` tells it."""
    found = explore([beginning], MUTANTS[mutant], limit=20_000)
    assert found.story, str(found)
    assert found.story[-1].startswith(promise)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutant", "beginning", "promise"),
    [
        pytest.param(
            "who is to leave counts",
            standing(3, of=3, edits=1, targets=1),
            "P1: the machine of",
            id="leavers",
        ),
    ],
)
def test_rarer_mutant_is_caught(mutant: str, beginning: State, promise: str) -> None:
    test_mutant_is_caught(mutant, beginning, promise)
