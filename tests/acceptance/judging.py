"""What a run of acceptance tests says, beside the list of those that are excused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Ended(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """By itself: it wants an organisation, a billing account or a newer terraform."""


class Reason(StrEnum):
    """Why a test that doesn't pass says nothing against the simulator. That the simulator differs is none."""

    NOT_SIMULATED = "not simulated: 501"
    INTERNET = "needs the internet"
    OTHER_KIND = "tests a kind that isn't in use"


_TELLING = {
    "The simulator doesn't implement": Reason.NOT_SIMULATED,
    "The simulator implements": Reason.NOT_SIMULATED,
    "Error 501": Reason.NOT_SIMULATED,
    "registry.terraform.io": Reason.INTERNET,
    "proxyconnect": Reason.INTERNET,
    "no method of the simulated APIs": Reason.OTHER_KIND,
    "does not support resource type": Reason.OTHER_KIND,
    "does not support data source": Reason.OTHER_KIND,
}
"""What a test says that fails for one of the reasons: in words of the simulator's, of terraform's and of the provider's."""


@dataclass(frozen=True)
class Outcome:
    name: str
    kind: str
    ended: Ended
    words: str = ""
    """The first line that says why, of one that failed."""


def told(said: str) -> str:
    """What says best why a test failed, to its line's end: what names a reason, else Google's error, else the first."""
    lines = [line.strip(" │╷╵|") for line in said.splitlines()]
    for telling in (*_TELLING, "googleapi:", "panic:", "Error", "error:"):
        if found := next((line for line in lines if telling in line), None):
            return found[found.index(telling) :][:300]
    return ""


def reason(outcome: Outcome) -> Reason | None:
    """Which reason a test that failed seems to have. Whoever puts it on the list has looked whether that is so."""
    return next((reason for telling, reason in _TELLING.items() if telling in outcome.words), None)


@dataclass(frozen=True)
class Row:
    """A kind's figures. What is `excused` doesn't count, and what skips itself isn't run."""

    kind: str
    passed: int
    ours: int
    excused: Mapping[Reason, int]

    @property
    def run(self) -> int:
        return self.passed + self.ours + sum(self.excused.values())


@dataclass(frozen=True)
class Judgement:
    rows: tuple[Row, ...]
    surprises: tuple[str, ...]
    """Sentences on tests that pass though they are excused, or fail and aren't, or are excused and gone."""

    @property
    def share(self) -> float:
        """Of those that count, from 0 to 1."""
        passed, ours = sum(row.passed for row in self.rows), sum(row.ours for row in self.rows)
        return passed / (passed + ours) if passed + ours else 1.0

    def table(self) -> str:
        """In Markdown, with a line for all."""
        kinds = [*self.rows, _sum(self.rows)]
        lines = [
            "| kind | run | passed | ours | 501 | internet | other kind |",
            "|---|---|---|---|---|---|---|",
        ]
        for row in kinds:
            figures = [row.run, row.passed, row.ours, *(row.excused.get(reason, 0) for reason in Reason)]
            lines.append(f"| {row.kind} | {' | '.join(map(str, figures))} |")
        return "\n".join(lines)


def judge(outcomes: Iterable[Outcome], excused: Mapping[str, Reason], *, whole: bool = True) -> Judgement:
    """`whole`: all tests have run, so that an excused one without an outcome is no test any more."""
    seen = {each.name: each for each in outcomes}
    surprises = [*_surprises(seen.values(), excused)]
    if whole:
        surprises += [
            f"{name} is excused, and there is no such test." for name in sorted(excused.keys() - seen.keys())
        ]
    kinds = dict.fromkeys(each.kind for each in seen.values())
    rows = tuple(_row(kind, [each for each in seen.values() if each.kind == kind], excused) for kind in kinds)
    return Judgement(rows, tuple(surprises))


def _surprises(outcomes: Iterable[Outcome], excused: Mapping[str, Reason]) -> Iterable[str]:
    for each in outcomes:
        if each.ended is Ended.FAILED and each.name not in excused:
            seems = reason(each)
            yield f"{each.name} fails: {each.words}" + (f" (seems excusable: {seems})" if seems else "")
        if each.ended is not Ended.FAILED and each.name in excused:
            yield f"{each.name} {_HAS[each.ended]} though it is excused ({excused[each.name]}): take it off the list."


_HAS = {Ended.PASSED: "passes", Ended.SKIPPED: "skips itself"}


def _row(kind: str, outcomes: list[Outcome], excused: Mapping[str, Reason]) -> Row:
    failed = [each.name for each in outcomes if each.ended is Ended.FAILED]
    reasons = [excused[name] for name in failed if name in excused]
    return Row(
        kind,
        passed=sum(each.ended is Ended.PASSED for each in outcomes),
        ours=len(failed) - len(reasons),
        excused={reason: reasons.count(reason) for reason in Reason},
    )


def _sum(rows: tuple[Row, ...]) -> Row:
    excused = {reason: sum(row.excused.get(reason, 0) for row in rows) for reason in Reason}
    return Row("**all**", sum(row.passed for row in rows), sum(row.ours for row in rows), excused)
