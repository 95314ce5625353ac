"""`python -m tests.hostile`: draws cut-off histories, lives through them on the real engine, and says how many survived.

A history is `scenario | moment | way | then`, such as `1-2-1 | m1-b promotes m2-c | sigint-twice | revert`. One that broke
a promise is printed so that `--history` runs it again alone.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.crash import command
from tests.crash.ledger import Ledger, home
from tests.crash.stage import Stage
from tests.hostile.histories import WAYS, History, draw
from tests.hostile.scenarios import SCENARIOS
from tests.hostile.trial import HistoryReport, trial


def main(arguments: list[str] | None = None) -> int:
    parser = command.parser("python -m tests.hostile", __doc__, SCENARIOS, seed=1)
    parser.add_argument("--draw", type=int, default=200, metavar="N", help="how many; default: 200")
    parser.add_argument("--history", type=History.parse, action="append", help="this one; may be given again")
    parser.add_argument("--way", choices=WAYS, action="append", help="may be given again; default: all")
    parser.add_argument(
        "--moments", action="store_true", help="only prints at which moments histories can be cut"
    )
    given = parser.parse_args(arguments)
    folder = command.kept(given.keep or home("hostile"))
    stage, ledger = Stage(folder), Ledger(folder / f"results-{_digest()}.jsonl")
    histories = given.history
    if not histories:
        names = given.scenario or list(SCENARIOS)
        moments = {name: stage.undisturbed(SCENARIOS[name]).moments for name in names}
        for name, told in moments.items():
            print(f"{name}: {len(told)} moments", *(told if given.moments else ()), sep="\n  ", flush=True)
        if given.moments:
            return 0
        histories = draw(given.draw, given.seed, moments, given.way or WAYS)
        print(f"{len(histories)} histories, seed {given.seed}", flush=True)
    reports = [_tell(stage, ledger, history) for history in histories]
    print(summary(reports))
    return 0 if all(report.survived for report in reports) else 1


def summary(reports: Sequence[HistoryReport]) -> str:
    """Histories tried and survived, by scenario and by way. One counts as tried if its moment came."""
    tally = command.Tally()
    for report in reports:
        history = History.parse(report.history)
        keys = ((history.scenario, "all"), ("all", history.kind), ("all", "all"))
        tally.add(keys, int(report.befell), survived=report.survived)
    order = [*SCENARIOS, "all"]
    return tally.table(lambda key: (key[1] == "all" == key[0], order.index(key[0]), key[1]), "survived")


def _tell(stage: Stage, ledger: Ledger, history: History) -> HistoryReport:
    known = ledger.find(str(history))
    report = HistoryReport.from_json(known) if known else None
    if report is None or not report.survived:
        start = time.monotonic()
        report = trial(stage, history)
        report.seconds = round(time.monotonic() - start, 1)
        ledger.put(str(history), report.to_json())
    print(
        f"{report.verdict:<9}{history}, {report.seconds:.0f} s{'' if report.befell else ', the moment never came'}",
        flush=True,
    )
    if not report.survived:
        print(f"  python -m tests.hostile --history '{history}'")
        print(*(f"  typed: {each}" for each in report.typed), sep="\n")
        print(*(f"  {each}" for each in report.complaints), sep="\n", flush=True)
    return report


def _digest() -> str:
    """Of this folder: what judges a history is part of its result."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


if __name__ == "__main__":
    sys.exit(main())
