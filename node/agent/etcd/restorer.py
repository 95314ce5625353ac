"""Performs `steps.Restore` in parts: each look does the next one, and each can be cut off and done again.

    fetch      the snapshot lies beside the data, its hash is the bucket's
    make       etcdutl made a data directory of it, as a cluster of this replica alone with an id of its own
    claim      the marker names the request: from now on only what comes of it counts
    swap       etcd is stopped, the former data are set aside and never deleted, the new are in their place

From the disk that is left the claim comes first, and instead of `fetch` etcd runs once on that disk as a lone member that
nobody but the agent hears of, and saves a snapshot: so the cluster that comes of it has another id than the former one,
whose lost members must never be taken for its own if they turn up again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from node.agent.etcd import wal, wal_tail
from node.agent.etcd.etcdutl import Etcdutl
from node.agent.etcd.gateway import EtcdError, Gateway
from node.agent.etcd.observe import Observation
from node.agent.kubernetes.static_pods import Pods
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.bucket_layout import MARKER
from node.contract.metadata import Machine
from node.contract.peers import peer_url
from node.contract.restore import Source, slug
from node.host import paths
from node.host.bucket import Bucket
from node.host.files import under, write
from node.manifests.etcd import LONE_CLIENT_PORT, POD, Beginning, etcd_pod
from node.planner.restoring import GUIDE

REVISIONS_AHEAD: Final = 1_000_000_000
"""By so much the revision moves on, so that no client or informer keeps reading what it knew: etcd's own advice for
Kubernetes (etcd.io/docs, disaster recovery). Fifteen years of two writes a second.
"""


class RestoreError(Exception):
    """A part of a restore failed; the message says which, and why."""


@dataclass(frozen=True)
class Work:
    """What a request needs beside the data while it is worked on, and what stays of it on the disk."""

    disk: Path
    name: str

    @classmethod
    def of(cls, root: Path, request: str) -> Work:
        return cls(under(root, paths.DATA_DISK), slug(request))

    @property
    def folder(self) -> Path:
        return self.disk / "restore"

    @property
    def snapshot(self) -> Path:
        return self.folder / f"{self.name}.db"

    @property
    def made(self) -> Path:
        return self.folder / self.name

    @property
    def draft(self) -> Path:
        return self.folder / f"{self.name}.making"

    @property
    def note(self) -> Path:
        return self.disk / "restored.json"


def restored_from(root: Path, cluster_id: str) -> str:
    """Returns the request that data of this cluster came of, by the note on the disk; empty for data that grew here."""
    try:
        said = json.loads(Work.of(root, "").note.read_bytes())
        return str(said["id"]) if said["clusterId"] == cluster_id else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


@dataclass(frozen=True)
class Restorer:
    """`set_aside` puts the data that is here away, and `stop` ends etcd: both are the performer's."""

    root: Path
    pods: Pods
    bucket: Bucket
    etcdutl: Etcdutl
    set_aside: Callable[[str], None]
    stop: Callable[[], None]

    def perform(self, request: str, machine: Machine, look: Observation, gateway: Gateway) -> str:
        """Returns in words the part that was done. Raises RestoreError, MachineError, EtcdError, WebError or OSError."""
        work, source = Work.of(self.root, request), Source.of(request)
        work.folder.mkdir(mode=0o700, exist_ok=True)
        claimed = self._claimed(request, machine, look)
        if source.survivor and not claimed:
            return self._claim(request, machine, look)
        if not work.made.exists():
            if not work.snapshot.exists():
                return self._save(work, machine, gateway) if source.survivor else self._fetch(work, source)
            return self._make(work, machine)
        if not claimed:
            return self._claim(request, machine, look)
        return self._swap(work, request, look)

    def _claimed(self, request: str, machine: Machine, look: Observation) -> bool:
        marker = look.health.marker
        return bool(marker and marker.restoring == request and marker.claimed_by == machine.replica)

    def _claim(self, request: str, machine: Machine, look: Observation) -> str:
        before = look.health.marker.restored if look.health.marker else ()
        claim = BootstrapMarker(
            machine.cluster, machine.replica, machine.instance_id, restoring=request, restored=before
        )
        if self.bucket.write(MARKER, claim.to_json().encode(), match=look.marker_generation) is None:
            return ""
        return f"restores the cluster from {Source.of(request)}: the former one is given up"

    def _fetch(self, work: Work, source: Source) -> str:
        found = self.bucket.describe(source.snapshot)
        if found is None:
            raise RestoreError(f"{source.snapshot} isn't in the bucket: name another snapshot, see {GUIDE}")
        part = work.snapshot.with_suffix(".part")
        with part.open("wb") as file:
            hashed = _Hashed(file)
            self.bucket.download(source.snapshot, hashed)  # type: ignore[arg-type]
        if found.md5 and hashed.md5 != found.md5:
            raise RestoreError(f"{source.snapshot} came with another hash than the bucket has of it")
        part.replace(work.snapshot)
        return f"fetched {source.snapshot}, {found.size_bytes} bytes"

    def _save(self, work: Work, machine: Machine, gateway: Gateway) -> str:
        pod = self.pods.placed(POD)
        if pod is None or not Beginning.of_pod(pod).lone:
            self.stop()
            data = under(self.root, paths.ETCD_DATA)
            if wal.directory(data).state != "member":
                raise RestoreError(f"the data disk is blank: restore a snapshot instead, see {GUIDE}")
            more = wal_tail.commit_tail(data)
            self.pods.place(etcd_pod(machine, Beginning.alone(machine)))
            return f"reads the disk that is left; {more} entries of its log were not known to be agreed on, and count"
        lone = gateway.at(LONE_CLIENT_PORT)
        try:
            alone = len(lone.members(machine.loopback).members) == 1
        except EtcdError as error:
            raise RestoreError(f"waits for etcd to begin alone on this disk: {error}") from None
        if not alone:
            raise RestoreError("waits until etcd has forgotten the members that are lost")
        part = work.snapshot.with_suffix(".part")
        with part.open("wb") as file:
            lone.snapshot(machine.loopback, file)
        part.replace(work.snapshot)
        self.pods.remove(POD)
        return "saved all that the disk holds"

    def _make(self, work: Work, machine: Machine) -> str:
        shutil.rmtree(work.draft, ignore_errors=True)
        url = peer_url(machine.address)
        options = {
            "name": machine.replica,
            "initial-cluster": f"{machine.replica}={url}",
            "initial-cluster-token": f"{machine.cluster}-{machine.instance_id}-{work.name}",
            "initial-advertise-peer-urls": url,
            "bump-revision": str(REVISIONS_AHEAD),
            "mark-compacted": "true",
        }
        self.etcdutl.restore(machine, work.snapshot, work.draft, options)
        work.draft.rename(work.made)
        return "made the data of a new cluster"

    def _swap(self, work: Work, request: str, look: Observation) -> str:
        self.stop()
        data, made = under(self.root, paths.ETCD_DATA), work.made
        cluster_id = wal.directory(made).cluster_id
        write(work.note, json.dumps({"id": request, "clusterId": cluster_id}) + "\n")
        former = wal.directory(data)
        if (data / "member").exists():
            self.set_aside(former.member_id or "nobody")
        (made / "member").rename(data / "member")
        for folder in (data, work.disk):
            _sync(folder)
        shutil.rmtree(work.folder, ignore_errors=True)
        return f"holds what came of {Source.of(request)}, as cluster {cluster_id}"


class _Hashed:
    """A sink that knows the MD5 of what went through it, as the storage tells it."""

    def __init__(self, into: BinaryIO) -> None:
        self._into, self._digest = into, hashlib.md5(usedforsecurity=False)

    def write(self, chunk: bytes) -> int:
        self._digest.update(chunk)
        return self._into.write(chunk)

    @property
    def md5(self) -> str:
        return base64.b64encode(self._digest.digest()).decode()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
