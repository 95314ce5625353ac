"""The parts of a `ReplicaStatus`: the disk, etcd, the desired objects, the database, certificates, the newest snapshot.

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
class Certificates:
    """The first of this machine's certificates to expire, by its file's stem; `expires` is RFC 3339, UTC."""

    first: str
    expires: str

    def __post_init__(self) -> None:
        check_name("ReplicaStatus.certificates.first", self.first)
        check_time("ReplicaStatus.certificates.expires", self.expires)

    def to_fields(self) -> dict[str, Any]:
        return {"first": self.first, "expires": self.expires}

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(said.text("first"), said.text("expires"))


@dataclass(frozen=True)
class Encryption:
    """By which key Secrets are stored in etcd, while there is more than one: the leader's machine counts them.

    `counts` are pairs of a key's number and how many Secrets it encrypts; `other` are those in the clear, or by a key that
    this machine doesn't have.
    """

    counts: tuple[tuple[int, int], ...]
    other: int = 0

    def of(self, key: int) -> int | None:
        """Returns None for a key that wasn't counted."""
        return dict(self.counts).get(key)

    def to_fields(self) -> dict[str, Any]:
        return {"counts": [{"key": key, "secrets": found} for key, found in self.counts], "other": self.other}

    @classmethod
    def read(cls, said: Reported) -> Self:
        counts = tuple((each.number("key"), each.number("secrets")) for each in said.objects("counts"))
        return cls(counts, said.number("other"))


@dataclass(frozen=True)
class Versions:
    """What runs on this machine, each by its own word and without `v`; empty where it isn't known.

    `etcd_data` is the minor that etcd's data are of, such as `3.6`: the least that all members run. On data of a later
    minor an etcd doesn't start (server/etcdserver/version/downgrade.go, MustDetectDowngrade).
    """

    kubelet: str = ""
    apiserver: str = ""
    etcd: str = ""
    etcd_data: str = ""

    def to_fields(self) -> dict[str, Any]:
        return {
            "kubelet": self.kubelet,
            "apiserver": self.apiserver,
            "etcd": self.etcd,
            "etcdData": self.etcd_data,
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(said.text("kubelet"), said.text("apiserver"), said.text("etcd"), said.text("etcdData"))


@dataclass(frozen=True)
class DeprecatedApi:
    """An API that somebody has asked this machine's apiserver for since it began, and that the minor `removed` doesn't serve
    any more. `api` is its group and version, `objects` how many there are now, -1 where that isn't known.
    """

    resource: str
    api: str
    removed: str
    objects: int = -1

    def to_fields(self) -> dict[str, Any]:
        counted = {"objects": self.objects} if self.objects >= 0 else {}
        return {"resource": self.resource, "api": self.api, "removed": self.removed, **counted}

    @classmethod
    def read(cls, said: Reported) -> Self:
        objects = said.number("objects") if said.has("objects") else -1
        return cls(said.text("resource"), said.text("api"), said.text("removed"), objects)


@dataclass(frozen=True)
class AuthorityView:
    """One of the cluster's authorities as a machine's processes live by it: the generations that they trust, those that have
    issued what they hold, and of the key of tokens since when it signs (RFC 3339, UTC). 0 is of no known name.
    """

    name: str
    trusted: tuple[int, ...]
    issued: tuple[int, ...]
    since: str = ""

    def __post_init__(self) -> None:
        if self.since:
            check_time("ReplicaStatus.authorities[].since", self.since)

    def to_fields(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trusted": list(self.trusted),
            "issued": list(self.issued),
            "since": self.since,
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(said.text("name"), said.numbers("trusted"), said.numbers("issued"), said.text("since"))


@dataclass(frozen=True)
class AuthoritiesView:
    """All authorities of a machine, while any of their generations isn't the first."""

    views: tuple[AuthorityView, ...]

    def of(self, name: str) -> AuthorityView | None:
        return next((each for each in self.views if each.name == name), None)

    def to_fields(self) -> dict[str, Any]:
        return {"views": [each.to_fields() for each in self.views]}

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(tuple(AuthorityView.read(each) for each in said.objects("views")))


@dataclass(frozen=True)
class Backup:
    """The newest snapshot as the leader's machine knows it. `taken_at` and `verified_at` are RFC 3339, UTC, empty while that
    hasn't happened; `problem`, for people, is why there is no newer or no verified one.
    """

    newest: str = ""
    taken_at: str = ""
    size_bytes: int = 0
    revision: int = 0
    verified_at: str = ""
    problem: str = ""

    def __post_init__(self) -> None:
        for key, value in (("takenAt", self.taken_at), ("verifiedAt", self.verified_at)):
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
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(
            said.text("newest"),
            said.text("takenAt"),
            said.number("sizeBytes"),
            said.number("revision"),
            said.text("verifiedAt"),
            said.text("problem"),
        )
