"""Clients that ask all the time, and remember what they were answered: what `load` and `visits` have in common.

Each line of their record is one request: `[kind, start, end, "" or what went wrong, object]`, seconds since the epoch.
`tests.e2e.gaps` reads them.
"""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

AT_ONCE = 4
"""Clients of one kind, which share its rate."""


class Asker(threading.Thread):
    """One of AT_ONCE, the `number`th. `ask` makes a request about the object named, and returns what went wrong.

    Together they make `rate` requests a second; what took longer is not caught up with.
    """

    def __init__(self, kind: str, prefix: str, number: int, rate: float, ask: Callable[[str], str]) -> None:
        super().__init__(daemon=True)
        self._kind, self._prefix, self._number, self._ask = kind, prefix, number, ask
        self._every = AT_ONCE / rate

    def begin(self, record: TextIO, stop: threading.Event) -> None:
        self._record, self._stop_now = record, stop
        self.start()

    def run(self) -> None:
        count, due = 0, time.monotonic() + self._number * self._every / AT_ONCE
        while not self._stop_now.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._every, time.monotonic())
            count += 1
            began, name = time.time(), f"{self._prefix}-{self._number}-{count}" if self._prefix else ""
            try:
                problem = self._ask(name)
            except (OSError, http.client.HTTPException) as error:
                problem = repr(error)
            self._record.write(json.dumps([self._kind, began, time.time(), problem, name]) + "\n")


def ask_until_told(askers: Sequence[Asker], file: Path, longest_seconds: float) -> None:
    """Runs them until SIGTERM. No request takes longer than `longest_seconds`."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with file.open("a", buffering=1) as record:
        for each in askers:
            each.begin(record, stop)
        stop.wait()
        for each in askers:
            each.join(2 * longest_seconds)
