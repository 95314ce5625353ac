"""The parts of a `ReplicaStatus` that are about etcd: the disk, members, desired objects, the database, the newest snapshot.

Their constructors are strict: a machine writes nothing that it doesn't mean. `read` is lenient (`fields.Reported`):
what is missing or of another shape becomes the default, and no default says that anything is well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self, cast, get_args

from node.contract.fields import (
    FormatError,
    Reported,
    check_choice,
    check_digits,
    check_distinct,
    check_hex,
    check_name,
    check_time,
)

Role = Literal["voter", "learner"]
DataState = Literal["unknown", "blank", "member"]


@dataclass(frozen=True)
class DataDirectory:
    """What lies on the data disk: nothing, or the data of one member of one etcd cluster. Unknown until it
    is mounted, and to who doesn't understand what is said of it.
    """

    state: DataState = "unknown"
    member_id: str = ""
    cluster_id: str = ""

    def __post_init__(self) -> None:
        check_choice("ReplicaStatus.dataDirectory.state", self.state, get_args(DataState))
        if self.state == "member":
            check_hex("ReplicaStatus.dataDirectory.memberId", self.member_id)
            check_hex("ReplicaStatus.dataDirectory.clusterId", self.cluster_id)
        elif self.member_id or self.cluster_id:
            raise FormatError(
                f"ReplicaStatus.dataDirectory.memberId is {self.member_id!r} although its state is "
                f"{self.state!r}; leave both ids empty"
            )

    def to_fields(self) -> dict[str, Any]:
        return {"state": self.state, "memberId": self.member_id, "clusterId": self.cluster_id}

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(cast(DataState, said.text("state")), said.text("memberId"), said.text("clusterId"))


@dataclass(frozen=True)
class MemberView:
    """One member of etcd as a replica sees it. `name` is empty while the member was added but has not started."""

    name: str
    id: str
    role: Role
    healthy: bool
    started: bool

    def __post_init__(self) -> None:
        if self.name:
            check_name("ReplicaStatus.etcd.members[].name", self.name)
        check_hex(f"ReplicaStatus.etcd.members[{self.name}].id", self.id)
        check_choice(f"ReplicaStatus.etcd.members[{self.name}].role", self.role, get_args(Role))

    @classmethod
    def read(cls, said: Reported) -> Self:
        role = cast(Role, said.text("role"))
        return cls(said.text("name"), said.text("id"), role, said.flag("healthy"), said.flag("started"))


@dataclass(frozen=True)
class EtcdView:
    """etcd as a replica sees it. `leader` is the leader's name, empty during an election; `revision` that of
    the key space. It is read whole or not at all: a member left out would change the count of votes.
    """

    cluster_id: str
    member_id: str
    leader: str
    revision: int
    members: tuple[MemberView, ...]

    def __post_init__(self) -> None:
        check_hex("ReplicaStatus.etcd.clusterId", self.cluster_id)
        if self.member_id:
            check_hex("ReplicaStatus.etcd.memberId", self.member_id)
        check_distinct("ReplicaStatus.etcd.members[].id", [member.id for member in self.members])
        object.__setattr__(self, "members", tuple(sorted(self.members, key=lambda m: (m.name, m.id))))

    def to_fields(self) -> dict[str, Any]:
        members = [
            {"name": m.name, "id": m.id, "role": m.role, "healthy": m.healthy, "started": m.started}
            for m in self.members
        ]
        return {
            "clusterId": self.cluster_id,
            "memberId": self.member_id,
            "leader": self.leader,
            "revision": self.revision,
            "members": members,
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        members = tuple(MemberView.read(each) for each in said.objects("members"))
        if not members:
            raise FormatError(
                "ReplicaStatus.etcd.members is missing or empty; nobody sees an etcd of no member"
            )
        return cls(
            said.text("clusterId"),
            said.text("memberId"),
            said.text("leader"),
            said.number("revision"),
            members,
        )


@dataclass(frozen=True)
class Observed:
    """The generations of the desired objects that a replica last acted on; empty while it has read none."""

    members_generation: str = ""
    retained_generation: str = ""

    def __post_init__(self) -> None:
        for key, value in (("members", self.members_generation), ("retained", self.retained_generation)):
            if value:
                check_digits(f"ReplicaStatus.observed.{key}Generation", value)

    def to_fields(self) -> dict[str, Any]:
        return {
            "membersGeneration": self.members_generation,
            "retainedGeneration": self.retained_generation,
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(said.text("membersGeneration"), said.text("retainedGeneration"))


@dataclass(frozen=True)
class Database:
    """etcd's database on this machine, in bytes: its file, what of it is in use, how large it may grow. `alarms` are this
    member's: `NOSPACE`, `CORRUPT`.
    """

    size_bytes: int
    in_use_bytes: int
    quota_bytes: int
    alarms: tuple[str, ...] = ()

    def to_fields(self) -> dict[str, Any]:
        return {
            "sizeBytes": self.size_bytes,
            "inUseBytes": self.in_use_bytes,
            "quotaBytes": self.quota_bytes,
            "alarms": list(self.alarms),
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(
            said.number("sizeBytes"),
            said.number("inUseBytes"),
            said.number("quotaBytes"),
            said.texts("alarms"),
        )


@dataclass(frozen=True)
class Backup:
    """The newest snapshot as the leader's machine knows it. `taken_at` and `verified_at` are RFC 3339, UTC, empty while that
    hasn't happened; `problem`, for people, is why there is no newer or no verified one. `unchanged_at` is when one was due
    and etcd's revision was still the newest snapshot's, so that it has all there is; empty otherwise.
    """

    newest: str = ""
    taken_at: str = ""
    size_bytes: int = 0
    revision: int = 0
    verified_at: str = ""
    problem: str = ""
    unchanged_at: str = ""

    def __post_init__(self) -> None:
        times = {"takenAt": self.taken_at, "verifiedAt": self.verified_at, "unchangedAt": self.unchanged_at}
        for key, value in times.items():
            if value:
                check_time(f"ReplicaStatus.backup.{key}", value)

    def to_fields(self) -> dict[str, Any]:
        return {
            "newest": self.newest,
            "takenAt": self.taken_at,
            "sizeBytes": self.size_bytes,
            "revision": self.revision,
            "verifiedAt": self.verified_at,
            "problem": self.problem,
            **({"unchangedAt": self.unchanged_at} if self.unchanged_at else {}),
        }

    @property
    def complete_at(self) -> str:
        """When the newest snapshot was last known to have all that etcd had."""
        return max(self.taken_at, self.unchanged_at)

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(
            said.text("newest"),
            said.text("takenAt"),
            said.number("sizeBytes"),
            said.number("revision"),
            said.text("verifiedAt"),
            said.text("problem"),
            said.text("unchangedAt"),
        )
