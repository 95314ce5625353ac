"""etcd's database into the bucket: before each change of membership, and every `backupIntervalSeconds`.

A snapshot that can't be restored is none, so each is looked at again: the storage's hash must be that of what was sent, and,
of those that are taken by the clock, etcdutl must be able to read every page. Then the object gets its notes (custom
metadata): the cluster's id, the revision, how many members there were, and when it was verified. One without notes was not.

None is taken by the clock while etcd's revision is that of the last one that this machine has taken and verified: nothing
was written since. Never for more than `LONGEST_SKIP`, for the bucket deletes by age.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final, cast

from node.agent.etcd.etcdutl import Etcdutl
from node.agent.etcd.gateway import EtcdError, Gateway
from node.contract.bucket_layout import SNAPSHOTS as PREFIX
from node.contract.metadata import Machine
from node.contract.snapshots import VERIFIED_AT
from node.contract.status import Backup, EtcdView
from node.host import paths
from node.host.bucket import Bucket
from node.host.commands import MachineError
from node.host.files import under
from node.host.web import CHUNK, WebError
from node.planner.keeping import Kept, surplus

LONGEST_SKIP: Final = 12 * 3600.0
"""Seconds; half of the shortest age at which a bucket deletes snapshots."""

REMOVED_AT_ONCE: Final = 20
"""Each takes a call, and the agent looks at nothing else meanwhile. The rest goes after the next snapshot."""


class SnapshotError(Exception):
    """A snapshot that is not what it should be."""


class Snapshots:
    """`due` asks the bucket once how old the newest is, and remembers from then on. `backup` is for the status."""

    def __init__(self, bucket: Bucket, root: Path, etcdutl: Etcdutl) -> None:
        self._bucket, self._folder, self._etcdutl = bucket, under(root, paths.STATE), etcdutl
        self._newest: float | None = None
        self._looked = float("-inf")
        self._cluster, self._read = "", False
        self.backup: Backup | None = None

    def due(self, machine: Machine, view: EtcdView | None, now: float) -> bool:
        if self._newest is None:
            ages = [item.age_seconds for item in self._bucket.list(PREFIX)]
            self._newest = now - min(ages) if ages else float("-inf")
        if now - max(self._newest, self._looked) < machine.config.backup_interval_seconds:
            return False
        if self.backup is None or not self._has_all(view) or now - self._newest >= LONGEST_SKIP:
            return True
        self._looked = now
        self.backup = replace(self.backup, unchanged_at=_now())
        return False

    def _has_all(self, view: EtcdView | None) -> bool:
        """Whether the last snapshot was read page by page, and has all that this etcd has."""
        last = self.backup
        return bool(
            view
            and last
            and self._read
            and last.verified_at
            and not last.problem
            and view.cluster_id == self._cluster
            and view.revision == last.revision > 0
        )

    def tidy(self, machine: Machine, named: Collection[str]) -> int:
        """Removes snapshots that are one too many by `snapshotKeep`, and returns how many. `named` are those that a restore
        asks for.
        """
        keep = machine.config.snapshot_keep
        if not keep:
            return 0
        objects = {item.name: item for item in self._bucket.list(PREFIX)}
        kept = [Kept(each.name, each.age_seconds, VERIFIED_AT in each.notes) for each in objects.values()]
        going = surplus(kept, keep, named)[:REMOVED_AT_ONCE]
        for name in going:
            self._bucket.remove(name, objects[name].generation)
        return len(going)

    def take(
        self, machine: Machine, gateway: Gateway, view: EtcdView | None, now: float, *, read: bool = False
    ) -> str:
        """Returns the object's name. Nothing is in the bucket that isn't whole. `read` has etcdutl read it, which takes its
        time.

        Raises EtcdError, SnapshotError, MachineError, WebError or OSError.
        """
        try:
            name = self._take(machine, gateway, view, read=read)
        except (EtcdError, SnapshotError, MachineError, WebError, OSError) as error:
            self.backup = replace(self.backup or Backup(), problem=f"the last snapshot failed: {error}")
            raise
        self._newest = now
        return name

    def _take(self, machine: Machine, gateway: Gateway, view: EtcdView | None, *, read: bool) -> str:
        taken, revision = _now(), view.revision if view else 0
        name = f"{PREFIX}{taken}-{revision}-{machine.replica}.db"
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix="snapshot-") as temporary:
            file = cast(BinaryIO, temporary)
            gateway.snapshot(machine.address, file)
            file.seek(0)
            size, md5 = _measured(file)
            file.seek(0)
            self._bucket.write(name, file)
            found = self._bucket.describe(name)
            if found is None or found.size_bytes != size or (found.md5 and found.md5 != md5):
                raise SnapshotError(f"{name} lies in the bucket with another hash than it was sent with")
            if read:
                file.flush()
                revision = self._etcdutl.revision(machine, Path(temporary.name))
        verified = _now()
        notes = {
            "cluster-id": view.cluster_id if view else "",
            "revision": str(revision),
            "members": str(len(view.members)) if view else "",
            VERIFIED_AT: verified,
            "verified-by": "hash and etcdutl" if read else "hash",
        }
        self._bucket.annotate(name, found.generation, notes)
        self.backup = Backup(name, taken, size, revision, verified)
        self._cluster, self._read = view.cluster_id if view else "", read
        return name


def _measured(file: BinaryIO) -> tuple[int, str]:
    """Size, and the MD5 as the storage gives it."""
    digest, size = hashlib.md5(usedforsecurity=False), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, base64.b64encode(digest.digest()).decode()


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
