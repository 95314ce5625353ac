"""Whether a master is to be healed now, which, and how. Pure.

Everything that isn't known speaks against it. The gates of the update judge again, by what is so then: what is refused
here is what nobody should begin without having looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from admin.heal.ledger import How, Ledger
from components.gates.cluster_status import ClusterStatus
from components.google.machine import STOPPED
from components.present.facts import RUNNING, Master, Present, Unseen
from components.wording import count, duration, listed
from node.contract import timings
from node.planner.quorum import keeps_quorum_without

LEAST_SILENCE = 300.0
"""Seconds. A machine that boots anew on its own is back by then, and the gates' own claims have ended."""

ADOPT = "docs/guides/interrupted-updates.md"


@dataclass(frozen=True, slots=True)
class Limits:
    """`per_day`: heals in 24 hours. A master's last report has to be `silent_seconds` old."""

    per_day: int = 2
    silent_seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class Seen:
    """`standing` are the masters whose machines stand in the state, `wanted` those on the list, `unsettled` those whose last
    change did not come through, `pending` how many operations of the engine never ended.
    """

    present: Present | Unseen
    cluster: ClusterStatus
    ledger: Ledger
    wanted: frozenset[str]
    standing: frozenset[str]
    unsettled: frozenset[str] = frozenset()
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """`nothing`: nobody is gone or silent. `wait`: somebody is, and not for long enough. `refuse`: somebody is, and a person
    has to look. `unknown`: it can't be told. `heal`: `replica`, by `how`.
    """

    kind: Literal["nothing", "wait", "refuse", "unknown", "heal"]
    says: str
    replica: str = ""
    how: How | None = None


def decide(seen: Seen, limits: Limits) -> Decision:
    present = seen.present
    if isinstance(present, Unseen):
        return Decision("unknown", f"The cluster's bucket can't be read: {present.reason}.")
    unasked = [each.identity for each in present.masters if each.machine is None]
    if unasked:
        return Decision("unknown", f"Google did not tell of the machine of {listed(unasked)}.")
    ill = [each for each in present.masters if each.down or not (each.report and each.report.fresh)]
    if not ill:
        return Decision("nothing", "Every master's machine runs, and reports.")
    if len(ill) > 1:
        return Decision(
            "refuse",
            f"{listed([each.identity for each in ill])} are gone or silent at once: what they have in common is the "
            "likelier cause, and a person has to look. `python -m admin status` says how they are.",
        )
    (master,) = ill
    for reason in _against(master, seen, present, limits):
        return Decision("refuse", reason, master.identity)
    if wait := _too_early(master, limits):
        return Decision("wait", wait, master.identity)
    return _heal(master)


def command(decision: Decision) -> tuple[str, ...]:
    """Returns the words behind `pulumi up --yes`. A machine that runs is replaced on its own disk."""
    return ("--replace", f"**::{decision.replica}-turn") if decision.how == "replace" else ()


def _heal(master: Master) -> Decision:
    silent = duration(master.report.age_seconds) if master.report else ""
    if master.machine == RUNNING:
        return Decision(
            "heal",
            f"{master.identity} has been silent for {silent} while its machine runs: the machine is replaced, on the disk "
            "that it has.",
            master.identity,
            "replace",
        )
    state = "has no machine" if master.machine == "" else f"is {master.machine}"
    return Decision(
        "heal",
        f"{master.identity} {state}, and reported {silent} ago for the last time: `pulumi up` "
        f"{'makes it again, on the disk that it had' if master.machine == '' else 'starts it'}.",
        master.identity,
        "start",
    )


def _too_early(master: Master, limits: Limits) -> str:
    age = master.report.age_seconds if master.report else 0.0
    if master.machine not in (RUNNING, "", *STOPPED):
        return f"{master.identity} is {master.machine}, which passes by itself."
    if age < limits.silent_seconds:
        return (
            f"{master.identity} reported {duration(age)} ago for the last time; it is healed once that is "
            f"{duration(limits.silent_seconds)} ago."
        )
    return ""


def _against(master: Master, seen: Seen, present: Present, limits: Limits) -> Iterator[str]:
    """Yields what speaks against healing this master, the gravest first."""
    name = master.identity
    yield from _of_the_cluster(name, seen, present)
    yield from _of_changes(seen)
    if master.report is None:
        yield f"{name} has never reported: it is no master that was well once. Its serial port tells how it starts."
    lately = seen.ledger.of_a_day(present.at)
    if running := seen.ledger.running(present.at):
        began = duration((present.at - running.at).total_seconds())
        yield f"A heal of {running.replica} began {began} ago and has not ended: one at a time."
    if any(each.replica == name for each in lately):
        yield f"{name} was healed within the last day and is ill again: a person has to look why."
    if len(lately) >= limits.per_day:
        yield (
            f"{count(len(lately), 'heal')} within the last day, and {limits.per_day} are allowed: a person has to look why."
        )


def _of_the_cluster(name: str, seen: Seen, present: Present) -> Iterator[str]:
    if len(seen.standing) == 1:
        yield f"{name} is the only master: nothing goes on without it, and its disk has the only copy. `pulumi up` is yours."
    view = seen.cluster.view
    if view is None:
        yield (
            f"{name} is ill, and no master reports to be etcd's leader: quorum may be lost, or the leader is {name} itself. "
            "`python -m admin status` says what to do."
        )
        return
    members = seen.cluster.members_now(view)
    if learners := [each.name or "a newcomer" for each in members if each.role != "voter"]:
        yield f"{listed(sorted(learners))} joins etcd just now: one change at a time."
    others = [each for each in members if each.name != name]
    if ill := sorted(each.name for each in others if not each.healthy):
        yield f"etcd's leader doesn't see {listed(ill)} healthy either: two failures are for a person."
    if unwell := [each.identity for each in present.masters if each.identity != name and not _serves(each)]:
        yield f"{listed(unwell)} doesn't serve, beside {name}: two failures are for a person."
    if not keeps_quorum_without(members, name):
        yield f"etcd has no quorum without {name}, so its machine is left as it is."
    if name not in {each.name for each in members}:
        yield f"{name} is no member of etcd: it is about to join, or was taken out."


def _of_changes(seen: Seen) -> Iterator[str]:
    """Yields signs of another change that is under way, or was cut off."""
    if seen.cluster.ended:
        yield "A destroy was begun: the guards have let go."
    if seen.pending:
        yield f"The last update was cut off in {count(seen.pending, 'operation')}: see {ADOPT}."
    if seen.wanted != seen.standing:
        yield (
            f"The list asks for {_names(seen.wanted)} and {_names(seen.standing)} stand: that change comes first, by a "
            "person's `pulumi up`."
        )
    view = seen.cluster.view
    if view is not None and {each.name for each in view.members} != set(seen.wanted):
        yield f"etcd's members aren't yet those of the list, {_names(seen.wanted)}."
    if seen.cluster.may_stay is None or seen.cluster.may_stay != seen.wanted:
        yield "The lists in the cluster's bucket aren't those of the config: an update was begun and didn't end."
    if seen.unsettled:
        yield f"The last change of {_names(seen.unsettled)} did not come through: a person's `pulumi up` comes first."
    claim = seen.cluster.claim
    if claim is not None and claim.age_seconds < timings.CLAIM:
        yield f"{claim.replica} was allowed to go down {duration(claim.age_seconds)} ago: an update is under way."


def _serves(master: Master) -> bool:
    status = master.status
    return status is not None and status.phase == "serving" and not master.down


def _names(names: Sequence[str] | frozenset[str]) -> str:
    return listed(sorted(names)) if names else "nobody"
