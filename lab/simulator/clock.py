"""Time as the simulator sees it: replaceable, so that a test needn't wait."""

from __future__ import annotations

import threading
import time as _time
from datetime import UTC, datetime


def rfc3339(seconds: float) -> str:
    """Milliseconds and `Z`, e.g. 2026-11-21T10:51:22.123Z."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Clock:
    """The machine's clock."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return _time.time()

    def now(self) -> str:
        """The same instant as RFC 3339."""
        return rfc3339(self.time())


class ManualClock(Clock):
    """Stands still until told to move."""

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._seconds = start
        self._lock = threading.Lock()

    def time(self) -> float:
        return self._seconds

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._seconds += seconds
