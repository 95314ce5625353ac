"""Waiting for a condition: the one way in which tests do it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE: Final = float(os.environ.get("HA_MASTERS_PATIENCE", "1"))
"""How many times as long as elsewhere a wait may take here: more than 1 on a computer that is emulated."""

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.002, 0.2


def until(
    what: str, condition: Callable[[], T], seconds: float = 30.0, tell: Callable[[], object] | None = None
) -> T:
    """Returns what `condition` gives as soon as that is something.

    Raises AssertionError after `seconds`, as often as PATIENCE says, with what was waited for, and with what there was
    instead as `tell` has it.
    """
    seconds *= PATIENCE
    end = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s for: {what}{f'; {tell()}' if tell else ''}")
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE_SECONDS, pause * 1.5)
    return found
