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
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "admin", "adopt", "--yes"],
        cwd=stack.folder,
        env=stack.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=stack.command_deadline_seconds,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, time.monotonic() - start)


def follow(stack: Stack, remedy: str) -> Outcome:
    """Types what `advice` has said."""
    return stack.run("cancel", "--yes", check=False) if remedy == "cancel" else adopt(stack)


def cut_off(stack: Stack, arm: Callable[[int], None], arguments: Sequence[str] = UP) -> Outcome:
    """A command of the engine in a session of its own, of which nothing is left once the engine is dead.

    `arm` gets the engine's process id, which is its process group's too.
    """
    stack.cloud.typed(f"pulumi {' '.join(arguments)}")
    start = time.monotonic()
    log = stack.folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
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
            _end_session(process.pid)
    return Outcome(code, log.read_text(), time.monotonic() - start)


def _end_session(leader: int) -> None:
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
)


def advice(output: str) -> tuple[str, ...]:
    """What the guide's table says to a command that failed so, besides running it again: `cancel`, `adopt`."""
    if _LOCKED in output:
        return ("cancel", "adopt")
    return ("adopt",) if any(text in output for text in _ADOPTED) else ()
