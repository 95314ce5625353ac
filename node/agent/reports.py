"""Reads the statuses of the other masters for the planner: fresh, fresh but unreadable, or silent."""

from __future__ import annotations

from collections.abc import Iterable

from node.contract import bucket_layout, timings
from node.contract.fields import FormatError
from node.contract.status import DataDirectory, ReplicaStatus
from node.host.bucket import Bucket, Listed
from node.host.web import WebError
from node.planner.observed import Report


class Reports:
    """Keeps what was read, so that only news is fetched. Not for two threads."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._statuses: dict[str, tuple[str, ReplicaStatus | None]] = {}
        self._read_since: float | None = None

    def read(self, me: str, members: Iterable[str], now: float) -> tuple[dict[str, Report], dict[str, float]]:
        """Fresh reports by replica, and for how many seconds the others, those of `members` too, have been silent.

        Of a bucket that can't be read neither is known: that silence is this machine's. `now` is a monotonic time.
        """
        found: dict[str, Report] = {}
        try:
            listed = {_replica(item.name): item for item in self._bucket.list(bucket_layout.STATUSES)}
            for replica, item in listed.items():
                if replica != me and item.age_seconds <= timings.STATUS_FRESH:
                    found[replica] = report(self._status(replica, item), item.age_seconds)
        except WebError:
            self._read_since = None
            return {}, {}
        self._read_since = now if self._read_since is None else self._read_since
        silent = {replica: now - self._read_since for replica in members if replica not in listed}
        silent |= {replica: item.age_seconds for replica, item in listed.items() if replica not in found}
        silent.pop(me, None)
        return found, silent

    def _status(self, replica: str, item: Listed) -> ReplicaStatus | None:
        generation, status = self._statuses.get(replica, ("", None))
        if generation != item.generation:
            text = self._bucket.read(item.name)
            status = _parsed(text.content) if text else None
            self._statuses[replica] = (item.generation, status)
        return status


def report(status: ReplicaStatus | None, age_seconds: float) -> Report:
    """Turns a fresh status into the planner's `Report`; None is a status that can't be read."""
    if status is None:
        return Report(DataDirectory(), age_seconds=age_seconds, readable=False)
    # A view with a leader in it is what a quorum agreed on: its list was read linearizably.
    quorum_of = status.etcd.cluster_id if status.etcd and status.etcd.leader else ""
    return Report(status.data_directory, status.drained, age_seconds, quorum_of=quorum_of)


def _parsed(text: bytes) -> ReplicaStatus | None:
    try:
        return ReplicaStatus.parse(text)
    except FormatError:
        return None


def _replica(name: str) -> str:
    return name.removeprefix(bucket_layout.STATUSES).removesuffix(".json")
