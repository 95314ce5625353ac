"""Waits, with a deadline, for a lock (flock) that another process holds."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AGAIN_SECONDS = 0.2


@contextmanager
def locked(file: Path, seconds: float) -> Iterator[None]:
    """Holds the lock on `file`, which must exist, while the block runs. Raises TimeoutError, or FileNotFoundError."""
    deadline = time.monotonic() + seconds
    with file.open("r+b") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"waited {seconds:.0f} s for {file}") from None
                time.sleep(_AGAIN_SECONDS)
        yield
