"""`python -m tests.fuzz --transitions N --seed S`: random edits through preview and up, on the real engine."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from lab.toolchain import ensure
from tests.fuzz.walk import walk
from tests.stack.harness import Stack, cloud

STEPS = 12
"""Of one walk; then another begins with another stack, so that a first creation is among the transitions too."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--transitions", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-preview", action="store_true", help="updates only, in half the time")
    given = parser.parse_args(arguments)
    toolchain, edits, broken, seed = ensure(), Counter[str](), 0, given.seed
    while edits.total() < given.transitions:
        print(f"seed {seed}", flush=True)
        with tempfile.TemporaryDirectory() as folder, cloud(Path(folder) / "cloud") as running:
            stack = Stack(Path(folder) / "stack", running, toolchain, records_each_step=False).create()
            steps = min(STEPS, given.transitions - edits.total())
            started = time.monotonic()
            for step in walk(stack, Random(seed), steps, previews=not given.no_preview):  # noqa: S311
                edits[step.edit] += 1
                broken += bool(step.complaints)
                print(f"  {step}, {time.monotonic() - started:.0f} s", flush=True)
                for complaint in step.complaints:
                    print(f"    ! {complaint}", flush=True)
                started = time.monotonic()
        seed += 1
    print(
        f"{edits.total()} transitions, {broken} broken: "
        + ", ".join(f"{n} {e}" for e, n in edits.most_common())
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
