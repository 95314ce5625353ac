"""What the gates know of a cluster: plain values, gathered by `cluster_reader` and judged by `verdicts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from components.google.machine import Machine
from node.contract.status import EtcdView, MemberView, ReplicaStatus


@dataclass(frozen=True, slots=True)
class Verdict:
    """Open or not, and why not. An open verdict may come with a `reason` too: what the operator should know all the same.

    `takes_down`: who goes through here takes a voter down, and no second one may at the same time (`Claim`). `stuck`: it
    won't open by waiting, so that nobody waits for the whole deadline.
    """

    open: bool
    reason: str = ""
    takes_down: bool = False
    stuck: bool = False


OPEN = Verdict(True)


@dataclass(frozen=True, slots=True)
class Claim:
    """`replica`'s machine of this id is being taken down; `age_seconds` since somebody was allowed to.

    `generation` is the object's in the bucket, for those who write the next one.
    """

    replica: str
    instance_id: str
    age_seconds: float
    generation: str


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """The cluster as its bucket shows it, and what Compute Engine adds where a gate asks it.

    `fresh`: statuses by identity that their masters wrote within the last 30 s by the storage server's own clock, and
    `written` when. `stale`: who wrote one earlier. `unreadable`: who wrote one lately that this release doesn't understand.
    `machines`: VMs by identity, None for one that isn't there; nobody asked for those that are missing. `formed`: etcd was
    founded once. `ended`: a destroy was begun.
    """

    fresh: Mapping[str, ReplicaStatus]
    stale: frozenset[str] = frozenset()
    members_generation: str = ""
    retained_generation: str = ""
    health: Mapping[str, str] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    written: Mapping[str, datetime] = field(default_factory=dict)
    machines: Mapping[str, Machine | None] = field(default_factory=dict)
    claim: Claim | None = None
    formed: bool = True
    may_stay: frozenset[str] | None = None
    ended: bool = False
    pools_generation: str = ""

    @property
    def leader(self) -> ReplicaStatus | None:
        """The status of the master beside etcd's leader: the view that counts. Of two that say so, the one written last.

        None where one of its voters has written later that somebody else leads, or nobody: a leader that died half a
        minute ago may still have a fresh status.
        """
        leaders = [each for each in self.fresh.values() if each.etcd and each.etcd.leader == each.replica]
        last = max(leaders, key=lambda each: self._written(each.replica), default=None)
        return None if last is None or self._is_contradicted(last) else last

    @property
    def view(self) -> EtcdView | None:
        """The leader's view."""
        return self.leader.etcd if self.leader else None

    @property
    def nothing_reported(self) -> bool:
        return not (self.fresh or self.stale or self.unreadable)

    def is_off(self, replica: str) -> bool:
        """Returns whether Compute Engine knows that this replica's machine doesn't run: off, or not there at all."""
        if replica not in self.machines:
            return False
        machine = self.machines[replica]
        return machine is None or machine.off

    def members_now(self, view: EtcdView) -> tuple[MemberView, ...]:
        """Returns a view's members, without the health of those whose machines are off, or were started later: the view may
        be half a minute old.
        """
        written = self._written(self.leader.replica) if self.leader else 0.0

        def is_well(each: MemberView) -> bool:
            machine = self.machines.get(each.name)
            began_later = bool(machine and machine.started and machine.started.timestamp() > written > 0)
            return each.healthy and not self.is_off(each.name) and not began_later

        return tuple(
            MemberView(each.name, each.id, each.role, is_well(each), each.started) for each in view.members
        )

    def to_leave(self, members: Sequence[MemberView]) -> list[MemberView]:
        """Returns the voters that may be removed at any moment."""
        if self.may_stay is None:
            return []
        return [each for each in members if each.role == "voter" and each.name not in self.may_stay]

    def silence(self, replica: str) -> str:
        """Returns why there is no fresh status of this replica, as a predicate."""
        if replica in self.unreadable:
            return "writes a status that this release doesn't understand"
        if replica in self.stale:
            return "has not reported for more than 30 s"
        return "has not reported yet"

    def _is_contradicted(self, leader: ReplicaStatus) -> bool:
        voters = {each.name for each in leader.etcd.members if each.role == "voter"} if leader.etcd else set()
        return any(
            each.etcd is not None
            and each.etcd.leader != leader.replica
            and self._written(each.replica) > self._written(leader.replica)
            for name, each in self.fresh.items()
            if name in voters
        )

    def _written(self, replica: str) -> float:
        when = self.written.get(replica)
        return when.timestamp() if when else 0.0
