"""`plan(desired, members, health) -> step`: what this machine's agent does next. Pure: no clock, no I/O, no memory.

Who acts. Each agent plans for the whole cluster by the same rules, then performs the step only if it is its
own (`step.by`); else it waits. Steps of a machine (start, join, drain, …) are that machine's; steps of
membership are the leader's. Two agents that both believe to sit beside the leader do no harm: etcd orders
membership changes, one at a time, and refuses those of a leader without quorum.

What is promised, given inputs as `node.planner.observed` describes them:
- no step gives quorum away: if the voters that are alive were a quorum before it, they are one after it;
- nothing is changed on an empty, absent or unreadable desired state, without quorum, or before the bootstrap
  marker names this cluster;
- one learner at most; a replica grows in as learner and votes only once it is in sync, so a list that is put
  back before that costs nothing, and 1→2→1 is safe while both live;
- a member whose disk is gone is purged before its replica joins again, so etcd never meets an old id with an
  empty log;
- grow before shrink: a healthy member leaves only after all that are wanted vote, drained first (unless its
  machine has been silent for long), and not while it leads;
- once faults stop and quorum lives, the voters become those that are wanted.

What can't be saved. When a majority of voters lost their disks, no one may decide anything, and that
includes repairing the membership: one of one, either of two, two of three. Then the planner waits and says
so; the operator asks for a restore (`node.planner.restoring`), from a snapshot or from the one disk that is left.
Between a promotion from one voter to two and the next one, losing either is such a loss: two replicas are no
better than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.planner.membership import membership_step
from node.planner.observed import Desired, EtcdMember, Health, Patience
from node.planner.restoring import Restoring
from node.planner.steps import Bootstrap, Discard, Join, Nothing, Start, Step, Undrain, Wait, words
from node.planner.view import View

__all__ = ["plan", "refusal"]


def plan(
    desired: Desired,
    members: Sequence[EtcdMember] | None,
    health: Health,
    patience: Patience | None = None,
) -> Step:
    """Returns the next step of the agent on `health.local`: its own step, a `Wait` with its reason, or `Nothing`.

    `members` is etcd's member list, or None where no etcd answered. Total: it returns a step for whatever it
    is given.
    """
    me = health.local
    refused = refusal(desired, health)
    view = None if refused else View.of(desired, members, health)
    restoring = Restoring.of(desired, health, view) if view else None
    if step := _Machine(me, members, health, view, refused, restoring).step():
        return step
    if view is None:
        return Wait(me, refused)
    step = membership_step(view, patience or Patience())
    if isinstance(step, Nothing) and restoring and (reason := restoring.refusal()):
        return Wait(me, reason)
    if step.by == me or isinstance(step, Wait | Nothing):
        return step
    return Wait(me, f"{step.by} is to perform {type(step).__name__}: {words(step)}")


def refusal(desired: Desired, health: Health) -> str:
    """Returns why the desired state must not be acted on; empty if it may."""
    if desired.members is None or not desired.members.members:
        return (
            desired.problem or "desired/members.json is empty or absent: waiting for `pulumi up` to write it"
        )
    if desired.retained is not None and desired.retained.cluster != desired.members.cluster:
        return (
            f"desired/retained.json is of cluster {desired.retained.cluster!r}, desired/members.json of "
            f"{desired.members.cluster!r}: waiting for `pulumi up` to write them again"
        )
    if desired.restore is not None and desired.restore.cluster != desired.members.cluster:
        return (
            f"desired/restore.json is of cluster {desired.restore.cluster!r}, desired/members.json of "
            f"{desired.members.cluster!r}: waiting for `pulumi up` to write them again"
        )
    if health.marker_problem:
        return health.marker_problem
    if health.marker is not None and health.marker.cluster != desired.members.cluster:
        return (
            f"bootstrap.json is of cluster {health.marker.cluster!r}, the list of "
            f"{desired.members.cluster!r}: two stacks share a bucket; give each its own"
        )
    return ""


@dataclass(frozen=True)
class _Machine:
    """What this machine must do for itself; None from `step` once it takes part in the cluster."""

    me: str
    members: Sequence[EtcdMember] | None
    health: Health
    view: View | None
    refusal: str
    restoring: Restoring | None

    def step(self) -> Step | None:
        report = self.health.reports.get(self.me)
        if report is None or report.data.state == "unknown":
            return Wait(self.me, "the data disk isn't mounted yet")
        if self.restoring and (step := self.restoring.step(report.data)):
            return step
        if report.data.state == "blank":
            return self._on_blank_disk()
        if step := self._with_data(report.data.member_id, report.data.cluster_id):
            return step
        if report.drained and self.view and self.view.may_stay(self.me):
            return Undrain(self.me)
        return None

    def _with_data(self, member_id: str, cluster_id: str) -> Step | None:
        marker = self.health.marker
        if marker and not self.health.marker_problem:
            if not marker.formed and marker.claimed_by != self.me:
                if self.view and marker.claimed_by not in self.view.wanted:
                    return self._set_aside(member_id, f"{marker.claimed_by} took over and left")
                return Wait(
                    self.me, f"{marker.claimed_by} is creating the cluster; the data here is of another"
                )
            if marker.formed and marker.cluster_id != cluster_id:
                return self._set_aside(member_id, f"it is of cluster {cluster_id}, not {marker.cluster_id}")
        if self._was_removed(member_id, cluster_id):
            return self._set_aside(member_id, "the cluster has removed that member")
        return None if self.health.etcd_running else Start(self.me, member_id)

    def _was_removed(self, member_id: str, cluster_id: str) -> bool:
        """Only a quorum's word counts: a minority's list may be older than this disk."""
        known = self.view is not None and self.view.has_quorum() and self.health.cluster_id == cluster_id
        return known and member_id not in {member.id for member in self.members or ()}

    def _set_aside(self, member_id: str, reason: str) -> Step:
        if self.view is None:
            return Wait(self.me, self.refusal)
        if self.me in self.view.wanted:
            return Discard(self.me, member_id, f"this disk holds member {member_id}, and {reason}")
        return Nothing(self.me, f"not asked for: {reason}")

    def _on_blank_disk(self) -> Step | None:
        if self.view is None:
            return Wait(self.me, self.refusal)
        if self.me not in self.view.wanted:
            return Nothing(self.me, "not asked for, and its data disk is blank")
        marker = self.health.marker
        if marker is None:
            return self._found()
        if not marker.formed:
            if marker.claimed_by == self.me:
                return Bootstrap(self.me)
            if marker.claimed_by not in self.view.wanted:
                return Bootstrap(self.me, takeover=True)
            return Wait(
                self.me,
                f"{marker.claimed_by} claimed the creation of the cluster and etcd hasn't formed there yet: "
                "repair it, or take it off the list and another replica will create the cluster",
            )
        if self.members is None:
            return Wait(
                self.me, "the cluster exists, the data disk is blank and no etcd answers: it can only join"
            )
        mine = self.view.member_of(self.me)
        if mine and not mine.started:
            return Join(self.me, mine.id)
        return None

    def _found(self) -> Step:
        assert self.view is not None
        reports = self.health.reports.items()
        holders = [name for name, report in reports if report.data.state == "member" or not report.readable]
        if self.members or holders:
            who = ", ".join(sorted(holders)) or "an etcd that answers"
            return Wait(
                self.me,
                f"bootstrap.json is missing, yet {who} holds or may hold the data of a cluster: it can only be joined",
            )
        return Bootstrap(self.me)
