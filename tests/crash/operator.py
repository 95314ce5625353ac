"""What somebody types whose update was interrupted: exactly what `docs/guides/interrupted-updates.md` says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.stack.harness import Outcome, Stack

UP = ("up", "--yes", "--skip-preview")


def adopt(stack: Stack) -> Outcome:
    """`python -m admin adopt --yes`."""
    stack.cloud.typed("python -m admin adopt --yes")
    return _in_session(stack, [sys.executable, "-m", "admin", "adopt", "--yes"], "adopt.log")


def follow(stack: Stack, remedy: str) -> Outcome:
    """Types what `advice` has said."""
    return stack.run("cancel", "--yes", check=False) if remedy == "cancel" else adopt(stack)


def cut_off(stack: Stack, arm: Callable[[int], None], arguments: Sequence[str] = UP) -> Outcome:
    """A command of the engine in a session of its own, of which nothing is left once the engine is dead.

    `arm` gets the engine's process id, which is its process group's too.
    """
    stack.cloud.typed(f"pulumi {' '.join(arguments)}")
    command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
    return _in_session(stack, command, "up.log", arm)


def _in_session(
    stack: Stack, command: Sequence[str], name: str, arm: Callable[[int], None] = lambda _pid: None
) -> Outcome:
    """Into a file and not a pipe: a plugin that outlives the engine holds a pipe open, and nobody would see the deadline."""
    start = time.monotonic()
    log = stack.folder / name
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=stack.folder,
            env=stack.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        arm(process.pid)
        try:
            code = process.wait(timeout=stack.command_deadline_seconds)
        finally:
            end_session(process.pid)
    return Outcome(code, log.read_text(), time.monotonic() - start)


def end_session(leader: int) -> None:
    """Plugins have process groups of their own, so the session is what they share with the engine."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                os.kill(int(folder.name), signal.SIGKILL)
        except (OSError, IndexError):
            continue


_LOCKED = "is currently locked by"
_ADOPTED = (
    "pending operations from previous deployment",
    "already exists",
    "existing object already found",
    "at most one snapshot schedule",
    "is not a member of",
    "Invalid fingerprint",
    "is already being used by",
    "failed to load checkpoint",
    "Error deleting instance: googleapi: Error 404",
)


def advice(output: str) -> tuple[str, ...]:
    """What the guide's table says to a command that failed so, besides running it again: `cancel`, `adopt`."""
    if _LOCKED in output:
        return ("cancel", "adopt")
    return ("adopt",) if any(text in output for text in _ADOPTED) else ()
