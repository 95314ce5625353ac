"""What is built once for all clones is built by one process at a time."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_TELL_EVERY_SECONDS = 10.0


@contextmanager
def held(path: Path, why: str, progress: Callable[[str], None]) -> Iterator[None]:
    """Hold `path` alone. `why` is told now and then while another has it; the kernel lets go of it with its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        told = float("-inf")
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() - told > _TELL_EVERY_SECONDS:
                    progress(f"{why}; waiting for it")
                    told = time.monotonic()
                time.sleep(0.2)
        yield
