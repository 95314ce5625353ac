"""What a master reports of itself, format `ReplicaStatus` of `node.formats`, which documents it and exports
these classes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Self, cast, get_args

from node.fields import (
    Fields,
    FormatError,
    check_choice,
    check_digits,
    check_distinct,
    check_hex,
    check_name,
    decode,
    encode,
)

Phase = Literal["starting", "joining", "serving", "leaving", "gone", "failed"]
Role = Literal["voter", "learner"]
DataState = Literal["unknown", "blank", "member"]


@dataclass(frozen=True)
class DataDirectory:
    """What lies on the data disk: nothing, or the data of one member of one etcd cluster. Unknown until it
    is mounted.
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
    def read(cls, fields: Fields) -> Self:
        directory = cls(
            cast(DataState, fields.text("state")), fields.text("memberId"), fields.text("clusterId")
        )
        fields.close()
        return directory


@dataclass(frozen=True)
class MemberView:
    """One member of etcd as a replica sees it. `name` is empty while the member was added but has not
    started.
    """

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


@dataclass(frozen=True)
class EtcdView:
    """etcd as a replica sees it. `leader` is the leader's name, empty during an election; `revision` that of
    the key space.
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
    def read(cls, fields: Fields) -> Self:
        members = []
        for item in fields.objects("members"):
            role = cast(Role, item.text("role"))
            members.append(
                MemberView(
                    item.text("name"), item.text("id"), role, item.flag("healthy"), item.flag("started")
                )
            )
            item.close()
        view = cls(
            fields.text("clusterId"),
            fields.text("memberId"),
            fields.text("leader"),
            fields.number("revision"),
            tuple(members),
        )
        fields.close()
        return view


@dataclass(frozen=True)
class Observed:
    """The generations of the desired objects that a replica last acted on; empty while it has read none."""

    members_generation: str = ""
    retained_generation: str = ""

    def __post_init__(self) -> None:
        for key, value in (("members", self.members_generation), ("retained", self.retained_generation)):
            if value:
                check_digits(f"ReplicaStatus.observed.{key}Generation", value)


@dataclass(frozen=True)
class ReplicaStatus:
    """What one master runs, whether it is ready, what it sees of etcd, or why it failed. Its gate reads
    this.
    """

    cluster: str
    replica: str
    instance_id: str
    config_hash: str
    phase: Phase
    reason: str = ""
    apiserver_ready: bool = False
    data_directory: DataDirectory = field(default_factory=DataDirectory)
    drained: bool = False
    etcd: EtcdView | None = None
    observed: Observed = field(default_factory=Observed)
    applied_hash: str = ""
    """The configuration that this machine has written and begun to run with, whether it serves or not."""

    def __post_init__(self) -> None:
        check_name("ReplicaStatus.cluster", self.cluster)
        check_name("ReplicaStatus.replica", self.replica)
        check_digits("ReplicaStatus.instanceId", self.instance_id)
        check_choice("ReplicaStatus.phase", self.phase, get_args(Phase))
        if self.phase == "failed" and not self.reason:
            raise FormatError(
                "ReplicaStatus.reason is '' although phase is 'failed'; say what failed and what helps"
            )

    def to_json(self) -> str:
        return encode(
            "ReplicaStatus",
            {
                "cluster": self.cluster,
                "replica": self.replica,
                "instanceId": self.instance_id,
                "configHash": self.config_hash,
                "appliedHash": self.applied_hash,
                "phase": self.phase,
                "reason": self.reason,
                "apiserverReady": self.apiserver_ready,
                "dataDirectory": self.data_directory.to_fields(),
                "drained": self.drained,
                "etcd": self.etcd.to_fields() if self.etcd else None,
                "observed": {
                    "membersGeneration": self.observed.members_generation,
                    "retainedGeneration": self.observed.retained_generation,
                },
            },
        )

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = decode(text, "ReplicaStatus")
        seen = fields.object("observed")
        observed = Observed(seen.text("membersGeneration"), seen.text("retainedGeneration"))
        seen.close()
        etcd = fields.take("etcd")
        directory = fields.has("dataDirectory") and DataDirectory.read(fields.object("dataDirectory"))
        status = cls(
            cluster=fields.text("cluster"),
            replica=fields.text("replica"),
            instance_id=fields.text("instanceId"),
            config_hash=fields.text("configHash"),
            phase=cast(Phase, fields.text("phase")),
            reason=fields.text("reason"),
            apiserver_ready=fields.flag("apiserverReady"),
            data_directory=directory or DataDirectory(),
            drained=fields.has("drained") and fields.flag("drained"),
            etcd=None if etcd is None else EtcdView.read(Fields("ReplicaStatus.etcd", etcd)),
            observed=observed,
            applied_hash=fields.text("appliedHash") if fields.has("appliedHash") else "",
        )
        fields.close()
        return status
