"""What a run of conformance tests says, beside the list of those that are excused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from xml.etree import ElementTree

from tests.conformance.upstream import Test


class Ended(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    LEFT_OUT = "left out"
    """By itself, as the cluster isn't what it asks for, or by an excuse."""


_STATES = {
    "passed": Ended.PASSED,
    "failed": Ended.FAILED,
    "panicked": Ended.FAILED,
    "timedout": Ended.FAILED,
    "skipped": Ended.LEFT_OUT,
}
"""Ginkgo's words for what became of a spec. One that was interrupted, or never began, says nothing."""
_IT = "[It] "
_CUT_OFF = "A suite timeout occurred"
_NEVER_BEGAN = "skipped"
"""A test that leaves itself out says more."""


@dataclass(frozen=True)
class Outcome:
    name: str
    ended: Ended
    seconds: float
    words: str = ""
    """Why, in a line, of one that failed or left itself out."""
    attempts: int = 1


def outcomes(report: str, names: Iterable[str]) -> list[Outcome]:
    """Of those of `names` that ran, by the text of a JUnit report as Kubernetes writes it: each test of the binary is in it,
    and those that weren't asked for are skipped.
    """
    wanted = set(names)
    found = []
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314 (our own program wrote it)
        name = case.get("name", "").removeprefix(_IT)
        ended = _STATES.get(case.get("status", ""))
        words = _words(case)
        if name not in wanted or ended is None or words == _NEVER_BEGAN or _CUT_OFF in words:
            continue
        found.append(Outcome(name, ended, float(case.get("time", "0")), words))
    return found


def _words(case: ElementTree.Element) -> str:
    for tag in ("failure", "error", "skipped"):
        if (told := case.find(tag)) is not None:
            text = told.get("message") or told.text or ""
            return " ".join(text.split())[:400]
    return ""


@dataclass(frozen=True)
class Excuse:
    """Why a test doesn't pass, as a sentence. What would take others with it is not `run` at all."""

    name: str
    reason: str
    run: bool = True


@dataclass(frozen=True)
class Row:
    area: str
    all: int
    passed: int
    excused: int
    """Of those that failed, what doesn't count."""
    failed: int
    left_out: int

    @property
    def run(self) -> int:
        return self.passed + self.excused + self.failed

    @property
    def not_yet(self) -> int:
        return self.all - self.run - self.left_out


@dataclass(frozen=True)
class Judgement:
    rows: tuple[Row, ...]
    surprises: tuple[str, ...]
    """Sentences on tests that pass though they are excused, or don't and aren't, or are excused and gone."""
    excuses: tuple[str, ...]
    """Sentences on those that are excused, as they should be."""

    def table(self) -> str:
        """In Markdown, with a line for all."""
        lines = [
            "| area | tests | run | passed | failed, excused | failed | left out | not yet run |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for row in (*self.rows, _sum(self.rows)):
            figures = (row.all, row.run, row.passed, row.excused, row.failed, row.left_out, row.not_yet)
            lines.append(f"| {row.area} | {' | '.join(map(str, figures))} |")
        return "\n".join(lines)


def judge(
    tests: Sequence[Test], known: dict[str, Outcome], excused: Mapping[str, Excuse], *, whole: bool = True
) -> Judgement:
    """What is `known` and `excused`, each by the test's name. `whole`: `tests` are all that there are."""
    known = known | {
        name: Outcome(name, Ended.LEFT_OUT, 0, excuse.reason)
        for name, excuse in excused.items()
        if not excuse.run
    }
    gone = sorted(excused.keys() - {test.name for test in tests}) if whole else []
    surprises = [f"{name} is excused, and there is no such test." for name in gone]
    excuses = []
    for test in tests:
        outcome = known.get(test.name)
        if outcome is None:
            continue
        if outcome.ended is Ended.PASSED and test.name in excused:
            surprises.append(f"{test.name} passes though it is excused: take it off the list.")
        elif outcome.ended is not Ended.PASSED and test.name not in excused:
            does = "fails" if outcome.ended is Ended.FAILED else "leaves itself out"
            surprises.append(f"{test.name} {does}: {outcome.words}")
        elif test.name in excused:
            excuses.append(f"{test.name}: {excused[test.name].reason}")
    areas = sorted({test.area for test in tests})
    rows = tuple(_row(area, [test for test in tests if test.area == area], known, excused) for area in areas)
    return Judgement(rows, tuple(surprises), tuple(excuses))


def _row(
    area: str, tests: Sequence[Test], known: Mapping[str, Outcome], excused: Mapping[str, Excuse]
) -> Row:
    ended = {test.name: known[test.name].ended for test in tests if test.name in known}
    failed = [name for name, how in ended.items() if how is Ended.FAILED]
    return Row(
        area,
        all=len(tests),
        passed=sum(how is Ended.PASSED for how in ended.values()),
        excused=sum(name in excused for name in failed),
        failed=sum(name not in excused for name in failed),
        left_out=sum(how is Ended.LEFT_OUT for how in ended.values()),
    )


def _sum(rows: Sequence[Row]) -> Row:
    return Row(
        "**all**",
        all=sum(row.all for row in rows),
        passed=sum(row.passed for row in rows),
        excused=sum(row.excused for row in rows),
        failed=sum(row.failed for row in rows),
        left_out=sum(row.left_out for row in rows),
    )
