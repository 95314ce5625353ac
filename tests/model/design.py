"""Which means are in place: the design as it is, and as mutants have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from components.gates import verdicts
from components.gates.cluster_status import ClusterStatus, Verdict
from components.google.machine import Machine

Turn = Callable[[ClusterStatus, str, Machine | None], Verdict]


@dataclass(frozen=True)
class Design:
    """`asks_truth`: a gate whose inputs are as recorded opens by what is so, and not because they are as recorded. `guards`
    stand before deletes. `claims`: one at a time. `boots_who_returns`: a machine whose disk stands waits for nobody.
    `asks_machines_at_the_end`: `joined` and `left` ask Compute Engine too, and not the bucket alone.

    A machine that nobody wants may leave etcd as it stops, and may not get to it, in every design: promises hold either way.
    """

    asks_truth: bool = True
    guards: bool = True
    claims: bool = True
    boots_who_returns: bool = True
    asks_machines_at_the_end: bool = True
    turn: Turn = verdicts.turn
    left: Callable[[ClusterStatus, Sequence[str]], Verdict] = verdicts.left
    claimed: Callable[[ClusterStatus, str], Verdict] = verdicts.claimed_by_another
    look: Callable[[ClusterStatus], ClusterStatus] = lambda seen: seen

    def machine_guard(
        self, seen: ClusterStatus, replica: str, instance_id: str, machine: Machine | None
    ) -> Verdict:
        if seen.ended or machine is None or machine.instance_id != instance_id:
            return verdicts.machine_guard(seen, replica, instance_id, machine)
        return self.turn(seen, replica, machine)


AS_IT_IS = Design()


def turn_of_d845732(seen: ClusterStatus, replica: str, machine: Machine | None) -> Verdict:
    """Trusts a replica's own missing or failed status before the leader's view."""
    own = seen.fresh.get(replica)
    if own is None or own.phase != "serving":
        return verdicts.OPEN
    return verdicts.turn(seen, replica, machine)


def turn_before_learners_counted(seen: ClusterStatus, replica: str, machine: Machine | None) -> Verdict:
    members = seen.view.members if seen.view else ()
    learns = any(each.role == "learner" and each.name in (replica, "") for each in members)
    return verdicts.OPEN if learns else verdicts.turn(seen, replica, machine)


def left_of_leavers_only(seen: ClusterStatus, members: Sequence[str]) -> Verdict:
    """Says nothing of those who stay, who were well when `joined` looked."""
    view = seen.view
    if (
        view is None
        or seen.leader is None
        or seen.leader.observed.retained_generation != seen.retained_generation
    ):
        return Verdict(False, "nobody has read the new list")
    return Verdict(all(each.name in members for each in view.members))


def without_starts(seen: ClusterStatus) -> ClusterStatus:
    machines = {name: each and replace(each, started=None) for name, each in seen.machines.items()}
    return replace(seen, machines=machines)


MUTANTS = {
    "the program of d845732": Design(
        asks_truth=False, guards=False, claims=False, turn=turn_of_d845732, look=without_starts
    ),
    "gates compare recorded inputs only": Design(asks_truth=False, guards=False),
    "recorded inputs only, behind guards": Design(asks_truth=False),
    "no guards": Design(guards=False),
    "guards without claims": Design(claims=False),
    "a turn trusts silence": Design(turn=turn_of_d845732),
    "a learner counts for nothing": Design(turn=turn_before_learners_counted),
    "who is to leave counts": Design(look=lambda seen: replace(seen, may_stay=None)),
    "views outlive a machine's start": Design(look=without_starts),
    "a former machine's word ends a claim": Design(
        claimed=lambda seen, replica: verdicts.claimed_by_another(replace(seen, machines={}), replica)
    ),
    "a dead leader is believed": Design(look=lambda seen: replace(seen, written={})),
    "all wait for a sole master": Design(boots_who_returns=False),
    "the last gates ask the bucket alone": Design(asks_machines_at_the_end=False),
    "the last gate asks for leavers only": Design(left=left_of_leavers_only),
}
"""Some as the program once was, others as the verdicts were before this model found what they let through."""
