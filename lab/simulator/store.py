"""Documents and blobs in SQLite. One lock for the process; a call of the API is one transaction."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS docs (kind TEXT, key TEXT, doc TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blobs (key TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, entry TEXT NOT NULL, facts TEXT);
"""


class Store:
    """`kind` is a collection ('instances'), `key` a name that is unique in it (relative resource path)."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self._lock = threading.RLock()
        self._depth = 0
        self._after_commit: list[Callable[[], None]] = []
        self._touched: set[str] = set()
        self._watchers: list[tuple[frozenset[str], Callable[[], None]]] = []
        self._db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an exception rolls back. Nests (a savepoint). Callbacks run after the outermost commit."""
        callbacks: list[Callable[[], None]] = []
        with self._lock:
            outer = self._depth == 0
            mark = len(self._after_commit)
            name = f"level{self._depth}"
            self._db.execute("BEGIN IMMEDIATE" if outer else f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield
            except BaseException:
                del self._after_commit[mark:]
                if outer:
                    self._touched.clear()
                    self._db.execute("ROLLBACK")
                else:
                    self._db.execute(f"ROLLBACK TO {name}")
                    self._db.execute(f"RELEASE {name}")
                raise
            else:
                self._db.execute("COMMIT" if outer else f"RELEASE {name}")
            finally:
                self._depth -= 1
            if outer:
                callbacks, self._after_commit = self._after_commit + self._interested(), []
        for callback in callbacks:
            callback()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` once this thread's transaction is committed; at once if there is none."""
        with self._lock:
            if self._depth:
                self._after_commit.append(callback)
                return
        callback()

    def watch(self, kinds: Collection[str], fn: Callable[[], None]) -> Callable[[], None]:
        """`fn` runs after each commit that wrote to one of these collections; what is returned ends that.

        It is called in the thread of the call and without the lock, and must neither block nor raise.
        """
        watcher = (frozenset(kinds), fn)
        with self._lock:
            self._watchers.append(watcher)
        return lambda: self._unwatch(watcher)

    def _unwatch(self, watcher: tuple[frozenset[str], Callable[[], None]]) -> None:
        with self._lock:
            self._watchers = [w for w in self._watchers if w is not watcher]

    def _interested(self) -> list[Callable[[], None]]:
        touched, self._touched = self._touched, set()
        return [fn for kinds, fn in self._watchers if kinds & touched]

    def _write(self, kind: str, sql: str, parameters: tuple[Any, ...]) -> None:
        with self._lock:
            self._db.execute(sql, parameters)
            self._touched.add(kind)
            watchers = [] if self._depth else self._interested()
        for watcher in watchers:
            watcher()

    def execute(self, sql: str, parameters: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        with self._lock:
            return self._db.execute(sql, parameters)

    def get(self, kind: str, key: str) -> Doc | None:
        with self._lock:
            row = self._db.execute("SELECT doc FROM docs WHERE kind=? AND key=?", (kind, key)).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, kind: str, key: str, doc: Doc) -> None:
        text = json.dumps(doc, separators=(",", ":"))
        self._write(kind, "INSERT OR REPLACE INTO docs VALUES (?,?,?)", (kind, key, text))

    def delete(self, kind: str, key: str) -> None:
        """Deleting what isn't there is no error."""
        self._write(kind, "DELETE FROM docs WHERE kind=? AND key=?", (kind, key))

    def list(self, kind: str, prefix: str = "") -> list[tuple[str, Doc]]:
        """In the order of keys."""
        with self._lock:
            rows = self._db.execute(
                "SELECT key, doc FROM docs WHERE kind=? AND key>=? AND key<? ORDER BY key",
                (kind, prefix, prefix + "\U0010ffff"),
            ).fetchall()
        return [(key, json.loads(doc)) for key, doc in rows]

    def get_blob(self, key: str) -> bytes | None:
        with self._lock:
            row = self._db.execute("SELECT data FROM blobs WHERE key=?", (key,)).fetchone()
        return bytes(row[0]) if row else None

    def put_blob(self, key: str, data: bytes) -> None:
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO blobs VALUES (?,?)", (key, data))

    def delete_blob(self, key: str) -> None:
        with self._lock:
            self._db.execute("DELETE FROM blobs WHERE key=?", (key,))

    def next_id(self, name: str = "id") -> int:
        """Grows by one a call, also over a restart; a rolled-back call gives its number back."""
        with self._lock:
            row = self._db.execute(
                "INSERT INTO counter VALUES (?, 1) ON CONFLICT(name) DO UPDATE SET value=value+1 RETURNING value",
                (name,),
            ).fetchone()
        return int(row[0])

    def clear(self) -> None:
        """Forget everything but the counters, so that ids stay unique."""
        with self.transaction():
            self._touched |= {kind for kinds, _ in self._watchers for kind in kinds}
            for table in ("docs", "blobs", "journal"):
                self._db.execute(f"DELETE FROM {table}")
