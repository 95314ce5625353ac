"""Runs chunks of the tests against a cluster. What came of each is kept until the program or its versions change."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from lab import files
from lab.toolchain import kubernetes, place
from lab.toolchain.kubernetes import recipe
from lab.toolchain.recipe import go_version
from tests.conformance.judging import Ended, Outcome, outcomes
from tests.conformance.upstream import Test
from tests.e2e.lab import Lab
from tests.stack.harness import ROOT

CHUNK: Final = 160
"""Tests that one run of the test program is given, at most: it waits for its longest at the end, five minutes perhaps."""
TOGETHER: Final = 8
"""Processes of it: each waits for pods most of the time."""
TEST_SECONDS: Final = 90
"""What a test takes on average, at most, with both cores busy elsewhere: the deadline of a chunk is of so many each."""
CHUNK_SECONDS: Final = 420
"""And this much besides: the longest take five minutes."""
GRACE_SECONDS: Final = 120
"""In which whoever met its deadline, or is interrupted, tells what ran, until it is killed."""


class NothingRanError(Exception):
    """The test program told of none of the tests that it was asked for; the message is the end of what it said."""


def chunks(tests: Sequence[Test]) -> list[list[Test]]:
    """Those that may run beside others first. Each chunk has tests of all sorts, the long ones among them."""
    beside, alone = [[test for test in tests if test.alone is which] for which in (False, True)]
    return [each for of in (beside, alone) for each in _dealt(of)]


def _dealt(tests: Sequence[Test]) -> list[list[Test]]:
    number = -(-len(tests) // CHUNK)
    return [list(tests[place::number]) for place in range(number)]


def results() -> Path:
    """The folder of what is known of this program with these versions."""
    digest = hashlib.sha256()
    for package in ("components", "node"):
        for file in sorted((ROOT / package).rglob("*.py")):
            digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    for group in ("conformance", "kubernetes", "etcd", "coredns"):
        digest.update(recipe.key(group, go_version()).encode())
    return place.cache().parent / "conformance" / digest.hexdigest()[:16]


def known(kept: Path) -> dict[str, Outcome]:
    """By name."""
    found = [json.loads(path.read_text()) for path in sorted(kept.glob("*.json"))]
    return {each["name"]: Outcome(**each | {"ended": Ended(each["ended"])}) for each in found}


def run(tests: Sequence[Test], site: Lab, kept: Path, attempts: int = 1) -> list[Outcome]:
    """What came of those that ran to an end before the deadline; of each that failed, the whole chunk's log is kept, too.

    Raises NothingRanError.
    """
    kept.mkdir(parents=True, exist_ok=True)
    together = 1 if any(test.alone for test in tests) else min(TOGETHER, len(tests))
    deadline = CHUNK_SECONDS + TEST_SECONDS * len(tests) // together
    reports, log = site.folder / "reports", site.folder / "ginkgo.log"
    report = reports / "junit_01.xml"
    report.unlink(missing_ok=True)
    found: list[Outcome] = []
    try:
        _ran(_command(tests, site, together, deadline, reports), log, deadline + GRACE_SECONDS, site.folder)
    finally:
        if report.exists():
            text, names = report.read_text(errors="replace"), [test.name for test in tests]
            found = [replace(each, attempts=attempts) for each in outcomes(text, names)]
        for each in found:
            files.write_json(kept / f"{_file(each.name)}.json", asdict(each))
            if each.ended is Ended.FAILED:
                shutil.copyfile(log, kept / f"{_file(each.name)}.log")
    if not found:
        raise NothingRanError(log.read_text(errors="replace")[-3000:])
    return found


def _command(tests: Iterable[Test], site: Lab, together: int, deadline: int, reports: Path) -> list[str]:
    built = kubernetes.ensure("conformance")
    focus = "|".join(f"{re.escape(test.name)}$" for test in tests)
    return site.outside(
        str(built / "ginkgo"),
        f"--procs={together}",
        f"--timeout={deadline}s",
        f"--focus={focus}",
        "--no-color",
        "--silence-skips",
        str(built / "e2e.test"),
        "--",
        "--provider=skeleton",
        f"--kubeconfig={site.kubeconfig}",
        f"--kubectl-path={kubernetes.ensure('kubernetes') / 'kubectl'}",
        f"--report-dir={reports}",
        "--disable-log-dump",
    )


def _ran(command: Sequence[str], log: Path, seconds: float, home: Path) -> None:
    variables = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "TMPDIR": str(home)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=home, env=variables, stdout=output, stderr=output, start_new_session=True
        )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _ended(process)


def _ended(process: subprocess.Popen[bytes]) -> None:
    """Whoever is interrupted tells what ran until then, and removes its pods first."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _file(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
