"""`status/<identity>.json`: what a master reports of itself.

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
                "revision": 12, "verifiedAt": "2026-01-02T03:04:06Z", "problem": "for people"},
     "versions": {"kubelet": "1.36.3", "apiserver": "1.36.3", "etcd": "3.6.8", "etcdData": "3.6"},
     "deprecated": [{"resource": "flowschemas", "api": "flowcontrol.apiserver.k8s.io/v1beta3",
                     "removed": "1.32", "objects": 2}]}

`etcd`, `database`, `certificates` and `backup` are null where the machine knows nothing of them; a generation is empty
while its object wasn't read. `pools`, missing where there are none, is described in `pool_status`; `versions` and
`deprecated` are missing where there is nothing to say of them. Only `cluster`,
`replica` and `instanceId` must be there.

A status is read leniently, for its writer may be of another release: unknown fields are ignored, missing ones have
defaults, and a part that isn't understood is as if it weren't there. None of that reads as "all is well": an unknown phase
is the phase `unknown`, an unknown role leaves no view of etcd. `parse` refuses only what is no status of a master at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self, cast, get_args

from node.contract.fields import (
    FormatError,
    Reported,
    check_choice,
    check_digits,
    check_name,
    decode,
    encode,
)
from node.contract.pool_status import PoolsView, ZoneView
from node.contract.status_parts import (
    AuthoritiesView,
    AuthorityView,
    Backup,
    Certificates,
    Database,
    DataDirectory,
    DataState,
    DeprecatedApi,
    Encryption,
    EtcdView,
    MemberView,
    Observed,
    Role,
    Versions,
)

__all__ = [
    "AuthoritiesView",
    "AuthorityView",
    "Backup",
    "Certificates",
    "DataDirectory",
    "DataState",
    "Database",
    "DeprecatedApi",
    "Encryption",
    "EtcdView",
    "MemberView",
    "Observed",
    "Phase",
    "PoolsView",
    "ReplicaStatus",
    "Role",
    "Versions",
    "ZoneView",
]

Phase = Literal["starting", "joining", "serving", "leaving", "gone", "failed", "unknown"]
"""`unknown` is how a phase of another release is read; no machine writes it."""


@dataclass(frozen=True)
class ReplicaStatus:
    """What one master runs, whether it is ready, what it sees of etcd, or why it failed. Its gate reads this."""

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
    database: Database | None = None
    certificates: Certificates | None = None
    backup: Backup | None = None
    applied_hash: str = ""
    """The configuration that this machine has written and begun to run with, whether it serves or not."""
    pools: PoolsView | None = None
    """Only the leader's, and only where there are pools: without any, a status has no such key."""

    encryption: Encryption | None = None
    versions: Versions | None = None
    deprecated: tuple[DeprecatedApi, ...] = ()

    authorities: AuthoritiesView | None = None
    """Only while any generation of an authority isn't the first, and once all processes run so."""

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
                "etcd": _fields(self.etcd),
                "observed": self.observed.to_fields(),
                "database": _fields(self.database),
                "certificates": _fields(self.certificates),
                "backup": _fields(self.backup),
                **({"encryption": self.encryption.to_fields()} if self.encryption else {}),
                **({"authorities": self.authorities.to_fields()} if self.authorities else {}),
                **({"pools": self.pools.to_fields()} if self.pools else {}),
                **({"versions": self.versions.to_fields()} if self.versions else {}),
                **({"deprecated": [each.to_fields() for each in self.deprecated]} if self.deprecated else {}),
            },
        )

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Raises FormatError for what isn't the status of a known master: no JSON, another kind or `apiVersion`, no
        cluster, replica or instance.
        """
        fields = decode(text, "ReplicaStatus")
        cluster, replica, instance_id = (fields.text(key) for key in ("cluster", "replica", "instanceId"))
        said = Reported(fields.rest())
        phase, reason = _phase(said.text("phase"), said.text("reason"))
        return cls(
            cluster=cluster,
            replica=replica,
            instance_id=instance_id,
            config_hash=said.text("configHash"),
            phase=phase,
            reason=reason,
            apiserver_ready=said.flag("apiserverReady"),
            data_directory=said.part("dataDirectory", DataDirectory.read) or DataDirectory(),
            drained=said.flag("drained"),
            etcd=said.part("etcd", EtcdView.read),
            observed=said.part("observed", Observed.read) or Observed(),
            database=said.part("database", Database.read),
            certificates=said.part("certificates", Certificates.read),
            backup=said.part("backup", Backup.read),
            applied_hash=said.text("appliedHash"),
            encryption=said.part("encryption", Encryption.read),
            authorities=said.part("authorities", AuthoritiesView.read),
            pools=said.part("pools", PoolsView.read),
            versions=said.part("versions", Versions.read),
            deprecated=tuple(DeprecatedApi.read(each) for each in said.objects("deprecated")),
        )


class _Part(Protocol):
    def to_fields(self) -> dict[str, Any]: ...


def _fields(part: _Part | None) -> dict[str, Any] | None:
    return part.to_fields() if part else None


def _phase(said: str, reason: str) -> tuple[Phase, str]:
    """Returns a known phase and a reason wherever people need one."""
    if said not in get_args(Phase) or said == "unknown":
        another = f"it says phase {said!r}, which this release of ha-masters doesn't know"
        return "unknown", f"{another}: {reason}" if reason else another
    if said == "failed" and not reason:
        return "failed", "it gives no reason"
    return cast(Phase, said), reason
