"""Waits, with a deadline, for a lock (flock) that another process holds."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from node.host.commands import MachineError

_AGAIN_SECONDS = 0.2


@contextmanager
def locked(file: Path, seconds: float, what: str) -> Iterator[None]:
    """Holds the lock on `file` while the block runs. Raises FileNotFoundError, or MachineError after so many seconds: it
    "waited … s for" `what`.
    """
    deadline = time.monotonic() + seconds
    with file.open("r+b") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise MachineError(f"waited {seconds:.0f} s for {what}") from None
                time.sleep(_AGAIN_SECONDS)
        yield
