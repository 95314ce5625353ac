"""Programs of the machine's own, run with a deadline. What they say when they fail becomes the reason."""

from __future__ import annotations

import subprocess
from typing import Protocol

SECONDS = 120.0


class MachineError(Exception):
    """Something on this machine stands in the way; the message says what, and what helps."""


class Commands(Protocol):
    """What runs programs on the machine."""

    def run(
        self, *command: str, allow: tuple[int, ...] = (), seconds: float = SECONDS
    ) -> tuple[int, str]: ...


class LocalCommands:
    """Runs them as this process's children, for so many seconds at most."""

    def run(self, *command: str, allow: tuple[int, ...] = (), seconds: float = SECONDS) -> tuple[int, str]:
        """Returns the exit code, which is 0 or among `allow`, and standard output. Raises MachineError."""
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds,
                stdin=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            raise MachineError(f"the program {command[0]} is not installed") from None
        except subprocess.TimeoutExpired:
            raise MachineError(f"`{' '.join(command)}` did not end within {seconds:.0f} s") from None
        if done.returncode and done.returncode not in allow:
            said = (done.stderr or done.stdout).strip()[-400:]
            raise MachineError(f"`{' '.join(command)}` failed with {done.returncode}: {said}")
        return done.returncode, done.stdout
