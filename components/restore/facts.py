"""What is known when a restore is asked for: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.contract.bootstrap_marker import BootstrapMarker


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An object in the bucket. Fields that its metadata lack are empty, and the revision is -1."""

    taken: datetime
    size_bytes: int
    revision: int = -1
    cluster_id: str = ""
    verified_at: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """`now` is the storage server's time. `living`: ids of clusters of which a quorum speaks, by fresh statuses, and
    `unreadable` who else writes one that isn't understood. `newest_revision`: the furthest that any status ever told, -1 for
    none; `newest_snapshot` the name of the newest one that there is.
    """

    now: datetime
    marker: BootstrapMarker | None
    snapshot: Snapshot | None
    living: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()
    newest_revision: int = -1
    newest_snapshot: str = ""
