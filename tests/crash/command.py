"""What the command lines of `tests.crash` and `tests.hostile` have in common."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.crash.ledger import claim

Key = tuple[str, str]
"""Scenario, and the way in which it is disturbed; `all` for either sums up."""


def parser(
    prog: str, description: str | None, scenarios: Iterable[str], *, seed: int
) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog=prog, description=description)
    made.add_argument(
        "--scenario", choices=tuple(scenarios), action="append", help="may be given again; default: all"
    )
    made.add_argument("--seed", type=int, default=seed)
    made.add_argument(
        "--keep", type=Path, help="keeps prepared states and results there, and goes on from what is there"
    )
    return made


def kept(folder: Path) -> Path:
    """A folder to keep states and results in, made and claimed for this program. Raises ValueError if it is another's."""
    folder.mkdir(parents=True, exist_ok=True)
    claim(folder)
    print(f"results in {folder}", flush=True)
    return folder


class Tally:
    """How many were tried and how many survived, for each key."""

    def __init__(self) -> None:
        self._tried: Counter[Key] = Counter()
        self._survived: Counter[Key] = Counter()

    def add(self, keys: Iterable[Key], count: int, *, survived: bool) -> None:
        for key in keys:
            self._tried[key] += count
            self._survived[key] += count if survived else 0

    def table(self, order: Callable[[Key], Any], what: str) -> str:
        """A line for each key, in that order; `what` ends each."""
        return "\n".join(
            f"{scenario:<11}{way:<14}{self._survived[scenario, way]:>5} of {self._tried[scenario, way]:>5} {what}"
            for scenario, way in sorted(self._tried, key=order)
        )
