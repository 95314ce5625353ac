"""`python -m tests.robustness --seeds 1-100`: lives through the histories of these seeds, and has each judged.

A line a history. One that breaks a guarantee, or doesn't come to its end, leaves its folder: clients' histories, members'
data, agents' words and, if clients saw what can't be, `history.html`. Ends with 1 if there was any.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from lab.toolchain.kubernetes import ensure
from tests.node.agent.world import alone
from tests.robustness.histories import drawn
from tests.robustness.judging import Verdict
from tests.robustness.living import live


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default=range(1, 101), metavar="FIRST-LAST")
    given = parser.parse_args(arguments)
    ensure("judge")
    verdicts = [_judged(seed) for seed in given.seeds]
    well = sum(verdict.well for verdict in verdicts)
    operations = sum(verdict.operations for verdict in verdicts)
    gap = statistics.median(verdict.longest_gap for verdict in verdicts)
    print(
        f"{well} of {len(verdicts)} histories are well: {operations} operations, "
        f"median of the longest gaps {gap:.1f} s, longest {max(each.longest_gap for each in verdicts):.1f} s"
    )
    return 0 if well == len(verdicts) else 1


def _judged(seed: int) -> Verdict:
    history, began = drawn(seed), time.monotonic()
    folder = Path(mkdtemp(prefix=f"robustness-{seed}-"))
    words = io.StringIO()  # Agents print what they do.
    try:
        with contextlib.redirect_stdout(words), alone(folder, ensure("etcd") / "etcd") as world:
            verdict = live(world, history, folder / "judged", print)
    finally:
        (folder / "words.log").write_text(words.getvalue())
    where = ""
    if verdict.well:
        shutil.rmtree(folder)
    else:
        where = f"\n  see {folder}"
    print(f"{history}, {time.monotonic() - began:.0f} s: {verdict}{where}", flush=True)
    return verdict


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main())
