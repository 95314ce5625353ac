"""What a run says beside the list of the excused."""

from __future__ import annotations

import pytest

from tests.acceptance.judging import Ended, Outcome, Reason, judge, reason, told

PASSED = Outcome("TestAccA", "Disk", Ended.PASSED)
FAILED = Outcome("TestAccB", "Disk", Ended.FAILED, "googleapi: Error 400")
SKIPPED = Outcome("TestAccC", "Router", Ended.SKIPPED)
B_EXCUSED = {"TestAccB": Reason.NOT_SIMULATED}


@pytest.mark.parametrize(
    ("outcomes", "excused", "said"),
    [
        pytest.param([PASSED], {}, [], id="one that passes"),
        pytest.param([FAILED], {}, ["TestAccB fails: googleapi: Error 400"], id="one that fails"),
        pytest.param([FAILED], B_EXCUSED, [], id="one that is excused"),
        pytest.param([SKIPPED], {}, [], id="one that skips itself"),
        pytest.param(
            [PASSED],
            {"TestAccA": Reason.INTERNET},
            ["TestAccA passes though it is excused (needs the internet): take it off the list."],
            id="excused without need",
        ),
        pytest.param(
            [SKIPPED],
            {"TestAccC": Reason.OTHER_KIND},
            [
                "TestAccC skips itself though it is excused (tests a kind that isn't in use): take it off the list."
            ],
            id="excused and skips itself",
        ),
        pytest.param(
            [], B_EXCUSED, ["TestAccB is excused, and there is no such test."], id="excused and gone"
        ),
    ],
)
def test_what_is_told(outcomes: list[Outcome], excused: dict[str, Reason], said: list[str]) -> None:
    assert list(judge(outcomes, excused).surprises) == said


@pytest.mark.parametrize(
    ("said", "words", "seems"),
    [
        pytest.param(
            "Error: no\n│ googleapi: Error 501: The simulator doesn't implement resource.x., notImplemented",
            "The simulator doesn't implement resource.x., notImplemented",
            Reason.NOT_SIMULATED,
            id="a 501",
        ),
        pytest.param(
            "Error: no\n│ could not query registry.terraform.io",
            "registry.terraform.io",
            Reason.INTERNET,
            id="terraform's registry",
        ),
        pytest.param(
            "Error: no\n  googleapi: Error 400: bad", "googleapi: Error 400: bad", None, id="the simulator's"
        ),
        pytest.param("all is well", "", None, id="nothing"),
    ],
)
def test_why_a_test_failed(said: str, words: str, seems: Reason | None) -> None:
    assert told(said) == words
    assert reason(Outcome("TestAccB", "Disk", Ended.FAILED, told(said))) == seems


def test_of_a_part_of_the_tests_none_is_missed() -> None:
    assert judge([PASSED], B_EXCUSED, whole=False).surprises == ()


def test_what_is_excused_or_skips_itself_does_not_count() -> None:
    other = Outcome("TestAccD", "Disk", Ended.FAILED, "differs")
    judgement = judge([PASSED, FAILED, other, SKIPPED], B_EXCUSED)
    assert judgement.share == 0.5
    assert judgement.table().splitlines()[2:] == [
        "| Disk | 3 | 1 | 1 | 1 | 0 | 0 |",
        "| Router | 0 | 0 | 0 | 0 | 0 | 0 |",
        "| **all** | 3 | 1 | 1 | 1 | 0 | 0 |",
    ]
