"""Derives from one look the machine's phase, and which pods belong on it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.contract.status import DataDirectory, Phase
from node.planner.observed import Desired, EtcdMember, Health
from node.planner.plan import plan
from node.planner.steps import Drain, Nothing, Step
from node.planner.view import View

__all__ = ["Situation", "belongs", "is_gone", "must_drain", "phase_of", "plan", "standing"]


@dataclass(frozen=True)
class Situation:
    """One look. `formed` is the id of the cluster that the marker names, or that this disk was told before, if it can't
    be read; `served` whether the apiserver was ever ready since this agent began.
    """

    me: str
    step: Step
    desired: Desired
    members: Sequence[EtcdMember] | None
    health: Health
    formed: str
    draining: bool = False
    ready: bool = False
    served: bool = False
    failed: bool = False

    @property
    def data(self) -> DataDirectory:
        return self.health.reports[self.me].data

    @property
    def own(self) -> EtcdMember | None:
        """This machine's member, by what its disk holds and not by name alone."""
        mine = self.data.member_id
        return next((each for each in self.members or () if mine and each.id == mine), None)

    @property
    def votes(self) -> bool:
        own = self.own
        if own is None or own.role != "voter":
            return False
        state = self.health.members.get(own.id)
        return state is not None and state.healthy


def is_gone(now: Situation) -> bool:
    """Returns whether this machine isn't a member and shall not be one."""
    return isinstance(now.step, Nothing) and now.own is None


def must_drain(now: Situation) -> bool:
    """A replica that leaves service keeps leaving until it is gone or wanted again, whatever the looks between show."""
    if isinstance(now.step, Drain):
        return True
    if not now.draining or now.desired.members is None:
        return False
    return not View.of(now.desired, now.members, now.health).may_stay(now.me)


def belongs(now: Situation) -> bool | None:
    """Returns whether the control plane's pods belong here; None leaves them as they are.

    They start beside a voter of a cluster that was confirmed, and stay through etcd's troubles: an apiserver without
    quorum is not ready, says so, and is ready again the moment quorum is back. What an apiserver knows of a cluster that is
    being restored is wrong afterwards, so it ends before.
    """
    marker = now.health.marker
    if is_gone(now) or now.draining or now.data.state != "member" or (marker and marker.restoring):
        return False
    if now.votes and now.formed and now.formed == now.data.cluster_id:
        return True
    own = now.own
    return False if own is not None and own.role == "learner" else None


def phase_of(now: Situation) -> Phase:
    if now.failed:
        return "failed"
    if is_gone(now):
        return "gone"
    if now.draining:
        return "leaving"
    if now.votes:
        return "serving" if now.ready or now.served else "starting"
    own = now.own
    if now.data.state == "blank" or (own is not None and own.role == "learner"):
        return "joining"
    return "starting"


def standing(now: Situation) -> frozenset[str] | None:
    """Returns who has a place in the cluster, by the leader's machine. None elsewhere, and while that isn't known."""
    desired, health = now.desired, now.health
    if not now.votes or health.leader != now.me or desired.members is None or desired.retained is None:
        return None
    named = {each.name for each in now.members or () if each.name}
    return frozenset(named | set(desired.members.names()) | set(desired.retained.members))
