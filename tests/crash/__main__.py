"""`python -m tests.crash`: interrupts updates on the real engine and says how many came to their end.

By default each kind of fault befalls all calls of a scenario, one after another, in as few updates as that takes;
`--apart` asks for each call alone, from the scenario's beginning, which takes a hundred times as long.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.crash.calls import Call
from tests.crash.kinds import KINDS, Kind
from tests.crash.scenarios import SCENARIOS, Scenario
from tests.crash.stage import Stage
from tests.crash.trial import Report, trial

Plan = tuple[Scenario, Kind, Sequence[Call]]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--scenario", choices=("all", *SCENARIOS), default="all")
    parser.add_argument("--kind", choices=("all", *KINDS), default="all")
    parser.add_argument("--whole", action="store_true", help="all scenarios, all kinds, all calls")
    parser.add_argument("--apart", action="store_true", help="one call a trial")
    parser.add_argument("--sample", type=int, metavar="N", help="N calls taken by chance, one a trial")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--stage", type=Path, help="keeps the prepared states there, for the same program only"
    )
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.stage or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        stage = Stage(folder)
        scenarios = [s for s in SCENARIOS.values() if given.whole or given.scenario in ("all", s.name)]
        kinds = [k for k in KINDS.values() if given.whole or given.kind in ("all", k.name)]
        plans = list(_plans(stage, scenarios, kinds, apart=given.apart or given.sample is not None))
        if given.sample is not None:
            print(f"seed {given.seed}")
            plans = random.Random(given.seed).sample(plans, min(given.sample, len(plans)))  # noqa: S311
        reports = [_tell(stage, *plan) for plan in plans]
    print(summary(reports))
    return 0 if all(report.survived for report in reports) else 1


def summary(reports: Sequence[Report]) -> str:
    """Points tried and survived, by kind of fault. A point is a call that the fault did befall."""
    tried: Counter[str] = Counter()
    survived: Counter[str] = Counter()
    for report in reports:
        tried[report.kind] += len(report.fired)
        survived[report.kind] += len(report.fired) if report.survived else 0
    lines = [f"{kind:<14}{survived[kind]:>5} of {tried[kind]:>5} points survived" for kind in tried]
    total = f"{'all':<14}{sum(survived.values()):>5} of {sum(tried.values()):>5} points survived"
    return "\n".join([*lines, total])


def _plans(
    stage: Stage, scenarios: Sequence[Scenario], kinds: Sequence[Kind], *, apart: bool
) -> Iterator[Plan]:
    for scenario in scenarios:
        calls = stage.undisturbed(scenario).calls
        print(f"{scenario.name}: {len(calls)} calls", flush=True)
        for kind in kinds:
            befallen = [call for call in calls if kind.befalls(call)]
            if apart:
                yield from ((scenario, kind, [call]) for call in befallen)
            elif befallen:
                yield scenario, kind, befallen


def _tell(stage: Stage, scenario: Scenario, kind: Kind, calls: Sequence[Call]) -> Report:
    start = time.monotonic()
    report = trial(stage, scenario, kind, calls)
    seconds = time.monotonic() - start
    what = str(calls[0]) if len(calls) == 1 else f"{len(report.fired)} of {len(calls)} calls"
    verdict = "survived" if report.survived else "BROKEN"
    print(
        f"{verdict:<9}{scenario.name:<10}{kind.name:<13}{what}, {len(report.typed)} commands, {seconds:.0f} s",
        flush=True,
    )
    for complaint in report.complaints:
        print(f"  {complaint}", flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
