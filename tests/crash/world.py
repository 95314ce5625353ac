"""All that stands in the simulated Google, by kind and name, and nothing that is there by design of something else."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

World = dict[str, list[str]]
"""Names by kind of resource."""

_PASSING = {
    "operations",
    "pending",
    "resumable",
    "snapshots",
    "storage.noncurrent",
    "storage.counters",
    "iam.deletedServiceAccounts",
}
"""Operations are history; snapshots that were made before a disk went are backups by design, and Google itself keeps a
service account that was deleted for thirty days, in case somebody wants it back.
"""
_OF_MASTERS = ("status/", "snapshots/", "bootstrap.json")
"""Objects that masters write; who left may have left a last word."""
_OF_GATES = ("measured/",)
"""For how long each waited: nothing depends on them, and they end with the bucket."""
_CLAIM = "desired/down.json"
"""Of an update that was killed while a machine was down: whoever claims next writes over it, and it is void by age."""


def world(database: Path) -> World:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT kind, key, doc FROM docs ORDER BY kind, key").fetchall()
    found: World = {}
    for kind, key, doc in rows:
        if kind == "secretmanager.versions":
            live = found.setdefault(kind, [])
            # By their count: a version that was destroyed is gone, but its number stays taken.
            if json.loads(doc)["state"] != "DESTROYED":
                secret = key.rpartition("/")[0]
                live.append(f"{secret} #{sum(each.startswith(f'{secret} #') for each in live) + 1}")
        elif (
            kind in _PASSING
            or kind.startswith("guest")
            or any(part in key for part in (*_OF_MASTERS, *_OF_GATES, _CLAIM))
        ):
            continue
        else:
            found.setdefault(kind, []).append(key)
    return found


def differences(expected: World, there: World) -> list[str]:
    found = []
    for kind in sorted({*expected, *there}):
        wanted, standing = set(expected.get(kind, ())), set(there.get(kind, ()))
        found += [f"missing in Google: {kind} {each}" for each in sorted(wanted - standing)]
        found += [f"leaked in Google: {kind} {each}" for each in sorted(standing - wanted)]
    return found
