"""What counts as left over, without an engine."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.crash.world import differences, world


def test_what_google_keeps_by_itself_is_nobodys_leak(tmp_path: Path) -> None:
    kept = {"iam.deletedServiceAccounts": "1100", "operations": "o-1", "snapshots": "dev-m1-data-1"}
    leaked = {"addresses": "dev-m1-b"}
    before, after = _written(tmp_path / "before", {}), _written(tmp_path / "after", kept | leaked)
    assert differences(world(before), world(after)) == ["leaked in Google: addresses dev-m1-b"]


def _written(file: Path, docs: dict[str, str]) -> Path:
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE docs (kind TEXT, key TEXT, doc TEXT)")
        db.executemany(
            "INSERT INTO docs VALUES (?, ?, ?)", [(*each, json.dumps({})) for each in docs.items()]
        )
    return file
