"""When a gate may open: functions of what the machines report, without any I/O.

A reason is written for the person who waits: it names the replica, what is seen and what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from node.formats import EtcdView, MemberView, ReplicaStatus
from node.quorum import keeps_quorum_without


@dataclass(frozen=True, slots=True)
class Verdict:
    """Open or not, and why not."""

    open: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The cluster as its bucket shows it: fresh statuses by identity, and the generations of what was asked.

    A status is fresh when its master wrote it within the last 30 s by the storage server's own clock.
    """

    fresh: Mapping[str, ReplicaStatus]
    stale: frozenset[str] = frozenset()
    members_generation: str = ""
    retained_generation: str = ""
    health: Mapping[str, str] = field(default_factory=dict)

    @property
    def leader(self) -> ReplicaStatus | None:
        """The status of the master beside etcd's leader: the view that counts."""
        for status in self.fresh.values():
            if status.etcd and status.etcd.leader == status.replica:
                return status
        return None


OPEN = Verdict(True)


def turn(seen: Seen, replica: str) -> Verdict:
    """May this replica's machine be stopped or replaced now?"""
    own = seen.fresh.get(replica)
    if own is None or own.phase != "serving":
        return OPEN  # It serves nobody: nothing is lost by taking it down.
    leader = seen.leader
    if leader is None or leader.etcd is None:
        return Verdict(
            False,
            f"{replica} serves, but no master reports to be etcd's leader: taking {replica} down now might make a loss of "
            "quorum permanent. Repair the other masters first",
        )
    voters = [member for member in leader.etcd.members if member.role == "voter"]
    if [member.name for member in voters] != [replica]:
        return turn_of_voter(leader.etcd.members, replica)
    learners = [member.name for member in leader.etcd.members if member.role == "learner"]
    if learners:
        # It would become the second voter just when the first one goes down.
        return Verdict(False, f"{_list(learners)} about to join {replica}, which has to be up for that")
    return OPEN  # A sole master has nobody to go on without it; its disk stays.


def turn_of_voter(members: Sequence[MemberView], replica: str) -> Verdict:
    """Does etcd go on while this voter is down?"""
    if keeps_quorum_without(members, replica):
        return OPEN
    voters = [member for member in members if member.role == "voter"]
    ill = sorted(member.name for member in voters if not member.healthy and member.name != replica)
    state = (
        f"{_list(ill)} not healthy. Repair or replace those first"
        if ill
        else "all are needed. Add a replica first"
    )
    return Verdict(False, f"etcd would lose its quorum without {replica}: of {len(voters)} voters {state}")


def disk_turn(seen: Seen, replica: str) -> Verdict:
    """May this replica's data be thrown away now? Only if others hold it and can decide without this one."""
    if not seen.fresh and not seen.stale:
        return OPEN  # Nothing was ever created.
    leader = seen.leader
    if leader is None or leader.etcd is None:
        return Verdict(
            False,
            f"no master reports to be etcd's leader: the disk of {replica} may hold what brings the quorum back. "
            "Repair the machines first, on the disks that they have",
        )
    voters = [member.name for member in leader.etcd.members if member.role == "voter"]
    if replica not in voters:
        return OPEN
    if voters == [replica]:
        return Verdict(
            False, f"the disk of {replica} holds the only copy of the cluster's data. Add a replica first"
        )
    return turn_of_voter(leader.etcd.members, replica)


def ready(seen: Seen, replica: str, instance_id: str, config_hash: str) -> Verdict:
    """Does this very machine serve, with this very configuration?"""
    return _serves(seen, replica, instance_id, config_hash)


def joined(seen: Seen, members: Sequence[str], instances: Mapping[str, str]) -> Verdict:
    """Is every wanted replica a healthy voter that serves?"""
    for name in members:
        verdict = _serves(seen, name, instances.get(name, ""), "")
        if not verdict.open:
            return verdict
    view, verdict = _view(seen, "members")
    if view is None:
        return verdict
    voters = {member.name: member for member in view.members if member.role == "voter"}
    missing = [name for name in members if name not in voters]
    if missing:
        return Verdict(False, f"{_list(missing)} not yet a voter")
    ill = [name for name in members if not voters[name].healthy]
    if ill:
        return Verdict(False, f"{_list(ill)} a voter but not healthy")
    return OPEN


def left(seen: Seen, members: Sequence[str]) -> Verdict:
    """Is nobody a member of etcd but those who are wanted?"""
    view, verdict = _view(seen, "retained")
    if view is None:
        return verdict
    strangers = sorted(member.name or member.id for member in view.members if member.name not in members)
    if strangers:
        return Verdict(False, f"{_list(strangers)} still a member of etcd")
    return OPEN


def api(seen: Seen, replicas: Sequence[str]) -> Verdict:
    """Do all replicas answer where the rule points? `seen.health` is the load balancer's word, if there is one."""
    for name in replicas:
        status = seen.fresh.get(name)
        if status is None or not status.apiserver_ready:
            return Verdict(False, f"the apiserver of {name} is not ready{_because(status)}")
    ill = sorted(name for name, state in seen.health.items() if state != "HEALTHY")
    if ill:
        return Verdict(False, f"the load balancer's health check doesn't see {_list(ill)} healthy yet")
    return OPEN


def _serves(seen: Seen, replica: str, instance_id: str, config_hash: str) -> Verdict:
    status = seen.fresh.get(replica)
    if status is None:
        if replica in seen.stale:
            return Verdict(False, f"{replica} has not reported for more than 30 s")
        return Verdict(False, f"{replica} has not reported yet")
    if instance_id and status.instance_id != instance_id:
        return Verdict(False, f"the new machine of {replica} has not reported yet")
    if status.phase != "serving":
        return Verdict(False, f"{replica} is {status.phase}{_because(status)}")
    if config_hash and status.config_hash != config_hash:
        return Verdict(False, f"{replica} still runs its former configuration{_because(status)}")
    return OPEN


def _view(seen: Seen, generation: str) -> tuple[EtcdView | None, Verdict]:
    """The leader's view, once the leader has read what was asked for."""
    leader = seen.leader
    if leader is None or leader.etcd is None:
        return None, Verdict(False, "no master reports to be etcd's leader")
    observed, asked = (
        (leader.observed.members_generation, seen.members_generation)
        if generation == "members"
        else (leader.observed.retained_generation, seen.retained_generation)
    )
    if observed != asked:
        return None, Verdict(False, f"etcd's leader {leader.replica} has not read the new list yet")
    return leader.etcd, OPEN


def _because(status: ReplicaStatus | None) -> str:
    return f": {status.reason}" if status and status.reason else ""


def _list(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"
