"""Performs the planner's steps. Each is safe to be repeated: the next look shows its result."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from node.agent.etcd.etcdutl import Etcdutl
from node.agent.etcd.gateway import EtcdError, Gateway
from node.agent.etcd.observe import Observation
from node.agent.etcd.restorer import RestoreError, Restorer, Work
from node.agent.etcd.snapshots import SnapshotError, Snapshots
from node.agent.kubernetes.static_pods import Pods
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.bucket_layout import MARKER
from node.contract.metadata import Machine
from node.contract.peers import peer_url
from node.contract.restore import Restored
from node.host import paths
from node.host.bucket import Bucket
from node.host.commands import MachineError
from node.host.files import under
from node.host.lock import locked
from node.manifests.etcd import POD, Beginning, etcd_pod
from node.planner import steps

STOP_SECONDS = 60.0
"""The kubelet notices within 2 s that a manifest is gone, and etcd ends within its 30 s of grace."""


@dataclass(frozen=True)
class Performer:
    """`root` is `/` but in tests. `remember` keeps, on the data disk, which cluster was confirmed."""

    root: Path
    pods: Pods
    bucket: Bucket
    snapshots: Snapshots
    remember: Callable[[str], None]
    etcdutl: Etcdutl

    def perform(self, step: steps.Step, machine: Machine, look: Observation, gateway: Gateway) -> str:
        """Returns in words what was done; empty if nothing had to be. Raises one of `REFUSALS`, WebError or OSError."""
        if step.needs_snapshot:
            self.snapshots.take(machine, gateway, look.view, time.monotonic())
        match step:
            case steps.Bootstrap():
                return self._bootstrap(machine, look)
            case steps.Restore(request=request):
                restorer = Restorer(
                    self.root, self.pods, self.bucket, self.etcdutl, self._set_aside, self._stop
                )
                return restorer.perform(request, machine, look, gateway)
            case steps.StandBack(reason=reason):
                return f"stops etcd: {reason}" if self.pods.remove(POD) else ""
            case steps.Confirm(cluster_id=cluster_id):
                return self._confirm(machine, look, cluster_id)
            case steps.Start():
                return self._place(
                    machine, self._begun() or Beginning.with_data(machine), "etcd starts on its data"
                )
            case steps.Join(member_id=member_id):
                others = [
                    (each.name or _asked_for(look, each.peer_url), each.peer_url)
                    for each in look.members or ()
                    if each.id != member_id
                ]
                return self._place(machine, Beginning.join(machine, others), "etcd joins as a learner")
            case steps.Discard(member_id=member_id, reason=reason):
                self._set_aside(member_id)
                return f"sets its data aside: {reason}"
            case steps.AddLearner(name=name, peer_url=url):
                gateway.add_learner(machine.address, url)
                return f"adds {name} as a learner"
            case steps.Promote(member_id=member_id, name=name):
                gateway.promote(machine.address, member_id)
                return f"promotes {name}"
            case (
                steps.PurgeStale(member_id=member_id, name=name, reason=reason)
                | steps.Remove(member_id=member_id, name=name, reason=reason)
            ):
                gateway.remove(machine.address, member_id)
                return f"removes {name or member_id}: {reason}"
            case steps.MoveLeader(member_id=member_id, name=name):
                gateway.move_leader(machine.address, member_id)
                return f"moves leadership to {name}"
        return ""

    def _bootstrap(self, machine: Machine, look: Observation) -> str:
        """The claim first: whoever has it, and nobody else, starts a new etcd."""
        beginning = Beginning.new(machine)
        if self._begun() == beginning:
            return ""
        before = look.health.marker.restored if look.health.marker else ()
        claim = BootstrapMarker(machine.cluster, machine.replica, machine.instance_id, restored=before)
        if look.health.marker != claim:
            written = self.bucket.write(MARKER, claim.to_json().encode(), match=look.marker_generation)
            if written is None:
                return ""
        return self._place(machine, beginning, "creates the cluster")

    def _confirm(self, machine: Machine, look: Observation, cluster_id: str) -> str:
        claim = look.health.marker or BootstrapMarker(machine.cluster, machine.replica, machine.instance_id)
        restored = claim.restored
        if claim.restoring:
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            restored = (*restored, Restored(claim.restoring, cluster_id, now))
        marker = BootstrapMarker(
            machine.cluster, machine.replica, machine.instance_id, cluster_id, restored=restored
        )
        if self.bucket.write(MARKER, marker.to_json().encode(), match=look.marker_generation) is None:
            return ""
        self.remember(cluster_id)
        if claim.restoring:
            shutil.rmtree(Work.of(self.root, claim.restoring).folder, ignore_errors=True)
        return f"the cluster has formed: {cluster_id}"

    def _begun(self) -> Beginning | None:
        pod = self.pods.placed(POD)
        return Beginning.of_pod(pod) if pod else None

    def _place(self, machine: Machine, beginning: Beginning, said: str) -> str:
        return said if self.pods.place(etcd_pod(machine, beginning)) else ""

    def _stop(self) -> None:
        self.pods.remove(POD)
        _wait_unlocked(under(self.root, paths.ETCD_DATA) / "member" / "snap" / "db")

    def _set_aside(self, member_id: str) -> None:
        self._stop()
        data = under(self.root, paths.ETCD_DATA)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        (data / "member").rename(data.with_name(f"{data.name}-set-aside-{member_id}-{stamp}"))


def _asked_for(look: Observation, url: str) -> str:
    """Returns the name of a member that has not started yet, for the list that a joining etcd is given."""
    wanted = look.desired.members.members if look.desired.members else ()
    return next((each.name for each in wanted if peer_url(each.address) == url), "unknown")


def _wait_unlocked(database: Path) -> None:
    """etcd holds a lock (flock, by bbolt) on its database for as long as it runs."""
    with (
        suppress(FileNotFoundError),
        locked(database, STOP_SECONDS, "etcd to end after its manifest was removed"),
    ):
        pass


REFUSALS = (EtcdError, RestoreError, SnapshotError, MachineError)
