"""The objects in the cluster's bucket through which Pulumi and the machines talk: canonical; commands strict, reports not.

| object                  | kind          | class           |
|-------------------------|---------------|-----------------|
| `desired/members.json`  | Members       | Members         |
| `desired/retained.json` | Retained      | Retained        |
| `desired/restore.json`  | Restore       | Restore         |
| `bootstrap.json`        | Bootstrap     | BootstrapMarker |
| `status/<identity>.json`| ReplicaStatus | ReplicaStatus   |

Every class has `to_json()`, one text for one value whatever the order it was given in, and `parse(text)`.
Values are checked in the constructors too, so what is refused can't be written either. The first three are
commands: `parse` raises `FormatError` for anything it doesn't know. A ReplicaStatus is a report, read by
masters and programs of other releases: see `node.status`.

    {"apiVersion": "ha-masters/v1", "kind": "Members", "cluster": "dev",
     "members": [{"name": "m1-b", "address": "10.0.0.2", "zone": "europe-west1-b"}]}

    {"apiVersion": "ha-masters/v1", "kind": "Retained", "cluster": "dev", "members": ["m1-b"]}

    {"apiVersion": "ha-masters/v1", "kind": "Bootstrap", "cluster": "dev",
     "claimedBy": "m1-b", "instanceId": "4711", "clusterId": "1f, or empty until etcd has formed"}

A marker also says what is being restored, `"restoring": "<id of a Restore>"`, and what ever was, `"restored": [{"id": "…",
"clusterId": "1f", "at": "RFC 3339"}]`; where it is nothing, the fields aren't there.

    {"apiVersion": "ha-masters/v1", "kind": "ReplicaStatus", "cluster": "dev", "replica": "m1-b",
     "instanceId": "4711", "configHash": "…",
     "phase": "starting | joining | serving | leaving | gone | failed",
     "reason": "for people; always set when failed", "apiserverReady": true,
     "dataDirectory": {"state": "unknown | blank | member", "memberId": "2a", "clusterId": "1f"},
     "drained": false,
     "etcd": {"clusterId": "1f", "memberId": "2a", "leader": "m1-b", "revision": 12,
              "members": [{"name": "m1-b", "id": "2a", "role": "voter | learner",
                           "healthy": true, "started": true}]},
     "observed": {"membersGeneration": "17", "retainedGeneration": "18"},
     "database": {"sizeBytes": 25165824, "inUseBytes": 9437184, "quotaBytes": 2147483648, "alarms": ["NOSPACE"]},
     "certificates": {"first": "etcd-peer", "expires": "2027-01-02T03:04:05Z"},
     "backup": {"newest": "snapshots/…", "takenAt": "2026-01-02T03:04:05Z", "sizeBytes": 25165856,
                "revision": 12, "verifiedAt": "2026-01-02T03:04:06Z", "problem": "for people"}}

`etcd`, `database`, `certificates` and `backup` are null where the machine knows nothing of them; a generation
is empty while its object wasn't read. Of a status, only `cluster`, `replica` and `instanceId` must be there.
What is missing means "unknown", false or null, and fields that are unknown are ignored: a reader loses a
reason to act, and never gains one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from node.fields import (
    FormatError,
    check_address,
    check_digits,
    check_distinct,
    check_hex,
    check_name,
    decode,
    encode,
)
from node.restore import Restore, Restored, Source
from node.status import (
    Backup,
    Certificates,
    Database,
    DataDirectory,
    EtcdView,
    MemberView,
    Observed,
    ReplicaStatus,
)

__all__ = [
    "Backup",
    "BootstrapMarker",
    "Certificates",
    "DataDirectory",
    "Database",
    "EtcdView",
    "FormatError",
    "Member",
    "MemberView",
    "Members",
    "Observed",
    "ReplicaStatus",
    "Restore",
    "Restored",
    "Retained",
    "Source",
]


@dataclass(frozen=True)
class Member:
    """A replica that shall be a voter. `name` is its identity, `<replica>-<zone letter>`; `address` is
    internal and reserved.
    """

    name: str
    address: str
    zone: str

    def __post_init__(self) -> None:
        check_name("Members.members[].name", self.name)
        check_name(f"Members.members[{self.name}].zone", self.zone)
        check_address(f"Members.members[{self.name}].address", self.address)
        if self.zone[-2:-1] != "-" or not self.name.endswith(self.zone[-2:]):
            raise FormatError(
                f"Members.members[{self.name}].zone is {self.zone!r}; the name must end in the zone's "
                f"letter, as `<replica>{self.zone[-2:]}`"
            )


@dataclass(frozen=True)
class Members:
    """Who shall be a voter. Never empty: a control plane of nobody is never meant, so machines refuse it."""

    cluster: str
    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        check_name("Members.cluster", self.cluster)
        if not self.members:
            raise FormatError(
                "Members.members is []; list one replica at least, or take the stack down with "
                "`pulumi destroy`"
            )
        check_distinct("Members.members[].name", [member.name for member in self.members])
        check_distinct("Members.members[].address", [member.address for member in self.members])
        object.__setattr__(self, "members", tuple(sorted(self.members, key=lambda member: member.name)))

    def names(self) -> tuple[str, ...]:
        return tuple(member.name for member in self.members)

    def to_json(self) -> str:
        listed = [{"name": m.name, "address": m.address, "zone": m.zone} for m in self.members]
        return encode("Members", {"cluster": self.cluster, "members": listed})

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = decode(text, "Members")
        cluster, members = fields.text("cluster"), []
        for item in fields.objects("members"):
            members.append(Member(item.text("name"), item.text("address"), item.text("zone")))
            item.close()
        fields.close()
        return cls(cluster, tuple(members))


@dataclass(frozen=True)
class Retained:
    """Who may stay a voter although `Members` doesn't ask for it. May be empty."""

    cluster: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        check_name("Retained.cluster", self.cluster)
        for name in self.members:
            check_name("Retained.members[]", name)
        check_distinct("Retained.members[]", list(self.members))
        object.__setattr__(self, "members", tuple(sorted(self.members)))

    def to_json(self) -> str:
        return encode("Retained", {"cluster": self.cluster, "members": list(self.members)})

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = decode(text, "Retained")
        cluster, members = fields.text("cluster"), fields.items("members")
        fields.close()
        for name in members:
            if not isinstance(name, str):
                raise FormatError(f"Retained.members[] is {name!r}; expected a replica's identity, as `m1-b`")
        return cls(cluster, tuple(members))


@dataclass(frozen=True)
class BootstrapMarker:
    """The cluster was created, or is about to be, by `claimed_by`.

    Written with `ifGenerationMatch=0` as a claim, and again, matching that generation, with etcd's cluster
    id once etcd has formed. Until it has formed nobody joins and no apiserver starts, so a claim whose owner
    was taken off the list can be taken over.

    A restore is a claim too: `restoring` has the request's id until what came of it has formed, and
    `restored` keeps all that were done, so that none is ever done again.
    """

    cluster: str
    claimed_by: str
    instance_id: str
    cluster_id: str = ""
    restoring: str = ""
    restored: tuple[Restored, ...] = ()

    def __post_init__(self) -> None:
        check_name("Bootstrap.cluster", self.cluster)
        check_name("Bootstrap.claimedBy", self.claimed_by)
        check_digits("Bootstrap.instanceId", self.instance_id)
        if self.cluster_id:
            check_hex("Bootstrap.clusterId", self.cluster_id)
        if self.restoring:
            Source.of(self.restoring)
        if self.restoring and self.cluster_id:
            raise FormatError(
                f"Bootstrap.restoring is {self.restoring!r} although clusterId is {self.cluster_id!r}: what has "
                "formed stands in restored"
            )

    @property
    def formed(self) -> bool:
        return bool(self.cluster_id)

    def done(self, request: str) -> Restored | None:
        """What came of the request, if it was done."""
        return next((each for each in self.restored if each.id == request), None)

    def to_json(self) -> str:
        fields: dict[str, Any] = {
            "cluster": self.cluster,
            "claimedBy": self.claimed_by,
            "instanceId": self.instance_id,
            "clusterId": self.cluster_id,
        }
        if self.restoring:
            fields["restoring"] = self.restoring
        if self.restored:
            fields["restored"] = [each.to_fields() for each in self.restored]
        return encode("Bootstrap", fields)

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = decode(text, "Bootstrap")
        marker = cls(
            fields.text("cluster"),
            fields.text("claimedBy"),
            fields.text("instanceId"),
            fields.text("clusterId"),
            fields.text("restoring") if fields.has("restoring") else "",
            tuple(Restored.read(item) for item in fields.objects("restored"))
            if fields.has("restored")
            else (),
        )
        fields.close()
        return marker
