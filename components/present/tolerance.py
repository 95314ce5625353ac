"""How many failures etcd survives at this moment, which is less than by design while a voter is down."""

from __future__ import annotations

from dataclasses import dataclass

from components.present.facts import Master, Present
from node.contract.status import MemberView
from node.planner.quorum import quorum


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`now` is None where no master reports as etcd's leader. `up` are the voters that work."""

    now: int | None
    lost: bool = False
    voters: tuple[str, ...] = ()
    up: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Voters that don't work."""
        return tuple(name for name in self.voters if name not in self.up)


def tolerance_now(present: Present) -> Tolerance:
    """Returns the count by the leader's view and Google's word on machines, which is newer than a view for up to 30 s.

    Without a leader's view, too few running machines for the voters last known mean that quorum is lost; else nobody
    knows.
    """
    machines = {master.identity: master for master in present.masters}
    leader = present.leader
    if leader and leader.etcd:
        voters = _voters(leader.etcd.members)
        up = tuple(each.name for each in voters if each.healthy and not _down(machines.get(each.name)))
        spare = len(up) - quorum(len(voters))
        return Tolerance(max(spare, 0), spare < 0, _names(voters), up)
    view = present.last_view
    names = _names(_voters(view.members)) if view else tuple(sorted(machines))
    up = tuple(name for name in names if name in machines and not machines[name].down)
    if names and len(up) < quorum(len(names)):
        return Tolerance(0, True, names, up)
    return Tolerance(None, voters=names)


def _voters(members: tuple[MemberView, ...]) -> list[MemberView]:
    return [member for member in members if member.role == "voter"]


def _names(voters: list[MemberView]) -> tuple[str, ...]:
    return tuple(voter.name or voter.id for voter in voters)


def _down(master: Master | None) -> bool:
    return master is not None and master.down
