"""Runs every check and prints one summary: `python -m tests [--lint]`, as `make test` does."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

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
TESTS = (
    # Of each update a third is waiting, so three share two cores.
    Check(
        "pytest",
        _python(
            "pytest", "-q", "-n", "3", "--dist", "worksteal", "-m", "not e2e and not live", "--durations=15"
        ),
    ),
    # Machines need both cores, and their figures mean nothing beside others.
    Check(
        "pytest: machines, end to end", _python("pytest", "-q", "-s", "-m", "e2e and not live", "tests/e2e")
    ),
)


def main() -> int:
    checks = LINT if "--lint" in sys.argv else (*LINT, *TESTS)
    lines, failed = [], 0
    for check in checks:
        print(f"── {check.title}", flush=True)
        start = time.monotonic()
        code = subprocess.run(check.command, cwd=ROOT, check=False).returncode
        failed += code != 0
        lines.append(f"  {'ok  ' if code == 0 else 'FAIL'} {check.title} ({time.monotonic() - start:.0f} s)")
    print("\nSummary\n" + "\n".join(lines))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
