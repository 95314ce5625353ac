"""`python -m tests.crash`: interrupts updates on the real engine and says how many came to their end.

By default each kind of fault befalls all calls of a scenario, one after another, in as few updates as that takes; then,
in another trial, those that the disturbed update didn't make any more. `--apart` asks for each call alone, which takes far
longer.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.crash import command
from tests.crash.calls import Call
from tests.crash.kinds import KINDS, Kind
from tests.crash.ledger import Ledger, home
from tests.crash.scenarios import SCENARIOS, Scenario
from tests.crash.stage import Stage
from tests.crash.trial import CallReport, trial

Plan = tuple[Scenario, Kind, Sequence[Call]]


def main(arguments: list[str] | None = None) -> int:
    parser = command.parser("python -m tests.crash", __doc__, SCENARIOS, seed=0)
    parser.add_argument("--kind", choices=KINDS, action="append", help="may be given again; default: all")
    parser.add_argument("--whole", action="store_true", help="all of them, kept in a folder of the cache")
    parser.add_argument("--apart", action="store_true", help="one call a trial")
    parser.add_argument("--sample", type=int, metavar="N", help="N calls taken by chance, one a trial")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        asked = given.keep or (home() if given.whole else None)
        folder = command.kept(asked) if asked else Path(scratch)
        stage, ledger = Stage(folder), Ledger(folder / "results.jsonl" if asked else None)
        scenarios = [s for s in SCENARIOS.values() if not given.scenario or s.name in given.scenario]
        kinds = [k for k in KINDS.values() if not given.kind or k.name in given.kind]
        plans = list(_plans(stage, scenarios, kinds, apart=given.apart or given.sample is not None))
        if given.sample is not None:
            print(f"seed {given.seed}")
            plans = random.Random(given.seed).sample(plans, min(given.sample, len(plans)))  # noqa: S311
        reports = [report for plan in plans for report in _tried(stage, ledger, *plan)]
    print(summary(reports))
    return 0 if all(report.survived for report in reports) else 1


def summary(reports: Sequence[CallReport]) -> str:
    """Points tried and survived, by scenario and kind of fault. A point is a call that the fault did befall."""
    tally = command.Tally()
    for report in reports:
        keys = ((report.scenario, report.kind), ("all", report.kind), ("all", "all"))
        tally.add(keys, len(report.fired), survived=report.survived)
    order = [*SCENARIOS, "all"]
    return tally.table(lambda key: (key[1] == "all", key[1], order.index(key[0])), "points survived")


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


def _tried(
    stage: Stage, ledger: Ledger, scenario: Scenario, kind: Kind, calls: Sequence[Call]
) -> Iterator[CallReport]:
    """Disturbed by some, the update may take another way and not make the others: so those are tried without them."""
    left = calls
    while left:
        report = _tell(stage, ledger, scenario, kind, left)
        yield report
        before, left = left, [call for call in left if call not in report.fired]
        if len(left) == len(before):
            return


def _tell(stage: Stage, ledger: Ledger, scenario: Scenario, kind: Kind, calls: Sequence[Call]) -> CallReport:
    start = time.monotonic()
    known = ledger.survived(scenario, kind, calls)
    report = known or trial(stage, scenario, kind, calls)
    if not known:
        ledger.add(scenario, kind, calls, report)
    what = str(calls[0]) if len(calls) == 1 else f"{len(report.fired)} of {len(calls)} calls"
    took = "known already" if known else f"{time.monotonic() - start:.0f} s"
    print(
        f"{report.verdict:<9}{scenario.name:<10}{kind.name:<13}{what}, {len(report.typed)} commands, {took}",
        flush=True,
    )
    if not report.fired:
        print("  the fault befell nothing", flush=True)
    for complaint in report.complaints:
        print(f"  {complaint}", flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
