"""Writes the status into the bucket at each change and at each beat, also while a long step holds the agent.

A machine whose agent hangs must not look alive for ever: the beat ends when the agent has not come round for `HANG_SECONDS`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from node.contract import bucket_layout, timings
from node.contract.status import ReplicaStatus
from node.host.bucket import Bucket
from node.host.threads import kept
from node.host.web import WebError

HANG_SECONDS = 300.0


class Reporter:
    """Writes what it was told last, at once when that is new and else at each beat, in a thread of its own."""

    def __init__(self, bucket: Bucket, say: Callable[[str], None]) -> None:
        self._bucket, self._say = bucket, say
        self._lock = threading.Lock()
        self._text = b""
        self._name = ""
        self._told = self._written_at = float("-inf")
        self._written = b""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = kept("beat", self._beat, self._say)

    def stop(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=5)

    def tell(self, status: ReplicaStatus) -> None:
        """Writes it at once if it says anything new."""
        with self._lock:
            self._text, self._name = status.to_json().encode(), bucket_layout.status(status.replica)
            self._told = time.monotonic()
            if self._text != self._written:
                self._write()

    def _beat(self) -> None:
        while not self._stop.wait(1.0):
            with self._lock:
                now = time.monotonic()
                if (
                    self._name
                    and now - self._written_at >= timings.STATUS_BEAT
                    and now - self._told < HANG_SECONDS
                ):
                    self._write()

    def _write(self) -> None:
        self._written_at = time.monotonic()
        try:
            self._bucket.write(self._name, self._text)
            self._written = self._text
        except WebError as error:
            self._say(f"the status can't be written: {error}")
