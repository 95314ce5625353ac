"""What gates measured the last time, beside what is expected."""

from __future__ import annotations

import pytest

from components.present.ledger import Wait, told

DAYS = 3 * 86_400.0
READY = (Wait("ready", "m2-c", 51, DAYS + 60), Wait("ready", "m1-b", 48, DAYS + 120))


@pytest.mark.parametrize(
    ("waits", "expected", "lines"),
    [
        pytest.param((), (1, 2), [], id="nothing is known"),
        pytest.param(
            READY,
            (1, 2),
            [
                "dev, when gates last waited (3 days ago): m1-b was ready after 48 s and m2-c after 51 s.",
                "  That is not longer than the 1 to 2 min that are expected of each master now.",
            ],
            id="as expected",
        ),
        pytest.param(
            (*READY, Wait("ready", "m3-d", 250, DAYS)),
            (1, 2),
            [
                "dev, when gates last waited (3 days ago): m1-b was ready after 48 s, m2-c after 51 s and m3-d after 4 min.",
                "  That is longer than the 1 to 2 min that are expected of each master now.",
            ],
            id="longer",
        ),
        pytest.param(
            (Wait("api", "", 12, DAYS), Wait("joined", "", 95, DAYS + 20), Wait("left", "", 30, DAYS)),
            None,
            [
                "dev, when gates last waited (3 days ago): all had joined after 95 s, the API answered after 12 s and all "
                "others had left after 30 s."
            ],
            id="members and the API",
        ),
        pytest.param(
            (Wait("api", "", 12, DAYS), Wait("joined", "", 95, 9 * 86_400)),
            None,
            ["dev, when gates last waited (3 days ago): the API answered after 12 s."],
            id="an earlier update isn't told of",
        ),
        pytest.param((Wait("turn", "m1-b", 1, 5),), None, [], id="a gate that nobody asks about"),
    ],
)
def test_the_ledger(waits: tuple[Wait, ...], expected: tuple[int, int] | None, lines: list[str]) -> None:
    assert told(waits, expected, "dev").splitlines() == lines
