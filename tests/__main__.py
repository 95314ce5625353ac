"""Runs every check and prints one summary: `python -m tests [--lint]`, as `make test` does."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

ROOT = Path(__file__).parents[1]
PACKAGES = ("admin", "components", "node", "lab", "policies", "tests", "__main__.py", ".github/scripts")


@dataclass(frozen=True)
class Check:
    title: str
    command: tuple[str, ...]


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


LINT = (
    Check("ruff: lint", _python("ruff", "check", "--quiet", *PACKAGES)),
    Check("ruff: format", _python("ruff", "format", "--check", "--quiet", *PACKAGES)),
    Check("mypy: types", _python("mypy")),
    Check("import-linter: contracts", (str(Path(sys.executable).with_name("lint-imports")), "--no-cache")),
)
MACHINES = Check(
    "pytest: machines, end to end", _python("pytest", "-q", "-s", "-m", "e2e and not live", "tests/e2e")
)
"""They wait far more than they compute, and say how long their clients waited: so they go before all others."""

OTHERS = Check(
    "pytest",
    (
        "nice",
        "-n5",
        *_python(
            "pytest",
            "-q",
            "-n",
            "3",
            "--dist",
            "worksteal",
            "-m",
            "not e2e and not live and not matrix and not addons",
            "--durations=15",
        ),
    ),
)
"""Of each update a third is waiting, so three share two cores, or what the machines leave of them."""


@dataclass(frozen=True)
class Running:
    """A check that has begun. `output` is None where it tells at once, and otherwise what it has told so far."""

    check: Check
    process: subprocess.Popen[bytes]
    output: IO[bytes] | None
    began: float

    @classmethod
    def start(cls, check: Check, *, aside: bool = False) -> Running:
        output = TemporaryFile() if aside else None  # noqa: SIM115 (open for as long as the process lives)
        process = subprocess.Popen(check.command, cwd=ROOT, stdout=output, stderr=output)
        return cls(check, process, output, time.monotonic())

    def end(self) -> Ended:
        ended = Ended(self.check, self.process.wait() == 0, time.monotonic() - self.began)
        if self.output:
            self.output.seek(0)
            print(f"── {self.check.title}", flush=True)
            sys.stdout.buffer.write(self.output.read())
            sys.stdout.flush()
        return ended


@dataclass(frozen=True)
class Ended:
    check: Check
    well: bool
    seconds: float

    def __str__(self) -> str:
        return f"  {'ok  ' if self.well else 'FAIL'} {self.check.title} ({self.seconds:.0f} s)"


def main() -> int:
    ended = [_alone(check) for check in LINT]
    if "--lint" not in sys.argv:
        machines = Running.start(MACHINES, aside=True)
        ended += [_alone(OTHERS), machines.end()]
    print("\nSummary", *ended, sep="\n")
    return 0 if all(each.well for each in ended) else 1


def _alone(check: Check) -> Ended:
    print(f"── {check.title}", flush=True)
    return Running.start(check).end()


if __name__ == "__main__":
    sys.exit(main())
