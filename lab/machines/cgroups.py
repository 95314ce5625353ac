"""The part of each cgroup hierarchy (version 1) that a lab or one machine has. `path` is the same in all of them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_KILL_SECONDS = 10.0


def freeze(path: str) -> None:
    _write(_ROOT / "freezer" / path / "freezer.state", "FROZEN")


def thaw(path: str) -> None:
    _write(_ROOT / "freezer" / path / "freezer.state", "THAWED")


def memory_bytes(path: str) -> int:
    """What its processes hold; 0 while there is no such part."""
    numbers = {"total_rss": 0}
    try:
        lines = (_ROOT / "memory" / path / "memory.stat").read_text().splitlines()
    except OSError:
        return 0
    for line in lines:
        name, _, value = line.partition(" ")
        numbers[name] = int(value)
    return numbers["total_rss"] + numbers.get("total_shmem", 0)


def clear(path: str) -> None:
    """Kills whatever still runs in it or below, and removes it. Raises OSError when something doesn't die."""
    for folder in _below(_ROOT / "freezer" / path):
        thaw(str(folder.relative_to(_ROOT / "freezer")))  # What is frozen doesn't die; each is by itself.
    deadline = time.monotonic() + _KILL_SECONDS
    while pids := set(_pids(path)):
        if time.monotonic() > deadline:
            raise OSError(
                f"waited {_KILL_SECONDS:.0f} s for the processes of cgroup {path} to end: {sorted(pids)}"
            )
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    for hierarchy in _ROOT.glob("*"):
        for folder in sorted(_below(hierarchy / path), reverse=True):
            with suppress(OSError):
                folder.rmdir()


def _pids(path: str) -> Iterator[int]:
    for hierarchy in _ROOT.glob("*"):
        for folder in _below(hierarchy / path):
            with suppress(OSError):
                yield from map(int, (folder / "cgroup.procs").read_text().split())


def _below(folder: Path) -> list[Path]:
    return [Path(each) for each, _, _ in os.walk(folder)]


def _write(file: Path, text: str) -> None:
    with suppress(OSError):
        file.write_text(text)
