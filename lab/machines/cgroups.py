"""The part of the computer's cgroups that a lab or one machine has, by its path in each hierarchy.

Version 2 has one hierarchy, at `/sys/fs/cgroup`; version 1 has one a controller, each in a folder of its own there.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_CPUSET = ("cpuset.cpus", "cpuset.mems")
_KILL_SECONDS = 10.0


def unified(root: Path = ROOT) -> bool:
    """Whether this computer has version 2 alone, as Debian, Ubuntu and Fedora do unless they are told otherwise."""
    return (root / "cgroup.controllers").exists()


def controllers(root: Path = ROOT) -> frozenset[str]:
    """Returns those of version 2, or the hierarchies of version 1."""
    if unified(root):
        return frozenset((root / "cgroup.controllers").read_text().split())
    return frozenset(each.name for each in root.glob("*") if (each / "cgroup.procs").exists())


def confined(root: Path = ROOT) -> bool:
    """Whether this is a container's view of version 2 that has processes in its root: the computer's root alone may have
    some and hand its controllers on (cgroup-v2.rst, "No Internal Process Constraint"), and only that has no `cgroup.type`.
    """
    return (root / "cgroup.type").exists() and bool((root / "cgroup.procs").read_text().strip())


def make(path: str) -> None:
    """Makes the part, with all that is controlled above it controlled in it. Processes enter by its `cgroup.procs`."""
    hands_on = unified()
    for hierarchy in _hierarchies():
        at = hierarchy
        for step in Path(path).parts:
            for name in controllers(at) if hands_on else ():
                _write(at / "cgroup.subtree_control", f"+{name}")
            former, at = at, at / step
            at.mkdir(exist_ok=True)
            for setting in _CPUSET if hierarchy.name == "cpuset" else ():
                # Empty in a new one of version 1, and then nothing may enter it.
                (at / setting).write_text((former / setting).read_text())


def freeze(path: str) -> None:
    _hold(path, still=True)


def thaw(path: str) -> None:
    _hold(path, still=False)


def memory_bytes(path: str) -> int:
    """What its processes hold; 0 while there is no such part."""
    folder, names = (
        (ROOT / path, ("anon", "shmem"))
        if unified()
        else (ROOT / "memory" / path, ("total_rss", "total_shmem"))
    )
    try:
        lines = (folder / "memory.stat").read_text().splitlines()
    except OSError:
        return 0
    numbers = {name: int(value) for name, _, value in (line.partition(" ") for line in lines)}
    return sum(numbers.get(name, 0) for name in names)


def clear(path: str) -> None:
    """Kills whatever still runs in it or below, and removes it. Raises OSError when something doesn't die."""
    root = ROOT if unified() else ROOT / "freezer"
    for folder in _below(root / path):
        thaw(str(folder.relative_to(root)))  # What is frozen doesn't die; each is by itself.
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
    for hierarchy in _hierarchies():
        for folder in sorted(_below(hierarchy / path), reverse=True):
            with suppress(OSError):
                folder.rmdir()


def _hierarchies() -> list[Path]:
    """Without `unified`, which a system with version 1 has beside it and in which nothing is controlled."""
    return [ROOT] if unified() else [each for each in ROOT.glob("*") if each.name != "unified"]


def _hold(path: str, *, still: bool) -> None:
    if unified():
        _write(ROOT / path / "cgroup.freeze", str(int(still)))
    else:
        _write(ROOT / "freezer" / path / "freezer.state", "FROZEN" if still else "THAWED")


def _pids(path: str) -> Iterator[int]:
    for hierarchy in _hierarchies():
        for folder in _below(hierarchy / path):
            with suppress(OSError):
                yield from map(int, (folder / "cgroup.procs").read_text().split())


def _below(folder: Path) -> list[Path]:
    return [Path(each) for each, _, _ in os.walk(folder)]


def _write(file: Path, text: str) -> None:
    with suppress(OSError):
        file.write_text(text)
