from __future__ import annotations

import pytest

from node.contract.status import MemberView
from node.planner.quorum import (
    has_quorum,
    keeps_quorum_after_removal,
    keeps_quorum_without,
    quorum,
    tolerance,
)


@pytest.mark.parametrize(
    ("voters", "needed", "survives"), [(1, 1, 0), (2, 2, 0), (3, 2, 1), (4, 3, 1), (5, 3, 2), (7, 4, 3)]
)
def test_arithmetic(voters: int, needed: int, survives: int) -> None:
    assert (quorum(voters), tolerance(voters)) == (needed, survives)


def seen(text: str) -> list[MemberView]:
    """`a b! c~`: a healthy voter, one that is down, a learner."""
    return [
        MemberView(
            word[0], format(ord(word[0]), "x"), "learner" if "~" in word else "voter", "!" not in word, True
        )
        for word in text.split()
    ]


@pytest.mark.parametrize(
    ("members", "while_down", "once_removed"),
    [
        pytest.param("a", False, False, id="sole"),
        pytest.param("a b", False, True, id="two"),
        pytest.param("a b c", True, True, id="three"),
        pytest.param("a b c!", False, False, id="three-one-down"),
        pytest.param("a! b c", True, True, id="three-itself-down"),
        pytest.param("a! b c! d e", True, True, id="five"),
        pytest.param("a b~", False, False, id="learner-does-not-count"),
        pytest.param("a~ b", True, True, id="learner-is-no-loss"),
    ],
)
def test_quorum_without_a(members: str, while_down: bool, once_removed: bool) -> None:
    assert keeps_quorum_without(seen(members), "a") is while_down
    assert keeps_quorum_after_removal(seen(members), "a") is once_removed


def test_nobody_has_no_quorum() -> None:
    assert not has_quorum([])
