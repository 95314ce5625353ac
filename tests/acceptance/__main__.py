"""`python -m tests.acceptance`: runs the provider's acceptance tests of the kinds in use against the lab, and tells.

What has run against the same simulator isn't run again, so a run that is cut off goes on where it was. Ends with 1 if a
test fails and isn't excused, or is excused and passes.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.simulator.app import load_services
from lab.toolchain.build import ToolchainUnavailableError
from lab.toolchain.golang import BuildFailedError
from tests.acceptance import provider
from tests.acceptance.judging import Ended, Judgement, Outcome, judge
from tests.acceptance.running import Test, chosen, excused, recorded, run


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance", description=__doc__)
    parser.add_argument("--only", default="", metavar="REGEX", help="of these tests' names alone")
    parser.add_argument("--failed", action="store_true", help="those that failed last alone")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="so many at a time")
    given = parser.parse_args(arguments)
    terraform = shutil.which("terraform")
    if terraform is None:
        print(
            "Skipped: the provider's test framework runs `terraform`, which isn't on PATH. Install it, 1.11 or newer."
        )
        return 0
    try:
        built = provider.ensure()
    except (ToolchainUnavailableError, BuildFailedError) as problem:
        print(problem, file=sys.stderr)
        return 1
    kept = built / "results"
    tests = [test for test in chosen(built) if re.search(given.only, test.name)]
    if given.failed:
        tests = [test for test in tests if _failed(test, kept)]
    judgement = judge(
        _all(tests, built, terraform, kept, given.jobs), excused(), whole=not given.only and not given.failed
    )
    _tell(judgement, kept)
    return 1 if judgement.surprises else 0


def _failed(test: Test, kept: Path) -> bool:
    known = recorded(test, kept)
    return known is None or known[0].ended is Ended.FAILED


def _all(tests: list[Test], built: Path, terraform: str, kept: Path, jobs: int) -> list[Outcome]:
    load_services()  # Once, before threads do.
    done: list[Outcome] = []

    def one(test: Test) -> None:
        began = time.monotonic()
        outcome = run(test, built, terraform, kept)
        done.append(outcome)
        took = time.monotonic() - began
        print(
            f"{len(done)}/{len(tests)} {outcome.ended:7} {took:4.0f} s  {outcome.name}  {outcome.words}",
            flush=True,
        )

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        for each in [pool.submit(one, test) for test in tests]:
            each.result()
    order = {test.name: place for place, test in enumerate(tests)}
    return sorted(done, key=lambda outcome: order[outcome.name])


def _tell(judgement: Judgement, kept: Path) -> None:
    print(judgement.table())
    for surprise in judgement.surprises:
        print(surprise)
    print(f"{judgement.share:.1%} of those that count pass. What each said: {kept}")


if __name__ == "__main__":
    sys.exit(main())
