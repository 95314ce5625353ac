"""Processes of a project's Python, and their output."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Piece:
    """Some output, or the end: the last piece alone has an exit code."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int | None = None


_TIED = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15); os.execv(sys.argv[1], sys.argv[1:])"
"""PR_SET_PDEATHSIG with SIGTERM, then the command itself in the same process."""

_running: set[subprocess.Popen[bytes]] = set()


def _tied(command: Sequence[str]) -> list[str]:
    """The command, ended when the host is, however it ends: the engine kills a host that it is done with.

    Not by `preexec_fn`: Python code between fork and exec can crash where gRPC's threads run.
    """
    return [sys.executable, "-I", "-S", "-c", _TIED, *map(str, command)]


def run(command: Sequence[str], cwd: str, environment: Mapping[str, str], alive: Callable[[], bool]) -> int:
    """Run `command` with this process's own output, which the engine reads, and return its exit code.

    `alive` tells if the engine still wants the answer; when it does not, the process is stopped.
    """
    with subprocess.Popen(_tied(command), cwd=cwd or None, env=dict(environment)) as process:
        return _wait(process, alive)


def stream(
    command: Sequence[str], cwd: str, environment: Mapping[str, str], alive: Callable[[], bool]
) -> Iterator[Piece]:
    """Run `command` and give its output as it comes, then its exit code."""
    pieces: queue.SimpleQueue[Piece] = queue.SimpleQueue()
    process = subprocess.Popen(
        _tied(command),
        cwd=cwd or None,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    readers = [
        threading.Thread(
            target=_read, args=(process.stdout, lambda data: pieces.put(Piece(stdout=data))), daemon=True
        ),
        threading.Thread(
            target=_read, args=(process.stderr, lambda data: pieces.put(Piece(stderr=data))), daemon=True
        ),
    ]
    for reader in readers:
        reader.start()

    def finish() -> None:
        code = _wait(process, alive)
        for reader in readers:
            # A grandchild may hold the pipe open for ever; what it writes after the end is nobody's.
            reader.join(timeout=1)
        pieces.put(Piece(exit_code=code))

    threading.Thread(target=finish, daemon=True).start()
    while True:
        piece = pieces.get()
        yield piece
        if piece.exit_code is not None:
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


def _read(source: IO[bytes] | None, give: Callable[[bytes], None]) -> None:
    while source is not None and (data := os.read(source.fileno(), 65536)):
        give(data)


def beside(name: str) -> str:
    """The path of an executable that stands beside this host's own."""
    return str(Path(os.environ["HA_MASTERS_TOOLCHAIN"]) / name)
