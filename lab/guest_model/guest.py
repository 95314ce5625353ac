"""One modelled machine: what it is, what its agent sees of the cluster, and what it reports of itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from lab.guest_model.bucket import Bucket
from lab.guest_model.cloud import Cloud, CloudError
from lab.guest_model.durations import HEARTBEAT_SECONDS
from lab.guest_model.etcd import ModelEtcd, ModelMember
from lab.guest_model.instance import Instance
from lab.simulator.clock import rfc3339
from node.contract import bucket_layout
from node.contract.authorities import SERVICE_ACCOUNTS
from node.contract.bucket_layout import MEMBERS, RETAINED
from node.contract.status import (
    AuthoritiesView,
    Database,
    DataDirectory,
    EtcdView,
    MemberView,
    Observed,
    Phase,
    ReplicaStatus,
    Versions,
)
from node.host.certificates import CertificateError
from node.host.issuers import lived_by
from node.planner import steps
from node.planner.observed import Desired, EtcdMember, Health, MemberHealth, Report

_DATABASE_BYTES = (25_165_824, 9_437_184)  # its file and what of it is in use, of a young cluster
_ENTRIES_BEHIND = 5000  # what a learner reports until it has caught up


@dataclass
class Guest:
    """`due` is when its agent looks again, `boots_at` when it looks first: both in seconds of the lab's clock."""

    instance: Instance
    cloud: Cloud
    bucket: Bucket
    etcd: ModelEtcd
    boots_at: float
    due: float
    etcd_running: bool = False
    frozen: bool = False
    abrupt: bool = False
    failing: str = ""
    ill_as: str = ""
    running_hash: str = ""
    sync_seconds: float | None = None
    drained_at: float | None = None
    ready_at: float | None = None
    served: bool = False
    checked_secret: str = ""
    files: dict[str, str] = field(default_factory=dict)
    signs: tuple[int, str] = (0, "")
    written: str = ""
    written_at: float = 0.0
    said: str = ""
    phase: Phase = "starting"
    ready: bool = False
    console: deque[str] = field(default_factory=lambda: deque(maxlen=300))

    @property
    def name(self) -> str:
        return self.instance.replica

    def say(self, now: float, text: str) -> None:
        if text != self.said:
            self.said = text
            self.console.append(f"{rfc3339(now)} guest model of {self.name}: {text}")

    def halt(self, now: float) -> None:
        """Power off, or frozen: etcd doesn't answer any more."""
        if self.etcd_running:
            self.etcd.down(self.instance.disk, now)
        self.etcd_running = self.ready = False

    def seen(self, desired: Desired, now: float) -> tuple[Desired, list[EtcdMember] | None, Health]:
        """What an agent gathers for the planner."""
        etcd = self.etcd
        reports, silent = self.bucket.reports(now)
        drained = self.drained_at is not None and now >= self.drained_at
        reports[self.name] = Report(etcd.directory(self.instance.disk), drained)
        marker, problem = self.bucket.marker()
        answers = bool(etcd.live)
        listed = [
            EtcdMember(m.id, m.owner if m.started else "", m.peer_url, m.role, m.started)
            for m in etcd.members
        ]
        health = Health(
            local=self.name,
            reports=reports,
            leader=etcd.leader,
            members={m.id: self._health(m, now) for m in etcd.members},
            marker=marker,
            marker_problem=problem,
            etcd_running=self.etcd_running,
            cluster_id=etcd.cluster_id if answers else "",
            silent=silent,
            disk_restored=etcd.restored_from(self.instance.disk),
        )
        return desired, listed if answers else None, health

    def _health(self, member: ModelMember, now: float) -> MemberHealth:
        live = member.id in self.etcd.live
        lag = _ENTRIES_BEHIND if live and now < member.synced_at else 0
        return MemberHealth(live, self.etcd.down_for(member, now), lag)

    def _versions(self) -> Versions | None:
        """Those that it was told, of what runs. The minor of etcd's data isn't modelled."""
        told = self.instance
        if not told.kubernetes_version:
            return None
        apiserver = told.kubernetes_version if self.ready else ""
        return Versions(told.kubernetes_version, apiserver, told.etcd_version if self.etcd_running else "")

    def _authorities(self, now: float) -> AuthoritiesView | None:
        """As an agent reads them out of the files of its secret, which here are taken over at once."""
        told = self.instance.authorities
        if (self.checked_secret, self.running_hash) != (self.instance.secret, self.instance.config_hash):
            return None
        if self.signs[0] != told.of(SERVICE_ACCOUNTS)[0]:
            self.signs = (told.of(SERVICE_ACCOUNTS)[0], rfc3339(now))
        try:
            return lived_by(self.instance.cluster, told, self.files, self.signs[1])
        except CertificateError:
            return None

    def phase_after(self, step: steps.Step | None) -> Phase:
        mine = self.etcd.member_of(self.name)
        if mine is None and isinstance(step, steps.Nothing):
            return "gone"
        if self.drained_at is not None:
            return "leaving"
        if self.etcd_running and mine and mine.role == "voter":
            return "serving" if self.ready or self.served else "starting"
        if self.etcd_running or self.etcd.directory(self.instance.disk).state == "blank":
            return "joining"
        return "starting"

    def report(self, desired: Desired, reason: str, now: float) -> None:
        etcd, instance = self.etcd, self.instance
        view = None
        if etcd.live and (self.etcd_running or etcd.has_quorum()):
            members = [
                MemberView(m.owner if m.started else "", m.id, m.role, m.id in etcd.live, m.started)
                for m in etcd.members
            ]
            view = EtcdView(
                etcd.cluster_id, etcd.holds(instance.disk), etcd.leader, etcd.revision, tuple(members)
            )
        status = ReplicaStatus(
            cluster=instance.cluster,
            replica=self.name,
            instance_id=instance.instance_id,
            config_hash=self.running_hash,
            phase=self.phase,
            reason=reason,
            apiserver_ready=self.ready,
            data_directory=etcd.directory(instance.disk) if instance.disk else DataDirectory(),
            drained=self.drained_at is not None and now >= self.drained_at,
            etcd=view,
            database=Database(*_DATABASE_BYTES, instance.quota_bytes) if view else None,
            observed=Observed(self.bucket.generation(MEMBERS), self.bucket.generation(RETAINED)),
            applied_hash=instance.config_hash,
            versions=self._versions(),
            authorities=self._authorities(now),
        )
        text = status.to_json()
        if text == self.written and now - self.written_at < HEARTBEAT_SECONDS:
            return
        try:
            self.bucket.write(bucket_layout.status(self.name), text)
            self.written, self.written_at = text, now
        except CloudError as error:
            self.say(now, str(error))
            self.written_at = now
