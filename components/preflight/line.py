"""One line of what a look at a project says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["stop", "unknown", "note", "ok"]


@dataclass(frozen=True, slots=True)
class Line:
    """`stop`: an update would fail. `unknown`: it could not be asked. `text` is whole sentences, with the remedy."""

    verdict: Verdict
    check: str
    text: str
