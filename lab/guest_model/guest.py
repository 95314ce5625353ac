"""One modelled machine: looks, asks the planner, performs its step, reports."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field

from lab.guest_model.bucket import Bucket
from lab.guest_model.cloud import Cloud, CloudError
from lab.guest_model.durations import HEARTBEAT_SECONDS, Durations
from lab.guest_model.etcd import ModelEtcd, ModelMember, RefusedError
from lab.guest_model.instance import Instance, InstanceError
from lab.simulator.clock import rfc3339
from node.contract import bucket_layout
from node.contract.authorities import SERVICE_ACCOUNTS
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.bucket_layout import MEMBERS, RETAINED
from node.contract.peers import peer_url
from node.contract.restore import Restored, Source
from node.contract.status import (
    AuthoritiesView,
    Database,
    DataDirectory,
    EtcdView,
    MemberView,
    Observed,
    Phase,
    ReplicaStatus,
)
from node.host.certificates import CertificateError
from node.host.issuers import lived_by
from node.planner import steps
from node.planner.leaving import departure
from node.planner.observed import Desired, EtcdMember, Health, MemberHealth, Report
from node.planner.plan import plan

_STEPS_TO_LEAVE = 3  # hand over, leave, see that it is so
_DATABASE_BYTES = (25_165_824, 9_437_184)  # its file and what of it is in use, of a young cluster
_ENTRIES_BEHIND = 5000  # what a learner reports until it has caught up


@dataclass
class Guest:
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

    def leave(self, now: float) -> str:
        """Does at once what a real agent does whose machine is told to stop. Returns what was done, in words, or nothing."""
        if self.frozen or self.abrupt or self.failing or not self.etcd_running:
            return ""
        done = ""
        self.bucket.forget()
        desired = self.bucket.desired()
        try:
            for _ in range(_STEPS_TO_LEAVE):
                step = departure(*self._seen(desired, now))
                match step:
                    case steps.MoveLeader(member_id=member_id):
                        self.etcd.move_leader(member_id)
                    case steps.Remove(member_id=member_id):
                        self.etcd.remove(member_id)
                        done = f"leaves etcd: {step.reason}"
                    case _:
                        break
        except RefusedError as error:
            self.say(now, f"stops without having left etcd: {error}")
        if done:
            self.say(now, done)
            self.etcd_running = self.ready = False
            self.drained_at, self.phase = now, "gone"
            self._report(desired, done, now)
        return done

    def tick(self, now: float, durations: Durations) -> str:
        """Looks once, takes at most one step, and sets when to look again. Returns what was done, in words, or nothing."""
        if self.frozen or now < self.boots_at:
            self.due = now + 3600 if self.frozen else self.boots_at
            return ""
        done, reason, step = "", "", None
        self.due = now + durations.look
        self.etcd.elect(now, durations.election)
        if now - self.written_at >= HEARTBEAT_SECONDS:
            self.bucket.forget()
        desired = self.bucket.desired()
        try:
            self._check(desired)
            step = self._plan(desired, now, durations)
            if isinstance(step, steps.Wait | steps.Nothing):
                reason = step.reason
                self.say(now, reason)
            else:
                self.due = now
                done = self._perform(step, now, durations)
                if done:
                    self.say(now, done)
        except (CloudError, InstanceError, RefusedError) as error:
            reason = str(error)
            self.say(now, reason)
            self.due = now + durations.retry
            failed = not isinstance(error, RefusedError)
        else:
            failed = False
        self.etcd.elect(now, durations.election)
        self._serve(now, durations)
        self.phase = "failed" if failed else self._phase(step)
        self._report(desired, "" if self.phase == "serving" and self.ready else reason, now)
        if isinstance(step, steps.Nothing) and not failed and (self.ready or self.phase == "gone"):
            self.due = max(self.due, self.written_at + HEARTBEAT_SECONDS)
        return done

    def _check(self, desired: Desired) -> None:
        """Raises what a boot would fail at."""
        instance = self.instance
        if self.failing:
            raise InstanceError(self.failing)
        if not instance.disk:
            raise InstanceError("no data disk is attached: attach the replica's data disk")
        if not instance.account:
            raise InstanceError("the VM has no service account, so it can't read its secret")
        if desired.members and desired.members.cluster != instance.cluster:
            raise InstanceError(
                f"metadata says cluster {instance.cluster!r}, the list {desired.members.cluster!r}"
            )
        if self.checked_secret == instance.secret and instance.secret:
            return
        if not instance.secret:
            raise InstanceError("metadata has no `secret`")
        try:
            found = json.loads(self.cloud.secret(instance.secret))
        except ValueError:
            raise InstanceError(f"secret {instance.secret} holds no JSON") from None
        if not isinstance(found, dict):
            raise InstanceError(f"secret {instance.secret} holds no JSON object")
        self.checked_secret, self.files = instance.secret, found

    # --- the planner

    def _plan(self, desired: Desired, now: float, durations: Durations) -> steps.Step:
        return plan(*self._seen(desired, now), durations.patience)

    def _seen(self, desired: Desired, now: float) -> tuple[Desired, list[EtcdMember] | None, Health]:
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

    def _perform(self, step: steps.Step, now: float, durations: Durations) -> str:
        etcd, disk = self.etcd, self.instance.disk
        if step.needs_snapshot:
            text = json.dumps({"model": True, "clusterId": etcd.cluster_id, "revision": etcd.revision}) + "\n"
            self.bucket.write(f"{bucket_layout.SNAPSHOTS}{rfc3339(now)}-{etcd.revision}-{self.name}.db", text)
        match step:
            case steps.Bootstrap(takeover=takeover):
                return self._bootstrap(takeover, now, durations)
            case steps.Confirm(cluster_id=cluster_id):
                present, _ = self.bucket.marker()
                restored = present.restored if present else ()
                if present and present.restoring:
                    restored = (*restored, Restored(present.restoring, cluster_id, rfc3339(now)))
                marker = BootstrapMarker(
                    self.instance.cluster, self.name, self.instance.instance_id, cluster_id, restored=restored
                )
                return "the cluster has formed" if self.bucket.write_marker(marker) else ""
            case steps.Start():
                return self._start(now, durations, "etcd starts on its data")
            case steps.Join(member_id=member_id):
                etcd.join(member_id, self.name, disk)
                return self._start(now, durations, "etcd starts as a learner")
            case steps.Restore(request=request):
                return self._restore(request, now)
            case steps.StandBack(reason=reason):
                self.halt(now)
                return f"stops etcd: {reason}"
            case steps.Discard(reason=reason):
                self.halt(now)
                etcd.discard(disk)
                return f"sets its data aside: {reason}"
            case steps.Drain():
                if self.drained_at is None:
                    self.drained_at = now + durations.drain
                    return "leaves service"
                self.due = self.drained_at
                return ""
            case steps.Undrain():
                self.drained_at = None
                return "serves again"
            case steps.AddLearner(name=name, peer_url=url):
                etcd.add_learner(name, url, now)
                return f"adds {name} as a learner"
            case steps.Promote(member_id=member_id, name=name):
                etcd.promote(member_id, now)
                return f"promotes {name}"
            case steps.PurgeStale(member_id=member_id, name=name, reason=reason):
                etcd.remove(member_id)
                return f"purges the stale member of {name}: {reason}"
            case steps.Remove(member_id=member_id, name=name, reason=reason):
                etcd.remove(member_id)
                return f"removes {name}: {reason}"
            case steps.MoveLeader(member_id=member_id, name=name):
                etcd.move_leader(member_id)
                return f"hands leadership to {name}"
        raise InstanceError(f"the model knows no step {type(step).__name__}")

    def _bootstrap(self, takeover: bool, now: float, durations: Durations) -> str:
        claim = BootstrapMarker(self.instance.cluster, self.name, self.instance.instance_id)
        present, _ = self.bucket.marker()
        if (present is None or takeover) and not self.bucket.write_marker(claim):
            return ""
        self.etcd.bootstrap(self.name, peer_url(self.instance.address), self.instance.disk, now)
        return self._start(now, durations, "creates the cluster")

    def _restore(self, request: str, now: float) -> str:
        """As on a machine: what is to be restored is looked for before the marker is claimed."""
        source, etcd = Source.of(request), self.etcd
        held = self.bucket.snapshot(source.snapshot) if source.snapshot else {"revision": etcd.revision}
        if held is None:
            raise InstanceError(f"{source} isn't in the bucket")
        present, _ = self.bucket.marker()
        if present is None or (present.restoring, present.claimed_by) != (request, self.name):
            claim = BootstrapMarker(
                self.instance.cluster,
                self.name,
                self.instance.instance_id,
                restoring=request,
                restored=present.restored if present else (),
            )
            return f"restores the cluster from {source}" if self.bucket.write_marker(claim) else ""
        self.halt(now)
        revision = int(str(held["revision"]))
        etcd.restore(self.name, peer_url(self.instance.address), self.instance.disk, request, revision, now)
        return f"holds what came of {source}"

    def _start(self, now: float, durations: Durations, text: str) -> str:
        mine, address = self.etcd.member_of(self.name), self.instance.address
        if mine and mine.peer_url != peer_url(address):
            raise InstanceError(
                f"the others look for this machine at {mine.peer_url}, its address is {address}"
            )
        self.etcd_running = True
        self.etcd.up(
            self.instance.disk, now, durations.sync if self.sync_seconds is None else self.sync_seconds
        )
        return text

    # --- what it reports

    def _serve(self, now: float, durations: Durations) -> None:
        """The apiserver is ready beside a voter that takes part in a quorum, and not while it drains."""
        etcd = self.etcd
        mine = etcd.member_of(self.name)
        marker, _ = self.bucket.marker()
        votes = bool(mine and mine.role == "voter" and mine.id in etcd.live and self.etcd_running)
        if not (votes and etcd.has_quorum() and marker and marker.formed) or self.drained_at is not None:
            self.ready_at, self.ready = None, False
            return
        if self.ready_at is None:
            self.ready_at = now + durations.apiserver
        self.ready = now >= self.ready_at
        self.served = self.served or self.ready
        if not self.ready:
            self.due = min(self.due, self.ready_at)

    def _phase(self, step: steps.Step | None) -> Phase:
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

    def _authorities(self, now: float) -> AuthoritiesView | None:
        """As an agent reads them out of the files of its secret, which here are taken over at once."""
        told = self.instance.authorities
        if self.checked_secret != self.instance.secret:
            return None
        if self.signs[0] != told.of(SERVICE_ACCOUNTS)[0]:
            self.signs = (told.of(SERVICE_ACCOUNTS)[0], rfc3339(now))
        try:
            return lived_by(self.instance.cluster, told, self.files, self.signs[1])
        except CertificateError:
            return None

    def _report(self, desired: Desired, reason: str, now: float) -> None:
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
            config_hash=instance.config_hash,
            phase=self.phase,
            reason=reason,
            apiserver_ready=self.ready,
            data_directory=etcd.directory(instance.disk) if instance.disk else DataDirectory(),
            drained=self.drained_at is not None and now >= self.drained_at,
            etcd=view,
            database=Database(*_DATABASE_BYTES, instance.quota_bytes) if view else None,
            observed=Observed(self.bucket.generation(MEMBERS), self.bucket.generation(RETAINED)),
            applied_hash=instance.config_hash,
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
