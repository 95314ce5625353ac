"""The plan for people: what an update does to the control plane. The engine then lists what it does to Google's resources.

Voters are counted as the machines take the steps: who is new joins first, as a learner that is then promoted, one at a
time; then the address moves; then who is no longer wanted leaves, one at a time. All members are taken to be healthy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Protocol

from components.config import BESIDE, StackConfig
from components.config.replicas import MOST
from components.wording import RULE_GAP, count, failures, listed
from node.planner.quorum import tolerance

INSIDE = "behind a load balancer of its own, whose rule no number of masters changes"


class Placed(Protocol):
    """A master in its zone: one that stands, or one that is asked for."""

    @property
    def name(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def identity(self) -> str: ...


class Balancer(Enum):
    """The load balancer, which exists from the second replica on, or always."""

    ABSENT = "none: the forwarding rule targets the only master"
    COMES = "created, before the address points at it"
    STAYS = "stays"
    GOES = "deleted, after the address has left it"


class Address(Enum):
    """The rule that holds the address. The address itself never changes."""

    RESERVED = "reserved, and given to a forwarding rule once all masters serve"
    STAYS = "stays where it is"
    RETARGETED = "its rule is pointed at the new master in place: no gap"
    REPLACED = f"its rule is deleted and created again: expect {RULE_GAP} without the API"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of etcd's membership, and how many voters there are after it."""

    who: str
    does: str
    voters: int

    @property
    def tolerates(self) -> int:
        """Failures that leave a quorum."""
        return tolerance(self.voters)


@dataclass(frozen=True, slots=True)
class Move:
    """A replica that changes its zone: two members, of which the new one joins before the old one leaves."""

    old: Placed
    new: Placed


@dataclass(frozen=True, slots=True)
class Transition:
    """From the masters last known (none: a first creation) to those that are asked for.

    `had`, `has`: whether the forwarding rule points at the load balancer.
    """

    before: tuple[Placed, ...]
    after: tuple[Placed, ...]
    had: bool
    has: bool

    @property
    def joining(self) -> tuple[Placed, ...]:
        return _without(self.after, self.before)

    @property
    def leaving(self) -> tuple[Placed, ...]:
        return _without(self.before, self.after)

    @property
    def moves(self) -> tuple[Move, ...]:
        """Those of one name that leave one zone and join in another."""
        leaving = {replica.name: replica for replica in self.leaving}
        return tuple(Move(leaving[new.name], new) for new in self.joining if new.name in leaving)

    @property
    def steps(self) -> tuple[Step, ...]:
        voters, steps = len(self.before), []
        for replica in self.joining:
            voters += 1
            steps.append(Step(replica.identity, "joins" if voters > 1 else "founds the cluster", voters))
        for replica in self.leaving:
            voters -= 1
            steps.append(Step(replica.identity, "leaves", voters))
        return tuple(steps)

    @property
    def balancer(self) -> Balancer:
        if self.had:
            return Balancer.STAYS if self.has else Balancer.GOES
        return Balancer.COMES if self.has else Balancer.ABSENT

    @property
    def address(self) -> Address:
        if not self.before:
            return Address.RESERVED
        if self.had != self.has:
            return Address.REPLACED
        if not self.has and self.leaving:
            return Address.RETARGETED
        return Address.STAYS

    @property
    def warnings(self) -> tuple[str, ...]:
        voters = len(self.after)
        warnings = []
        if voters % 2 == 0:
            warnings.append(
                f"{voters} voters tolerate {failures(tolerance(voters))}, as {voters - 1} would, and one more machine can "
                f"fail: use {voters - 1} or {voters + 1}."
            )
        for zone, group in groupby(
            sorted(self.after, key=lambda each: each.zone), key=lambda each: each.zone
        ):
            names = [replica.identity for replica in group]
            if len(names) > 1:
                end = ", and quorum with them" if len(names) > tolerance(voters) else ""
                warnings.append(
                    f"{listed(names)} share {zone}: its loss takes {len(names)} of {voters} voters{end}."
                )
        if len(self.leaving) > 1:
            names = [replica.identity for replica in self.leaving]
            warnings.append(
                f"{len(names)} voters leave in one update ({listed(names)}): they go one at a time, but their data is "
                "gone together; smaller updates are easier to stop."
            )
        if len(self.before) == 1 and self.leaving:
            only = self.before[0].identity
            warnings.append(
                f"{only} holds the only copy of the cluster's data and has to be up to hand it over: if it is lost, no swap "
                "brings the data back, but a snapshot does."
            )
        if (most := len(self.before) + len(self.joining)) > MOST and self.leaving:
            warnings.append(f"There are {most} voters before the first leaves: writes are slower until then.")
        return tuple(warnings)


def _without(replicas: Sequence[Placed], others: Sequence[Placed]) -> tuple[Placed, ...]:
    known = {other.identity for other in others}
    return tuple(replica for replica in replicas if replica.identity not in known)


def transition(
    before: Sequence[Placed] | None, after: StackConfig, balanced: bool | None = None
) -> Transition:
    """Returns what changes. `balanced` is what the forwarding rule points at now, where that is known; else by the number
    of masters.
    """
    had = len(before or ()) > 1 if balanced is None else balanced
    if not after.api.public:  # The internal rule has one from the first master on.
        had = bool(before)
    return Transition(tuple(before or ()), after.replicas, had, after.load_balanced)


def describe(
    before: Sequence[Placed] | None,
    after: StackConfig,
    edits: Sequence[str] = (),
    rollout: Sequence[str] = (),
    balanced: bool | None = None,
) -> str:
    """Returns the short plan that a preview begins with, in a few lines; `before` is None for a first creation.

    `edits` are the keys that change and what that costs, `rollout` is what they do to masters that stay. Without either,
    and with the same list, they are "the same masters": nothing about them changes.
    """
    change = transition(before, after, balanced)
    voters = len(change.after)
    outcome = f"{count(voters, 'master')}, {failures(tolerance(voters))} tolerated"
    changed = [*(f"  * {edit}" for edit in edits), *(f"  {line}" for line in rollout)]
    if not change.steps:
        title = f"{after.cluster_name}: {'the same ' if not changed else ''}{outcome}{', changed' if changed else ''}."
        return "\n".join([title, *changed, *_warned(change.warnings)])
    title = (
        f"{after.cluster_name}: {count(len(change.before), 'master')} → {outcome}."
        if change.before
        else (f"{after.cluster_name}: a new control plane of {outcome}.")
    )
    lines = [title, *_machines(change), *changed, "  etcd, step by step:"]
    width = max(len(f"{step.who} {step.does}") for step in change.steps)
    for step in change.steps:
        what = f"{step.who} {step.does}"
        lines.append(
            f"    {what:<{width}}  {step.voters} voter{'s' * (step.voters != 1)}, tolerates {step.tolerates}"
        )
    lines += [f"  Load balancer: {change.balancer.value}.", f"  Address: {change.address.value}."]
    if after.api.internal == BESIDE:
        lines.append(f"  Internal address: {INSIDE if change.before else Address.RESERVED.value}.")
    notes = change.warnings
    if not change.before and not after.api.authorized_networks:
        notes = (*notes, "api.authorizedNetworks is empty: the API is reached from inside the network only.")
    return "\n".join([*lines, *_warned(notes)])


def _machines(change: Transition) -> list[str]:
    moved = {replica.identity for move in change.moves for replica in (move.old, move.new)}
    return [
        *(
            f"  ~ {move.new.name} moves from {move.old.zone} to {move.new.zone}: "
            f"{move.new.identity} joins before {move.old.identity} leaves"
            for move in change.moves
        ),
        *(f"  + {new.identity} in {new.zone}" for new in change.joining if new.identity not in moved),
        *(f"  - {old.identity} in {old.zone}" for old in change.leaving if old.identity not in moved),
    ]


def _warned(warnings: Sequence[str]) -> list[str]:
    return [f"  Note: {warning}" for warning in warnings]
