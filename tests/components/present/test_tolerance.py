"""Failures that etcd survives now."""

from __future__ import annotations

import pytest

from components.present.facts import Present
from components.present.tolerance import tolerance_now
from tests.components.present.masters import NOW, master, one, three


def five(down: int, leader_members: str = "m1-b m2-c m3-d m4-b m5-c") -> Present:
    names = leader_members.split()
    return Present(
        NOW,
        tuple(
            master(name, leader_members, machine="TERMINATED" if number >= len(names) - down else "RUNNING")
            for number, name in enumerate(names)
        ),
    )


@pytest.mark.parametrize(
    ("present", "now", "lost"),
    [
        pytest.param(three(), 1, False, id="three of three"),
        pytest.param(three(m2=master("m2-c", machine="TERMINATED")), 0, False, id="two of three"),
        pytest.param(five(0), 2, False, id="five of five"),
        pytest.param(five(1), 1, False, id="four of five"),
        pytest.param(five(2), 0, False, id="three of five"),
        pytest.param(five(3), 0, True, id="two of five"),
        pytest.param(one(), 0, False, id="the only one"),
        pytest.param(one(machine="TERMINATED"), 0, True, id="the only one, stopped"),
        pytest.param(one(machine="", report=None), 0, True, id="the only one, gone"),
        pytest.param(one(age=31), None, False, id="the only one, silent"),
        pytest.param(
            three(m1=master("m1-b", machine="TERMINATED")), None, False, id="the leader was stopped just now"
        ),
    ],
)
def test_now(present: Present, now: int | None, lost: bool) -> None:
    seen = tolerance_now(present)
    assert (seen.now, seen.lost) == (now, lost)
