"""Processes that a lab started: known by pid and start time, so that a reused pid is never taken for ours."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "HA_MASTERS_LAB"
"""In the environment of everything that a lab starts: the lab's folder."""


@dataclass(frozen=True)
class Identity:
    """`started` tells two holders of one pid apart; it means nothing else."""

    pid: int
    started: str

    def alive(self) -> bool:
        return started(self.pid) == self.started


def started(pid: int) -> str | None:
    """Returns when the process started: this boot's id and clock ticks since (proc(5), field 22), else what ps says.

    None for a process that is gone or only waits for its parent to take notice.
    """
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return None if fields[0] in "ZX" else f"{boot}/{fields[19]}"
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip() or None


def start(command: list[str], *, cwd: Path, log: Path, mark: str) -> tuple[subprocess.Popen[bytes], Identity]:
    """Starts it in a session of its own, so that it outlives this terminal; output goes to the end of `log`."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=os.environ | {MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return process, Identity(process.pid, started(process.pid) or "gone at once")


def leftovers(leader: Identity, mark: str) -> list[Identity]:
    """Live processes of the leader's session that carry the lab's mark, the leader too. Linux only."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            session = int((entry / "stat").read_text().rpartition(")")[2].split()[3])
            ours = f"{MARK}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0")
            if session == leader.pid and ours and (began := started(int(entry.name))):
                found.append(Identity(int(entry.name), began))
    return found


def stop(leader: Identity, mark: str, patience: float = 10.0) -> bool:
    """Sends TERM to the leader, then KILL to what remains of its session. Returns whether there was anything to stop."""
    remaining = {*leftovers(leader, mark)} | ({leader} if leader.alive() else set())
    if not remaining:
        return False
    if leader.alive():
        _signal(leader, signal.SIGTERM)
        wait(lambda: not leader.alive(), patience)
    for process in {*leftovers(leader, mark), leader}:
        _signal(process, signal.SIGKILL)
    wait(lambda: not leader.alive() and not leftovers(leader, mark), patience)
    return True


def wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _signal(process: Identity, number: int) -> None:
    if process.alive():
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
