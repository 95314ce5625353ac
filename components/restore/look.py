"""Gathers what is known of a restore that is asked for, from the cluster's bucket."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from components.gates.cluster_reader import ClusterReader
from components.google.moments import moment
from components.restore.facts import Facts, Snapshot
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.bucket_layout import MARKER, SNAPSHOTS
from node.contract.restore import Restore


def look(name: str, request: Restore, reader: ClusterReader) -> Facts:
    """Raises OSError where Google can't be asked, and FormatError for a marker that isn't understood."""
    bucket = reader.bucket(name)
    seen, text = reader.cluster(name), bucket.text(MARKER)
    views = [status.etcd for status in seen.fresh.values() if status.etcd]
    described = bucket.described(request.source.snapshot) if request.source.snapshot else None
    return Facts(
        now=datetime.now(UTC),
        marker=BootstrapMarker.parse(text) if text else None,
        snapshot=_snapshot(request.source.snapshot, described) if described else None,
        living=frozenset(view.cluster_id for view in views if view.leader),
        unreadable=seen.unreadable,
        newest_revision=reader.newest_revision(name),
        newest_snapshot=max(bucket.names(SNAPSHOTS), default=""),
    )


def _snapshot(name: str, described: Mapping[str, Any]) -> Snapshot:
    notes = described.get("metadata") or {}
    revision = str(notes.get("revision") or _in_name(name))
    return Snapshot(
        taken=moment(described["timeCreated"]),
        size_bytes=int(described["size"]),
        revision=int(revision) if revision.isdigit() else -1,
        cluster_id=str(notes.get("cluster-id", "")),
        verified_at=str(notes.get("verified-at", "")),
    )


def _in_name(name: str) -> str:
    """Snapshots of earlier releases have their revision there only: `snapshots/<time>Z-<revision>-<replica>.db`."""
    return name.partition("Z-")[2].partition("-")[0]
