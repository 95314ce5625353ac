"""What became of one disturbed update, whoever disturbed it: a call of `tests.crash`, a history of `tests.hostile`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.crash.scenarios import Scenario
from tests.crash.stage import Stage
from tests.stack.harness import Stack
from tests.stack.invariants import broken_promises


@dataclass(kw_only=True)
class Report:
    """`typed`: what the operator did. `complaints`: what is wrong at the end, none if all was survived."""

    typed: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def survived(self) -> bool:
        return not self.complaints

    @property
    def verdict(self) -> str:
        return "survived" if self.survived else "BROKEN"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@contextmanager
def tried(stage: Stage, scenario: Scenario, report: Report) -> Iterator[Stack]:
    """A stack as the scenario finds it, to be disturbed; the report then has each promise that was broken meanwhile."""
    with stage.before(scenario) as stack:
        start = stack.cloud.last()
        try:
            yield stack
        except subprocess.TimeoutExpired as error:
            report.complaints.append(f"{error.cmd} came to no end in {error.timeout:.0f} s")
        report.complaints += broken_promises(stack.cloud.entries(start))
