"""What a run's report says, beside the list of the excused."""

from __future__ import annotations

import pytest

from tests.conformance.judging import Ended, Excuse, Outcome, judge, outcomes
from tests.conformance.upstream import Test

NODE, DNS, ALONE = (
    Test("[sig-node] Pods should run [Conformance]", "test/e2e/common/node/pods.go"),
    Test("[sig-network] DNS should answer [Conformance]", "test/e2e/network/dns.go"),
    Test("[sig-network] Proxy [Serial] should stand [Conformance]", "test/e2e/network/proxy.go"),
)
ALL = [NODE, DNS, ALONE]
NAMES = [test.name for test in ALL]
REASON = "The lab has none."


def case(name: str, status: str, inside: str = "", seconds: float = 1.5) -> str:
    return f'<testcase name="[It] {name}" status="{status}" time="{seconds}">{inside}</testcase>'


def report(*cases: str) -> str:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


@pytest.mark.parametrize(
    ("status", "inside", "ended", "words"),
    [
        pytest.param("passed", "", Ended.PASSED, "", id="passed"),
        pytest.param("failed", "<failure>no\n  pod</failure>", Ended.FAILED, "no pod", id="failed"),
        pytest.param("timedout", "<failure>late</failure>", Ended.FAILED, "late", id="timed out"),
        pytest.param("panicked", "<error>nil</error>", Ended.FAILED, "nil", id="panicked"),
        pytest.param(
            "skipped",
            '<skipped message="skipped - needs a cloud"/>',
            Ended.LEFT_OUT,
            "skipped - needs a cloud",
            id="left itself out",
        ),
    ],
)
def test_what_became_of_a_test(status: str, inside: str, ended: Ended, words: str) -> None:
    assert outcomes(report(case(NODE.name, status, inside)), NAMES) == [Outcome(NODE.name, ended, 1.5, words)]


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param([case("[sig-node] Other", "passed")], id="not asked for"),
        pytest.param([case(NODE.name, "skipped", '<skipped message="skipped"/>')], id="never began"),
        pytest.param([case(NODE.name, "interrupted", "<error>cut off</error>")], id="cut off"),
    ],
)
def test_what_says_nothing(cases: list[str]) -> None:
    assert outcomes(report(*cases), NAMES) == []


def test_areas_are_counted() -> None:
    known = {
        NODE.name: Outcome(NODE.name, Ended.PASSED, 1),
        DNS.name: Outcome(DNS.name, Ended.FAILED, 1, "no answer"),
    }
    judgement = judge(ALL, known, {DNS.name: Excuse(DNS.name, REASON)})
    assert judgement.table().splitlines()[2:] == [
        "| network | 2 | 1 | 0 | 1 | 0 | 0 | 1 |",
        "| node | 1 | 1 | 1 | 0 | 0 | 0 | 0 |",
        "| **all** | 3 | 2 | 1 | 1 | 0 | 0 | 1 |",
    ]
    assert judgement.surprises == ()
    assert judgement.excuses == (f"{DNS.name}: {REASON}",)


@pytest.mark.parametrize(
    ("ended", "excused", "said"),
    [
        pytest.param(Ended.PASSED, {}, [], id="one that passes"),
        pytest.param(Ended.FAILED, {}, [f"{NODE.name} fails: why"], id="one that fails"),
        pytest.param(
            Ended.LEFT_OUT, {}, [f"{NODE.name} leaves itself out: why"], id="one that leaves itself out"
        ),
        pytest.param(Ended.FAILED, {NODE.name: Excuse(NODE.name, REASON)}, [], id="one that is excused"),
        pytest.param(
            Ended.LEFT_OUT,
            {NODE.name: Excuse(NODE.name, REASON)},
            [],
            id="one that leaves itself out and is excused",
        ),
        pytest.param(
            Ended.PASSED,
            {NODE.name: Excuse(NODE.name, REASON)},
            [f"{NODE.name} passes though it is excused: take it off the list."],
            id="excused without need",
        ),
        pytest.param(
            None, {"gone": Excuse("gone", REASON)}, ["gone is excused, and there is no such test."], id="gone"
        ),
    ],
)
def test_what_is_told(ended: Ended | None, excused: dict[str, Excuse], said: list[str]) -> None:
    known = {NODE.name: Outcome(NODE.name, ended, 1, "why")} if ended else {}
    assert list(judge(ALL, known, excused).surprises) == said


def test_of_a_part_of_the_tests_none_is_missed() -> None:
    assert judge([DNS], {}, {NODE.name: Excuse(NODE.name, REASON)}, whole=False).surprises == ()


def test_what_is_not_run_is_left_out() -> None:
    excuse = Excuse(NODE.name, REASON, run=False)
    judgement = judge([NODE], {NODE.name: Outcome(NODE.name, Ended.FAILED, 1, "why")}, {NODE.name: excuse})
    assert judgement.table().splitlines()[-1] == "| **all** | 1 | 0 | 0 | 0 | 0 | 1 | 0 |"
    assert judgement.excuses == (f"{NODE.name}: {REASON}",)
