"""One line of what a look at a project says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["stop", "unknown", "note", "ok"]
ORDER: tuple[Verdict, ...] = ("stop", "unknown", "note", "ok")


@dataclass(frozen=True, slots=True)
class Line:
    """`stop`: an update would fail. `unknown`: it could not be asked. `text` is whole sentences, with the remedy."""

    verdict: Verdict
    check: str
    text: str


def worst_first(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: ORDER.index(line.verdict))
