"""What a client saw: pure functions over the records of `load`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """Times in seconds since the epoch; `problem` is empty for an answer as expected."""

    kind: str
    start: float
    end: float
    problem: str
    name: str


@dataclass(frozen=True)
class Gap:
    """The longest time without an answer of this kind, with what went wrong in it."""

    kind: str
    seconds: float
    start: float
    problems: tuple[str, ...]

    def __str__(self) -> str:
        first = f" ({len(self.problems)} failed, first: {self.problems[0][:120]})" if self.problems else ""
        return f"{self.kind}s: {self.seconds:.2f} s{first}"


def read(record: Path) -> list[Request]:
    found = []
    for line in record.read_text().splitlines():
        try:
            found.append(Request(*json.loads(line)))
        except ValueError:
            continue  # The last line of a client that was killed.
    return sorted(found, key=lambda each: each.end)


def longest(requests: Sequence[Request], kind: str, since: float, until: float) -> Gap:
    """Between two answers, or an answer and the end of the time that is looked at."""
    answers = [r.end for r in requests if r.kind == kind and not r.problem and since <= r.end <= until]
    moments = [since, *answers, until]
    at = max(range(len(moments) - 1), key=lambda index: moments[index + 1] - moments[index])
    start, end = moments[at], moments[at + 1]
    problems = [
        r.problem for r in requests if r.kind == kind and r.problem and start <= r.end and r.start <= end
    ]
    return Gap(kind, end - start, start, tuple(problems))


def acknowledged(requests: Sequence[Request]) -> set[str]:
    """Names of all objects whose creation was answered with success."""
    return {r.name for r in requests if r.kind == "write" and not r.problem}
