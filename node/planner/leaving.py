"""`departure(desired, members, health) -> step`: what a machine that shuts down does before its etcd stops. Pure.

A voter whose machine goes away for ever takes a vote with it: one of two gone so, and no one decides anything any more. So
a machine that nobody wants takes itself out first, however it came to be stopped: by an update, by hand, by Google.

What is promised, given inputs as `node.planner.observed` describes them, and lists that were read just now:
- a machine that is asked for, or may stay, only stops: its member comes back with it;
- nobody leaves on lists that can't be read, or say nothing;
- nobody leaves unless the voters that remain have quorum among themselves, so the last voter never does.

Growing before shrinking doesn't count here: the machine goes anyway, and a member that is gone is better than one that
is down. For the same reason a list of `retained` that was never written retains nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from node.planner.membership import move_leader
from node.planner.observed import Desired, EtcdMember, Health
from node.planner.plan import refusal
from node.planner.steps import Nothing, Remove, Step, Wait
from node.planner.view import View

__all__ = ["departure"]


def departure(desired: Desired, members: Sequence[EtcdMember] | None, health: Health) -> Step:
    """`MoveLeader` or `Remove`, for this machine to do; `Wait`: look again while there is time; `Nothing`: it may stop."""
    me = health.local
    if reason := refusal(desired, health):
        return Wait(me, reason)
    view = View.of(desired, members, health)
    if me in view.wanted:
        return Nothing(me, "it is asked for: its member stays, and comes back with its machine")
    if view.retained and me in view.retained:
        return Nothing(me, "it may stay a member, until `pulumi up` has replaced it")
    data = health.reports[me].data
    if data.state != "member":
        return Nothing(me, "no member's data lies on its disk")
    if not view.has_quorum():
        return Wait(me, "no etcd with a quorum answers")
    mine = next((each for each in view.members if each.id == data.member_id), None)
    if mine is None:
        return Nothing(me, "it is no member of etcd")
    if not health.leader:
        return Wait(me, "etcd is electing a leader")
    if health.leader == me:
        return move_leader(view)
    if not view.can_lose(mine):
        return Wait(me, "the voters that remain would have no quorum")
    return Remove(me, mine.id, me, "its machine is told to stop, and nobody asks for it")
