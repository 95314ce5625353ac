"""The planner's view of the cluster: who each etcd member is, whether it is wanted, and how it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from node.contract.peers import peer_url
from node.planner.observed import Desired, EtcdMember, Health, MemberHealth, Report
from node.planner.quorum import has_quorum, keeps_quorum_after_removal, quorum

_DOWN = MemberHealth(healthy=False)


class _Counted(NamedTuple):
    """A member as `node.planner.quorum` counts it, by its id: names can be empty."""

    name: str
    role: str
    healthy: bool


@dataclass(frozen=True)
class View:
    """`names` gives each member id its replica: by the name it started with, else by the peer URL it was added with."""

    wanted: dict[str, str]  # identity -> address
    retained: frozenset[str] | None
    members: tuple[EtcdMember, ...]
    names: dict[str, str]
    health: Health

    @classmethod
    def of(cls, desired: Desired, members: Sequence[EtcdMember] | None, health: Health) -> View:
        assert desired.members is not None
        wanted = {member.name: member.address for member in desired.members.members}
        by_url = {peer_url(address): name for name, address in wanted.items()}
        listed = tuple(sorted(members or (), key=lambda member: (member.name, member.id)))
        names = {member.id: member.name or by_url.get(member.peer_url, "") for member in listed}
        retained = None if desired.retained is None else frozenset(desired.retained.members)
        return cls(wanted, retained, listed, names, health)

    @property
    def voters(self) -> list[EtcdMember]:
        return [member for member in self.members if member.role == "voter"]

    @property
    def learners(self) -> list[EtcdMember]:
        return [member for member in self.members if member.role == "learner"]

    def name(self, member: EtcdMember) -> str:
        return self.names[member.id]

    def member_of(self, name: str) -> EtcdMember | None:
        """Returns the replica's member; of several, which only a changed address can bring, the one that is well."""
        mine = [member for member in self.members if self.names[member.id] == name]
        return max(mine, key=self.healthy, default=None)

    def is_wanted(self, member: EtcdMember) -> bool:
        return self.name(member) in self.wanted

    def may_stay(self, name: str) -> bool:
        """Returns whether nobody asks this replica to leave. An absent `retained` lets everyone stay."""
        return name in self.wanted or self.retained is None or name in self.retained

    def report(self, name: str) -> Report | None:
        return self.health.reports.get(name)

    def silent_seconds(self, name: str) -> float:
        """Zero also where nobody knows: the patience of the planner begins with knowledge."""
        return self.health.silent.get(name, 0.0)

    def state(self, member: EtcdMember) -> MemberHealth:
        return self.health.members.get(member.id, _DOWN)

    def healthy(self, member: EtcdMember) -> bool:
        return self.state(member).healthy

    def healthy_voters(self) -> int:
        return sum(self.healthy(member) for member in self.voters)

    def has_quorum(self) -> bool:
        return has_quorum(self._counted())

    def can_lose(self, member: EtcdMember) -> bool:
        """Returns whether those who are left after its removal have quorum among themselves; a learner is no loss."""
        if member.role == "learner":
            return True
        return keeps_quorum_after_removal(self._counted(), member.id)

    def can_promote(self) -> bool:
        """Returns whether the voters, one more of them and that one well, still have quorum."""
        return self.healthy_voters() + 1 >= quorum(len(self.voters) + 1)

    def _counted(self) -> list[_Counted]:
        return [_Counted(member.id, member.role, self.healthy(member)) for member in self.members]
