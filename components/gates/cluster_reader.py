"""What the gates see of a cluster in its bucket.

Only Google's APIs are asked, so an update can run from a place that reaches neither the masters nor their API.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from components.gates.cluster_status import Claim, ClusterStatus
from components.google.bucket import Bucket
from components.google.compute import Compute
from components.google.moments import moment
from components.google.transport import Google
from node.contract import bucket_layout, timings
from node.contract.desired import Members, Retained
from node.contract.fields import FormatError
from node.contract.status import ReplicaStatus

FRESH = timedelta(seconds=timings.STATUS_FRESH)


class ClusterReader:
    """Reads clusters' buckets, each status once, and remembers what it has read."""

    def __init__(self, google: Google) -> None:
        self._google = google
        self.compute = Compute(google)
        self._statuses: dict[str, tuple[str, ReplicaStatus | None]] = {}
        self._looks: dict[str, tuple[float, ClusterStatus]] = {}
        self._lists: tuple[tuple[str, str, str], frozenset[str]] | None = None
        self._looking = threading.Lock()

    def bucket(self, name: str) -> Bucket:
        return Bucket(self._google, name)

    def cluster(self, bucket: str) -> ClusterStatus:
        """Returns everything that the bucket tells about its cluster.

        Gates that ask at the same time share a look, if it began after they asked: an older one may not know yet what
        this update has just written.
        """
        asked = time.monotonic()
        with self._looking:
            began, seen = self._looks.get(bucket, (float("-inf"), None))
            if seen is None or began < asked:
                began = time.monotonic()
                seen = self._look(bucket)
                self._looks[bucket] = (began, seen)
            return seen

    def newest_revision(self, bucket: str) -> int:
        """Returns the highest revision of etcd in any status, however old; -1 where none has one."""
        items, _ = self.bucket(bucket).listed(bucket_layout.STATUSES)
        told = [self._status(bucket, str(item["name"]), str(item["generation"])) for item in items]
        return max((status.etcd.revision for status in told if status and status.etcd), default=-1)

    def _look(self, name: str) -> ClusterStatus:
        bucket = self.bucket(name)
        desired, _ = bucket.listed(bucket_layout.DESIRED)
        items, now = bucket.listed(bucket_layout.STATUSES)
        objects = {str(item["name"]): item for item in desired}
        generations = {path: str(item["generation"]) for path, item in objects.items()}
        fresh: dict[str, ReplicaStatus] = {}
        written: dict[str, datetime] = {}
        stale: set[str] = set()
        unreadable: set[str] = set()
        for item in items:
            path = str(item["name"])
            replica = replica_of(path)
            when = moment(item["updated"])
            if now - when > FRESH:
                stale.add(replica)
                continue
            written[replica] = when
            status = self._status(name, path, str(item["generation"]))
            if status is None:
                unreadable.add(replica)
            else:
                fresh[replica] = status
        seen = ClusterStatus(
            fresh=fresh,
            stale=frozenset(stale),
            unreadable=frozenset(unreadable),
            written=written,
            members_generation=generations.get(bucket_layout.MEMBERS, ""),
            retained_generation=generations.get(bucket_layout.RETAINED, ""),
            claim=_claim(bucket, objects.get(bucket_layout.CLAIM), now),
            may_stay=self._may_stay(name, objects),
            ended=bucket_layout.END in objects,
            pools_generation=generations.get(bucket_layout.POOLS, ""),
        )
        if seen.leader is not None:
            return seen
        return replace(seen, formed=_formed(bucket))

    def _may_stay(self, bucket: str, objects: Mapping[str, Mapping[str, Any]]) -> frozenset[str] | None:
        """Returns None where a list is missing or unreadable: masters don't act on it, so nobody leaves."""
        if bucket_layout.MEMBERS not in objects or bucket_layout.RETAINED not in objects:
            return None
        key = (
            bucket,
            str(objects[bucket_layout.MEMBERS]["generation"]),
            str(objects[bucket_layout.RETAINED]["generation"]),
        )
        if self._lists is None or self._lists[0] != key:
            texts = [
                self.bucket(bucket).content(path) for path in (bucket_layout.MEMBERS, bucket_layout.RETAINED)
            ]
            try:
                members, retained = Members.parse(texts[0]), Retained.parse(texts[1])
            except FormatError:
                return None
            self._lists = key, frozenset((*members.names(), *retained.members))
        return self._lists[1]

    def _status(self, bucket: str, path: str, generation: str) -> ReplicaStatus | None:
        """Returns the status in an object; None for one that isn't understood. Each generation is fetched once."""
        known = self._statuses.get(path)
        if known and known[0] == generation:
            return known[1]
        content = self.bucket(bucket).content(path)
        try:
            status: ReplicaStatus | None = ReplicaStatus.parse(content)
        except FormatError:
            status = None
        self._statuses[path] = (generation, status)
        return status


def replica_of(path: str) -> str:
    """Returns `m1-b` of `status/m1-b.json`."""
    return path.removeprefix(bucket_layout.STATUSES).removesuffix(".json")


def _claim(bucket: Bucket, item: Mapping[str, Any] | None, now: datetime) -> Claim | None:
    if item is None:
        return None
    document = bucket.document(bucket_layout.CLAIM) or {}
    age = max(0.0, (now - moment(item["updated"])).total_seconds())
    return Claim(
        str(document.get("replica", "")),
        str(document.get("instanceId", "")),
        age,
        str(item["generation"]),
    )


def _formed(bucket: Bucket) -> bool:
    """Returns whether etcd was ever founded. A marker that can't be understood may be that of a cluster."""
    marker = bucket.document(bucket_layout.MARKER)
    return marker is not None and bool(marker.get("clusterId") != "" or marker.get("restoring"))
