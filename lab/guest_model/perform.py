"""A step of the planner, performed on a modelled machine."""

from __future__ import annotations

import json

from lab.guest_model.durations import Durations
from lab.guest_model.guest import Guest
from lab.guest_model.instance import InstanceError
from lab.simulator.clock import rfc3339
from node.contract import bucket_layout
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.peers import peer_url
from node.contract.restore import Restored, Source
from node.planner import steps


def perform(guest: Guest, step: steps.Step, now: float, durations: Durations) -> str:
    etcd, disk = guest.etcd, guest.instance.disk
    if step.needs_snapshot:
        text = json.dumps({"model": True, "clusterId": etcd.cluster_id, "revision": etcd.revision}) + "\n"
        guest.bucket.write(f"{bucket_layout.SNAPSHOTS}{rfc3339(now)}-{etcd.revision}-{guest.name}.db", text)
    match step:
        case steps.Bootstrap(takeover=takeover):
            return _bootstrap(guest, takeover, now, durations)
        case steps.Confirm(cluster_id=cluster_id):
            present, _ = guest.bucket.marker()
            restored = present.restored if present else ()
            if present and present.restoring:
                restored = (*restored, Restored(present.restoring, cluster_id, rfc3339(now)))
            marker = BootstrapMarker(
                guest.instance.cluster, guest.name, guest.instance.instance_id, cluster_id, restored=restored
            )
            return "the cluster has formed" if guest.bucket.write_marker(marker) else ""
        case steps.Start():
            return _start(guest, now, durations, "etcd starts on its data")
        case steps.Join(member_id=member_id):
            etcd.join(member_id, guest.name, disk)
            return _start(guest, now, durations, "etcd starts as a learner")
        case steps.Restore(request=request):
            return _restore(guest, request, now)
        case steps.StandBack(reason=reason):
            guest.halt(now)
            return f"stops etcd: {reason}"
        case steps.Discard(reason=reason):
            guest.halt(now)
            etcd.discard(disk)
            return f"sets its data aside: {reason}"
        case steps.Drain():
            if guest.drained_at is None:
                guest.drained_at = now + durations.drain
                return "leaves service"
            guest.due = guest.drained_at
            return ""
        case steps.Undrain():
            guest.drained_at = None
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


def _bootstrap(guest: Guest, takeover: bool, now: float, durations: Durations) -> str:
    claim = BootstrapMarker(guest.instance.cluster, guest.name, guest.instance.instance_id)
    present, _ = guest.bucket.marker()
    if (present is None or takeover) and not guest.bucket.write_marker(claim):
        return ""
    guest.etcd.bootstrap(guest.name, peer_url(guest.instance.address), guest.instance.disk, now)
    return _start(guest, now, durations, "creates the cluster")


def _restore(guest: Guest, request: str, now: float) -> str:
    """As on a machine: what is to be restored is looked for before the marker is claimed."""
    source, etcd = Source.of(request), guest.etcd
    held = guest.bucket.snapshot(source.snapshot) if source.snapshot else {"revision": etcd.revision}
    if held is None:
        raise InstanceError(f"{source} isn't in the bucket")
    present, _ = guest.bucket.marker()
    if present is None or (present.restoring, present.claimed_by) != (request, guest.name):
        claim = BootstrapMarker(
            guest.instance.cluster,
            guest.name,
            guest.instance.instance_id,
            restoring=request,
            restored=present.restored if present else (),
        )
        return f"restores the cluster from {source}" if guest.bucket.write_marker(claim) else ""
    guest.halt(now)
    revision = int(str(held["revision"]))
    etcd.restore(guest.name, peer_url(guest.instance.address), guest.instance.disk, request, revision, now)
    return f"holds what came of {source}"


def _start(guest: Guest, now: float, durations: Durations, text: str) -> str:
    mine, address = guest.etcd.member_of(guest.name), guest.instance.address
    if mine and mine.peer_url != peer_url(address):
        raise InstanceError(f"the others look for this machine at {mine.peer_url}, its address is {address}")
    guest.etcd_running = True
    guest.etcd.up(
        guest.instance.disk, now, durations.sync if guest.sync_seconds is None else guest.sync_seconds
    )
    return text
