"""Processes of a project's Python, and their output."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Literal

Piece = tuple[Literal["stdout", "stderr"], bytes] | tuple[Literal["exit"], int]

_running: set[subprocess.Popen[bytes]] = set()


def run(command: Sequence[str], cwd: str, environment: Mapping[str, str], alive: Callable[[], bool]) -> int:
    """Run `command` with this process's own output, which the engine reads, and return its exit code.

    `alive` tells if the engine still wants the answer; when it does not, the process is stopped.
    """
    with subprocess.Popen(command, cwd=cwd or None, env=dict(environment)) as process:  # noqa: S603
        return _wait(process, alive)


def stream(
    command: Sequence[str], cwd: str, environment: Mapping[str, str], alive: Callable[[], bool]
) -> Iterator[Piece]:
    """Run `command` and give its output as it comes, then its exit code."""
    pieces: queue.SimpleQueue[Piece] = queue.SimpleQueue()
    process = subprocess.Popen(  # noqa: S603
        command, cwd=cwd or None, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    readers = [
        threading.Thread(target=_read, args=(process.stdout, "stdout", pieces), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, "stderr", pieces), daemon=True),
    ]
    for reader in readers:
        reader.start()

    def finish() -> None:
        code = _wait(process, alive)
        for reader in readers:
            # A grandchild may hold the pipe open for ever; what it writes after the end is nobody's.
            reader.join(timeout=1)
        pieces.put(("exit", code))

    threading.Thread(target=finish, daemon=True).start()
    while True:
        piece = pieces.get()
        yield piece
        if piece[0] == "exit":
            return


def stop_all() -> None:
    """End what is still running, as the engine ends the host."""
    for process in list(_running):
        process.terminate()


def _wait(process: subprocess.Popen[bytes], alive: Callable[[], bool]) -> int:
    _running.add(process)
    try:
        while True:
            try:
                return process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                if not alive():
                    process.send_signal(signal.SIGTERM)
    finally:
        _running.discard(process)


def _read(source: IO[bytes] | None, name: Literal["stdout", "stderr"], to: queue.SimpleQueue[Piece]) -> None:
    if source is None:
        return
    while data := os.read(source.fileno(), 65536):
        to.put((name, data))


def beside(name: str) -> str:
    """The path of an executable that stands beside this host's own."""
    return str(Path(os.environ["HA_MASTERS_TOOLCHAIN"]) / name)
