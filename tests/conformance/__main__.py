"""`python -m tests.conformance`: runs Kubernetes' own conformance tests against a cluster of the lab's, and tells.

What has run against the same program and versions isn't run again, so a run that is cut off goes on where it was. Ends with
1 if a test doesn't pass and isn't excused, is excused and passes, or hasn't run.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp

import yaml

from lab.toolchain.build import ToolchainUnavailableError
from lab.toolchain.golang import BuildFailedError
from tests.conformance import images, upstream
from tests.conformance.cluster import cluster
from tests.conformance.judging import Ended, Excuse, Outcome, judge
from tests.conformance.running import NothingRanError, chunks, known, results, run
from tests.conformance.upstream import Test
from tests.e2e.lab import unavailable
from tests.e2e.site import Site

HERE = Path(__file__).parent


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--only", default="", metavar="REGEX", help="of these tests' names alone")
    parser.add_argument("--failed", action="store_true", help="those that failed last are run once more")
    parser.add_argument("--keep", action="store_true", help="leave the lab's folder, with its logs")
    parser.add_argument("--told", action="store_true", help="tell what is known, and run nothing")
    given = parser.parse_args(arguments)
    obstacle = unavailable() or ("" if shutil.which("go") else "there is no Go to build the tests with")
    if obstacle:
        print(f"Skipped: {obstacle}")
        return 0
    kept = results()
    tests = [
        test
        for test in upstream.tests((upstream.source() / upstream.LIST).read_text())
        if re.search(given.only, test.name)
    ]
    wanted = [] if given.told else [test for test in tests if _due(test, known(kept), again=given.failed)]
    if wanted:
        try:
            _run(wanted, kept, keep=given.keep)
        except (ToolchainUnavailableError, BuildFailedError, NothingRanError) as problem:
            print(problem, file=sys.stderr)
            return 1
    return _tell(tests, kept, whole=not given.only)


def excused() -> dict[str, Excuse]:
    """By name."""
    given = yaml.safe_load((HERE / "excused.yaml").read_text()) or []
    return {each["name"]: Excuse(**each) for each in given}


def _due(test: Test, outcomes: Mapping[str, Outcome], *, again: bool) -> bool:
    excuse, outcome = excused().get(test.name), outcomes.get(test.name)
    if excuse and not excuse.run:
        return False
    return outcome is None or (again and outcome.ended is not Ended.PASSED)


def _run(tests: Sequence[Test], kept: Path, *, keep: bool) -> None:
    folder = Path(mkdtemp(prefix="conformance-"))
    print(f"{len(tests)} tests to run, in {folder}", flush=True)
    try:
        (folder / "images").mkdir()
        with cluster(folder, [images.archive(folder / "images")]) as site:
            _all(tests, site, kept)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _all(tests: Sequence[Test], site: Site, kept: Path) -> None:
    """A test that fails beside others, and isn't excused, is run once more alone: two cores are few for four at a time."""
    done, failed, began = 0, list[Test](), time.monotonic()
    for chunk in chunks(tests):
        ended = {each.name: each for each in run(chunk, site, kept)}
        done += len(ended)
        failed += [test for test in chunk if test.name in ended and ended[test.name].ended is Ended.FAILED]
        _told(ended.values(), f"{done}/{len(tests)} after {time.monotonic() - began:.0f} s")
    for test in failed:
        if test.name not in excused():
            _told(run([test], site, kept, attempts=2), "once more")


def _told(ended: Collection[Outcome], beginning: str) -> None:
    passed = sum(each.ended is Ended.PASSED for each in ended)
    print(f"{beginning}: {passed} of {len(ended)} passed", flush=True)
    for each in ended:
        if each.ended is not Ended.PASSED:
            print(f"  {each.ended} in {each.seconds:.0f} s: {each.name}\n    {each.words}", flush=True)


def _tell(tests: Sequence[Test], kept: Path, *, whole: bool) -> int:
    outcomes = known(kept)
    judgement = judge(tests, outcomes, excused(), whole=whole)
    print(judgement.table())
    for sentence in (*judgement.excuses, *judgement.surprises):
        print(sentence)
    if again := sum(each.attempts > 1 and each.ended is Ended.PASSED for each in outcomes.values()):
        print(f"{again} passed alone, after they had failed beside others.")
    print(f"What those said that failed: {kept}")
    return 1 if judgement.surprises or any(row.not_yet for row in judgement.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
