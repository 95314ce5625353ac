"""All that stands in the simulated Google, by kind and name, and nothing that is there by design of something else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

World = dict[str, list[str]]
"""Names by kind of resource."""

_PASSING = {"operations", "pending", "resumable", "snapshots", "storage.noncurrent", "storage.counters"}
"""Operations are history; snapshots that were made before a disk went are backups by design."""
_OF_MASTERS = ("status/", "snapshots/", "bootstrap.json")
"""Objects that masters write; who left may have left a last word."""


def world(database: Path) -> World:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT kind, key FROM docs ORDER BY kind, key").fetchall()
    found: World = {}
    for kind, key in rows:
        if kind in _PASSING or kind.startswith("guest") or any(part in key for part in _OF_MASTERS):
            continue
        found.setdefault(kind, []).append(key)
    return found
