"""Whether a replica's machine, or its disk, may go now.

`turn` and `disk_turn` are asked before a restart or a replacement, `machine_guard` and `data_guard` in front of the delete
itself. The leader's view counts wherever there is one: a silent agent is not a dead etcd.
"""

from __future__ import annotations

from collections.abc import Sequence

from components.gates.cluster_status import OPEN, ClusterStatus, Verdict
from components.gates.verdicts.wording import RESTORE, are
from components.google.machine import Machine
from node.contract import timings
from node.contract.status import MemberView
from node.planner.quorum import keeps_quorum_without


def turn(seen: ClusterStatus, replica: str, machine: Machine | None) -> Verdict:
    """Opens when this replica's machine may be stopped or replaced, its disk kept. `machine` is None where no VM is."""
    if machine is None or machine.off:
        return OPEN  # Nothing runs there.
    view = seen.view
    if view is None:
        return _without_a_leader(seen, replica)
    members = _with_its_vote(seen, replica, seen.members_now(view))
    if replica not in [each.name for each in _voters(members)]:
        return OPEN
    if [each.name for each in _voters(members)] != [replica]:
        return _of_several(seen, members, replica)
    learners = [each.name or "a newcomer" for each in members if each.role == "learner"]
    if learners:
        # It would become the second voter just when the first one goes down.
        return Verdict(False, f"{are(learners)} about to join {replica}, which has to be up for that")
    return OPEN  # A sole master has nobody to go on without it; its disk stays.


def machine_guard(seen: ClusterStatus, replica: str, instance_id: str, machine: Machine | None) -> Verdict:
    """Opens when the VM of this id may be deleted, its disk kept."""
    if seen.ended or is_gone(machine, instance_id):
        return OPEN
    return turn(seen, replica, machine)


def is_gone(machine: Machine | None, instance_id: str) -> bool:
    """Returns whether the VM of this id isn't there; another one of its name may be."""
    return machine is None or machine.instance_id != instance_id


def disk_turn(seen: ClusterStatus, replica: str, *, there: bool) -> Verdict:
    """Opens when this replica's data may be thrown away: others hold it and can decide without this one.

    `there`: its disk exists.
    """
    if not there or (seen.nothing_reported and not seen.formed):
        return OPEN
    view = seen.view
    if view is None:
        return Verdict(
            False,
            f"no master reports to be etcd's leader: the disk of {replica} may hold what brings the quorum back. "
            f"Repair the machines first, on the disks that they have; where most of those are gone, see {RESTORE}",
        )
    members = _with_its_vote(seen, replica, seen.members_now(view))
    voters = [each.name for each in _voters(members)]
    if replica not in voters:
        return OPEN
    if voters == [replica]:
        return Verdict(
            False, f"the disk of {replica} holds the only copy of the cluster's data. Add a replica first"
        )
    return _of_several(seen, members, replica)


def data_guard(seen: ClusterStatus, replica: str, *, there: bool) -> Verdict:
    """Opens when this replica's disk and address may be deleted. `there`: that very disk exists."""
    return OPEN if seen.ended else disk_turn(seen, replica, there=there)


def claimed_by_another(seen: ClusterStatus, replica: str) -> Verdict:
    """Returns a closed verdict while another replica's machine is on its way down, or not back yet, and the leader's view
    doesn't show it.

    A claim ends by itself, so that an engine that was killed locks nothing: when its replica is no voter any more; when
    the leader counts it as ill, and so counts without it; when another machine of it serves; or after `timings.CLAIM`.
    """
    claim = seen.claim
    if claim is None or claim.replica == replica or claim.age_seconds >= timings.CLAIM:
        return OPEN
    view = seen.view
    if view is not None:
        mine = next((each for each in seen.members_now(view) if each.name == claim.replica), None)
        if mine is None or mine.role == "learner" or not mine.healthy:
            return OPEN
    status, machine = seen.fresh.get(claim.replica), seen.machines.get(claim.replica)
    another = status is not None and status.phase == "serving" and status.instance_id != claim.instance_id
    # Not what a former machine wrote last, while the claim is the next one's.
    if another and status and (machine is None or machine.instance_id == status.instance_id):
        return OPEN
    return Verdict(
        False,
        f"{claim.replica} was allowed to go down {claim.age_seconds:.0f} s ago and is not back yet: one at a time",
    )


def _without_a_leader(seen: ClusterStatus, replica: str) -> Verdict:
    if not seen.formed:
        return OPEN  # There is nothing to lose yet.
    for status in seen.fresh.values():
        members = status.etcd.members if status.etcd else ()
        if any(each.name == replica and each.role == "voter" and each.healthy for each in members):
            return Verdict(
                False,
                f"{replica} is a healthy voter in the eyes of {status.replica}, but no master reports to be etcd's leader: "
                f"taking {replica} down now might make a loss of quorum permanent. Repair the other masters first",
            )
    own = seen.fresh.get(replica)
    if own is None:
        return Verdict(
            False,
            f"{replica} {seen.silence(replica)} while its machine runs, and no master reports to be etcd's leader: it may "
            "be what etcd still has. Look at its serial port; if it is dead, stop it (`gcloud compute instances stop`) and "
            "try again",
        )
    if own.phase in ("serving", "leaving"):
        return Verdict(
            False,
            f"{replica} serves, but no master reports to be etcd's leader: taking {replica} down now might make a loss of "
            "quorum permanent. Repair the other masters first",
        )
    return OPEN  # By its own word it isn't of use as it is.


def _of_several(seen: ClusterStatus, members: Sequence[MemberView], replica: str) -> Verdict:
    """Does etcd go on while this voter is down, also once those who are to leave have left?"""
    leaving = [each for each in seen.to_leave(members) if each.name != replica]
    for gone in range(1, len(leaving) + 1):
        left = [each for each in members if each not in leaving[:gone]]
        if not keeps_quorum_without(left, replica):
            names = [each.name for each in leaving]
            return Verdict(
                False, f"{are(names)} leaving etcd, which then needs {replica}: one after the other"
            )
    if keeps_quorum_without(members, replica):
        return Verdict(True, takes_down=True)
    voters = _voters(members)
    ill = sorted(each.name for each in voters if not each.healthy and each.name != replica)
    state = (
        f"{are(ill)} not healthy. Repair or replace those first"
        if ill
        else "all are needed. Add a replica first"
    )
    return Verdict(False, f"etcd would lose its quorum without {replica}: of {len(voters)} voters {state}")


def _with_its_vote(
    seen: ClusterStatus, replica: str, members: Sequence[MemberView]
) -> tuple[MemberView, ...]:
    """The members, with this replica's vote if it is a learner: by the time that its machine has stopped, it may be a voter.

    A learner that has not started yet has no name: it is this replica's unless its own status says that it doesn't join.
    """
    own = seen.fresh.get(replica)
    joins = own is None or own.phase in ("joining", "starting")
    named = {each.name for each in members}

    def is_its(each: MemberView) -> bool:
        return each.name == replica or (not each.name and joins and replica not in named)

    return tuple(
        MemberView(replica, each.id, "voter", True, True) if each.role == "learner" and is_its(each) else each
        for each in members
    )


def _voters(members: Sequence[MemberView]) -> list[MemberView]:
    return [each for each in members if each.role == "voter"]
