"""The next change of etcd's membership, whoever is to make it. The rules run in order of urgency; the first
that applies decides.
"""

from __future__ import annotations

from collections.abc import Callable

from node.contract.peers import peer_url
from node.planner.observed import EtcdMember, Patience
from node.planner.quorum import quorum
from node.planner.restoring import GUIDE
from node.planner.steps import (
    AddLearner,
    Confirm,
    Drain,
    MoveLeader,
    Nothing,
    Promote,
    PurgeStale,
    Remove,
    Step,
    Wait,
)
from node.planner.view import View

Rule = Callable[[View, Patience], Step | None]


def membership_step(view: View, patience: Patience) -> Step:
    for rule in _RULES:
        if step := rule(view, patience):
            return step
    return _verdict(view)


def _nothing_without_quorum(view: View, _: Patience) -> Step | None:
    me, health = view.health.local, view.health
    if not view.members:
        return Wait(me, "no etcd answers yet")
    if not view.has_quorum():
        well, voters = view.healthy_voters(), len(view.voters)
        down = ", ".join(view.name(member) for member in view.voters if not view.healthy(member))
        return Wait(
            me,
            f"quorum is lost: {well} of {voters} voters answer, {quorum(voters)} are needed, {down} don't. "
            f"Start their machines with their disks; if a majority of the disks is gone, restore: see {GUIDE}",
        )
    if not health.leader:
        return Wait(me, "etcd is electing a leader")
    return None


def _confirm_bootstrap(view: View, _: Patience) -> Step | None:
    """Also writes a lost marker into the bucket again."""
    marker = view.health.marker
    return None if marker and marker.formed else Confirm(view.health.leader, view.health.cluster_id)


def _purge_stale(view: View, patience: Patience) -> Step | None:
    """A wanted replica without the data of the member that bears its name.

    Its report must be younger than the member's trouble: one written while it was still joining says "blank" too. A
    learner has the time that it takes to come up besides: a busy machine writes down late what it saw on its disk
    before its etcd began there.
    """
    for member in view.members:
        name, state, report = view.name(member), view.state(member), view.report(view.name(member))
        if name not in view.wanted or state.healthy or not member.started:
            continue
        if member.peer_url != peer_url(view.wanted[name]):
            return PurgeStale(view.health.leader, member.id, name, f"{name} has another address now")
        if report is None or report.data.state == "unknown" or report.age_seconds >= state.unhealthy_seconds:
            continue
        if report.data.state == "blank":
            if member.role == "learner" and state.unhealthy_seconds < patience.learner:
                continue
            return PurgeStale(view.health.leader, member.id, name, f"the data disk of {name} is blank")
        if report.data.member_id != member.id:
            reason = f"the data disk of {name} holds member {report.data.member_id}"
            return PurgeStale(view.health.leader, member.id, name, reason)
    return None


def _remove_unwanted_and_useless(view: View, patience: Patience) -> Step | None:
    """Learners that nobody wants, and voters that nobody wants and that fail: nothing is lost with them,
    retained or not.
    """
    for member in view.members:
        if view.is_wanted(member):
            continue
        if member.role == "learner":
            return _remove(view, member, "it is not asked for, and doesn't vote yet")
        state = view.state(member)
        if not state.healthy and state.unhealthy_seconds >= patience.blip:
            return _remove(view, member, "it is not asked for, and not healthy")
    return None


def _bring_learner_in(view: View, patience: Patience) -> Step | None:
    for member in view.learners:
        name, state = view.name(member), view.state(member)
        if state.healthy and state.lag <= patience.lag and view.can_promote():
            return Promote(view.health.leader, member.id, name)
        if not state.healthy and state.unhealthy_seconds >= patience.learner and _joiners(view):
            return _remove(view, member, "it doesn't come up, and another replica waits to join")
        behind = f", {state.lag} entries behind" if state.healthy else ""
        return Wait(view.health.local, f"{name} is joining as a learner{behind}")
    return None


def _let_next_join(view: View, patience: Patience) -> Step | None:
    """etcd refuses to add anyone while a voter is down, so one that failed for long makes room; it can
    return later, anew.
    """
    waiting = _joiners(view)
    if not waiting:
        return None
    down = [member for member in view.voters if not view.healthy(member)]
    if not down:
        return AddLearner(view.health.leader, waiting[0], peer_url(view.wanted[waiting[0]]))
    longest = max(down, key=lambda member: view.state(member).unhealthy_seconds)
    seconds = view.state(longest).unhealthy_seconds
    if seconds >= patience.failed:
        return _remove(view, longest, f"it failed for {seconds:.0f} s, and {waiting[0]} waits to join")
    return Wait(
        view.health.local,
        f"{waiting[0]} waits to join until {view.name(longest)} is well, or has failed for "
        f"{patience.failed:.0f} s ({seconds:.0f} s so far)",
    )


def _let_next_leave(view: View, patience: Patience) -> Step | None:
    leaving = [member for member in view.voters if not view.may_stay(view.name(member))]
    if not leaving:
        return None
    if missing := _not_voting(view):
        who = ", ".join(view.name(member) for member in leaving)
        return Wait(view.health.local, f"{who} leaves once {', '.join(missing)} votes")
    member = min(leaving, key=lambda each: (view.name(each) == view.health.leader, view.name(each), each.id))
    name, report = view.name(member), view.report(view.name(member))
    if not view.can_lose(member) or not view.healthy(member):
        return Wait(view.health.local, f"{name} leaves once the voters that stay are well enough without it")
    if report is None and (seconds := view.silent_seconds(name)) < patience.silent:
        return Wait(
            view.health.local,
            f"{name} leaves once it reports to be out of service, or has been silent for "
            f"{patience.silent:.0f} s ({seconds:.0f} s so far)",
        )
    if report and not report.readable:
        return Wait(
            view.health.local,
            f"{name} leaves once its status can be read: another release of ha-masters wrote it. Update {name} or "
            "this machine so that both run the same; if its machine is to go as it is, delete the VM",
        )
    if report and not report.drained:
        return Drain(name)
    if name == view.health.leader:
        return move_leader(view)
    return _remove(view, member, "it is not asked for")


def move_leader(view: View) -> Step:
    stays = [member for member in view.voters if view.is_wanted(member) and view.healthy(member)]
    if not stays:
        return Wait(view.health.local, f"{view.health.leader} leads and leaves, and nobody who stays is well")
    heir = min(stays, key=lambda member: (view.state(member).lag, view.name(member)))
    return MoveLeader(view.health.leader, heir.id, view.name(heir))


def _remove(view: View, member: EtcdMember, reason: str) -> Step:
    if not view.can_lose(member):
        return Wait(
            view.health.local, f"{view.name(member)} can't be removed yet: the others would have no quorum"
        )
    return Remove(view.health.leader, member.id, view.name(member), reason)


def _joiners(view: View) -> list[str]:
    """Wanted replicas without a member whose machine says, freshly, that its disk is blank: they can start at once."""
    known = set(view.names.values())
    reports = ((name, view.report(name)) for name in sorted(view.wanted) if name not in known)
    return [name for name, report in reports if report and report.data.state == "blank"]


def _not_voting(view: View) -> list[str]:
    voting = {view.name(member) for member in view.voters}
    return [name for name in sorted(view.wanted) if name not in voting]


def _verdict(view: View) -> Step:
    if missing := _not_voting(view):
        return Wait(
            view.health.local, f"waiting for the machine of {', '.join(missing)} to report a blank data disk"
        )
    if down := [view.name(member) for member in view.voters if not view.healthy(member)]:
        return Wait(
            view.health.local, f"{', '.join(down)} is not healthy; nothing is to be gained by removing it"
        )
    return Nothing(view.health.local, "etcd's voters are those that are asked for, or may stay")


_RULES: tuple[Rule, ...] = (
    _nothing_without_quorum,
    _confirm_bootstrap,
    _purge_stale,
    _remove_unwanted_and_useless,
    _bring_learner_in,
    _let_next_join,
    _let_next_leave,
)
