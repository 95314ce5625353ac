"""What was tried already, so that a matrix that was interrupted goes on where it was, as long as the program is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.toolchain.place import cache
from tests.crash.calls import Call
from tests.crash.kinds import Kind
from tests.crash.scenarios import Scenario
from tests.crash.trial import CallReport
from tests.stack.harness import ROOT

_SOURCES = ("admin", "components", "node", "lab/simulator", "lab/guest_model", "tests/crash", "tests/stack")
_FILES = ("__main__.py", "Pulumi.yaml", "requirements.lock", "lab/serve.py")


class Ledger:
    """Reports in `file`, one JSON object a line; without a file it forgets."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known: dict[str, Mapping[str, Any]] = {}
        for line in file.read_text().splitlines() if file and file.exists() else ():
            entry = json.loads(line)
            self._known[entry["trial"]] = entry["report"]

    def find(self, trial: str) -> Mapping[str, Any] | None:
        return self._known.get(trial)

    def put(self, trial: str, report: Mapping[str, Any]) -> None:
        self._known[trial] = report
        if self._file:
            with self._file.open("a") as file:
                file.write(json.dumps({"trial": trial, "report": report}) + "\n")

    def survived(self, scenario: Scenario, kind: Kind, calls: Sequence[Call]) -> CallReport | None:
        """What is known of this trial; one that broke, or whose fault befell nothing, is tried again."""
        said = self.find(_key(scenario, kind, calls))
        report = CallReport.from_json(said) if said else None
        return report if report and report.survived and report.fired else None

    def add(self, scenario: Scenario, kind: Kind, calls: Sequence[Call], report: CallReport) -> None:
        self.put(_key(scenario, kind, calls), report.to_json())


def home(name: str = "crash-matrix") -> Path:
    """Where a whole matrix keeps its prepared states and its results: a folder named for all that they depend on."""
    return cache().parent / name / _digest()


def claim(folder: Path) -> None:
    """Raises ValueError if `folder` holds what another program prepared: no update would come out the same."""
    mark = folder / "program"
    if mark.exists() and mark.read_text() != _digest():
        raise ValueError(f"{folder} was prepared by another program than this one. Name another folder")
    mark.write_text(_digest())


def _digest() -> str:
    digest = hashlib.sha256(str(ROOT).encode())
    for path in _sources():
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    yield from (ROOT / name for name in _FILES)
    for folder in _SOURCES:
        yield from sorted((ROOT / folder).rglob("*.py"))


def _key(scenario: Scenario, kind: Kind, calls: Sequence[Call]) -> str:
    said = json.dumps(
        [
            scenario.before,
            scenario.after,
            scenario.flags,
            scenario.config,
            kind.name,
            [call.to_json() for call in calls],
        ]
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]
