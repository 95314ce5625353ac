"""Makes a master again that is gone, or silent for long, if nothing speaks against it. Without `--yes` it only says so.

A machine that is gone or stopped takes an ordinary `pulumi up`; one that runs and is silent is replaced on its own disk.
Never the only master, never without quorum among the others, never while another change is under way, one at a time, and
so many a day (`heals.json` in the cluster's bucket). What stands behind `--` is given to `pulumi up`.
Exit status: 0 if nothing is to be healed or a master was healed, 1 if a person has to look, 2 if it could not be told, 3 if
the update failed, 4 if a master is to be healed and `--yes` wasn't given.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import requests

from admin.engine import Engine, EngineError
from admin.heal import ledger
from admin.heal.decision import LEAST_SILENCE, Decision, Limits, Seen, command, decide
from admin.watched import Watched, watched
from components.config import ConfigErrors
from components.gates.cluster_reader import ClusterReader
from components.google.bucket import Bucket
from components.google.provider_config import ProviderRefusedError
from components.present.facts import Present
from components.releases import ReleasesError
from components.resource_names import Names
from node.contract.fields import FormatError

EXIT: Mapping[str, int] = {
    "nothing": 0,
    "wait": 0,
    "healed": 0,
    "refuse": 1,
    "unknown": 2,
    "failed": 3,
    "heal": 4,
}
LOCKED = ("the stack is currently locked by", "Another update is currently in progress")
"""What the engine says of a stack that another one works on, for a state in a bucket and in a service: the SDK knows it by
the same words (pulumi/automation/errors.py).
"""

_LIMITS = Limits()


class Updates(Protocol):
    """The engine, as far as a heal needs it."""

    def up(self, words: Sequence[str]) -> tuple[int, str]: ...


@dataclass(frozen=True, slots=True)
class Report:
    """`outcome` is the decision's kind; `healed` or `failed` once an update ran."""

    outcome: str
    says: str
    replica: str = ""
    command: str = ""
    today: int = 0

    def document(self, limits: Limits) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "says": self.says,
            "replica": self.replica,
            "command": self.command,
            "healsOfTheDay": self.today,
            "healsAllowedADay": limits.per_day,
        }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m admin heal", description=__doc__)
    parser.add_argument("--stack", help="the stack; by default the one that is selected")
    parser.add_argument("--yes", action="store_true", help="heal, and don't only say what would be done")
    parser.add_argument(
        "--json", action="store_true", help="print one object: outcome, says, replica, command"
    )
    parser.add_argument(
        "--per-day", type=int, default=_LIMITS.per_day, help="heals allowed in 24 hours (%(default)s)"
    )
    parser.add_argument(
        "--silent-minutes",
        type=float,
        default=_LIMITS.silent_seconds / 60,
        help="how old a master's last report has to be (%(default).0f)",
    )
    parser.add_argument("engine", nargs="*", metavar="-- WORDS", help="more words for `pulumi up`")
    given = parser.parse_args(arguments)
    if given.per_day < 1:
        parser.error(f"argument --per-day: {given.per_day} allows none. Give 1 or more, or run no `heal`")
    if given.silent_minutes * 60 < LEAST_SILENCE:
        parser.error(
            f"argument --silent-minutes: {given.silent_minutes:g} is less than a reboot takes. Give "
            f"{LEAST_SILENCE / 60:.0f} or more"
        )
    limits = Limits(given.per_day, given.silent_minutes * 60)
    engine = Engine(given.stack)
    try:
        cluster = watched(engine)
        bucket = Bucket(cluster.google, Names(cluster.config.cluster_name, cluster.config.project).bucket)
        report = heal(look(cluster, bucket), bucket, engine, limits, given.engine, really=given.yes)
    except (
        EngineError,
        ConfigErrors,
        ProviderRefusedError,
        ReleasesError,
        FormatError,
        requests.RequestException,
    ) as error:
        report = Report("unknown", str(error))
    print(json.dumps(report.document(limits), indent=2) if given.json else text(report))
    return EXIT[report.outcome]


def look(cluster: Watched, bucket: Bucket) -> Seen:
    """One look at bucket and machines, beside what the state says."""
    config, masters = cluster.config, cluster.standing.masters
    name = Names(config.cluster_name, config.project).bucket
    return Seen(
        present=cluster.look()[0],
        cluster=ClusterReader(cluster.google).cluster(name),
        ledger=ledger.read(bucket),
        wanted=frozenset(each.identity for each in config.replicas),
        standing=cluster.standing.identities,
        unsettled=frozenset(each.identity for each in masters if not each.settled),
        pending=cluster.pending,
    )


def heal(
    seen: Seen,
    bucket: Bucket,
    engine: Updates,
    limits: Limits,
    words: Sequence[str],
    *,
    really: bool,
) -> Report:
    """Decides, books, runs the update and books what became of it."""
    found = decide(seen, limits)
    if found.kind != "heal" or found.how is None or not isinstance(seen.present, Present):
        return Report(found.kind, found.says, found.replica)
    whole = ["--yes", *command(found), *words]
    ran = " ".join(["pulumi up", *(f"'{each}'" if "*" in each else each for each in whole)])
    today = len(seen.ledger.of_a_day(seen.present.at))
    if not really:
        return Report("heal", found.says, found.replica, ran, today)
    booked = ledger.Heal(seen.present.at, found.replica, found.how)
    if not ledger.begin(bucket, seen.ledger, booked):
        return Report(
            "refuse", f"Somebody else heals {found.replica} or another one just now: one at a time."
        )
    status, said = engine.up(whole)
    return _ended(found, booked, bucket, ran, today + 1, status, said)


def _ended(
    found: Decision, booked: ledger.Heal, bucket: Bucket, ran: str, today: int, status: int, said: str
) -> Report:
    if status == 0:
        ledger.end(bucket, booked, "healed")
        return Report("healed", found.says, found.replica, ran, today)
    if any(each in said for each in LOCKED):
        ledger.end(bucket, booked, None)
        return Report(
            "refuse", "Another update of this stack is under way: the engine's lock says so.", found.replica
        )
    ledger.end(bucket, booked, "failed")
    return Report(
        "failed", f"{found.says} The update failed: what it said tells why.", found.replica, ran, today
    )


def text(report: Report) -> str:
    lead = {"heal": "To be healed: ", "healed": "Healed: ", "failed": "Not healed: ", "refuse": "Refused: "}
    lines = [f"{lead.get(report.outcome, '')}{report.says}"]
    if report.outcome == "heal":
        lines.append(f"`python -m admin heal --yes` runs {report.command}")
    elif report.command:
        lines.append(f"Ran {report.command}")
    return "\n".join(lines)
