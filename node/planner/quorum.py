"""How many voters etcd needs, and what it survives. Plain arithmetic, shared by the planner, the gates and the previews."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Voter(Protocol):
    """A member of etcd as someone saw it: `status.MemberView` is one. Learners are such too, and don't count."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def healthy(self) -> bool: ...


def quorum(voters: int) -> int:
    """Returns the votes that a decision of `voters` voters takes; learners don't vote. One for none: none never has it."""
    return voters // 2 + 1


def tolerance(voters: int) -> int:
    """Returns how many of so many voters may fail with the cluster still deciding: 0 of 1 and 2, 1 of 3 and 4, 2 of 5."""
    return voters - quorum(voters) if voters else 0


def has_quorum(members: Iterable[Voter]) -> bool:
    voters = [member for member in members if member.role == "voter"]
    return sum(member.healthy for member in voters) >= quorum(len(voters))


def keeps_quorum_without(members: Iterable[Voter], name: str) -> bool:
    """Returns whether etcd goes on while `name` is *down but still a member*, as during a restart of its machine.

    False for a sole voter: nothing goes on without it. True for a learner or a stranger, where etcd has
    quorum at all.
    """
    voters = [member for member in members if member.role == "voter"]
    return sum(member.healthy for member in voters if member.name != name) >= quorum(len(voters))


def keeps_quorum_after_removal(members: Iterable[Voter], name: str) -> bool:
    """Returns whether those who are left once `name` was *removed* have quorum. Never true for the last voter."""
    left = [member for member in members if member.role == "voter" and member.name != name]
    return sum(member.healthy for member in left) >= quorum(len(left))
