"""What happened, in order: every call, every event that others record, and what was true after each change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from lab.simulator.clock import Clock
from lab.simulator.store import Store

FactSource = Callable[[], Any]
_SECRET_KEYS = {
    "payload",
    "privateKeyData",
    "rawKey",
    "password",
    "rsaEncryptedKey",
    "access_token",
    "accessToken",
}


def redact(value: Any) -> Any:
    """A copy without secret payloads."""
    if isinstance(value, dict):
        return {k: "<redacted>" if k in _SECRET_KEYS else redact(v) for k, v in value.items()}
    if isinstance(value, list):
        return [redact(v) for v in value]
    return value


def relative(url: str) -> str:
    """`projects/…` of any reference: full URL, partial URL or relative path."""
    found = re.search(r"(projects/.*)$", url)
    return found.group(1) if found else url


def _last(url: str | None) -> str | None:
    return url.rsplit("/", 1)[-1] if url else None


class Journal:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._sources: dict[str, FactSource] = {}

    def add_fact_source(self, name: str, fn: FactSource) -> None:
        """`fn()` gives something that JSON can hold; it is called with the store's lock held and must be quick."""
        self._sources[name] = fn

    def facts(self) -> dict[str, Any]:
        """Short names; a cluster of the lab uses a name once."""
        facts: dict[str, Any] = {
            "addresses": {
                a["name"]: {"status": a.get("status"), "users": [relative(u) for u in a.get("users", [])]}
                for _, a in self._store.list("addresses")
            },
            "forwardingRules": {
                r["name"]: {"ip": r.get("IPAddress")}
                | {k: _last(r[k]) for k in ("target", "backendService") if r.get(k)}
                for _, r in self._store.list("forwardingRules")
            },
            "instances": {
                i["name"]: {"zone": _last(i.get("zone")), "status": i.get("status")}
                for _, i in self._store.list("instances")
            },
        }
        for name, fn in self._sources.items():
            facts[name] = fn()
        return facts

    def call(self, entry: dict[str, Any], *, changed: bool) -> int:
        return self._append("call", entry, with_facts=changed)

    def record(self, kind: str, data: dict[str, Any]) -> int:
        """An event that is no call, with the facts after it. Returns its number."""
        with self._store.transaction():
            return self._append(kind, data, with_facts=True)

    def _append(self, kind: str, entry: dict[str, Any], *, with_facts: bool) -> int:
        entry = {"time": self._clock.now(), "kind": kind} | entry
        facts = json.dumps(self.facts(), separators=(",", ":")) if with_facts else None
        cursor = self._store.execute(
            "INSERT INTO journal (kind, entry, facts) VALUES (?,?,?)",
            (kind, json.dumps(entry, separators=(",", ":")), facts),
        )
        return int(cursor.lastrowid or 0)

    def last(self) -> int:
        row = self._store.execute("SELECT max(seq) FROM journal").fetchone()
        return int(row[0] or 0)

    def read(self, after: int = 0, limit: int = 10_000, kind: str | None = None) -> list[dict[str, Any]]:
        """Entries with a number greater than `after`, oldest first, each with `seq` and, after a change, `facts`."""
        rows = self._store.execute(
            "SELECT seq, entry, facts FROM journal WHERE seq>? AND (? IS NULL OR kind=?) ORDER BY seq LIMIT ?",
            (after, kind, kind, limit),
        ).fetchall()
        return [
            {"seq": seq, **json.loads(entry)} | ({"facts": json.loads(facts)} if facts else {})
            for seq, entry, facts in rows
        ]
