"""Waiting for a condition: the one way in which tests do it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.002, 0.2


def until(
    what: str, condition: Callable[[], T], seconds: float = 30.0, tell: Callable[[], object] | None = None
) -> T:
    """Returns what `condition` gives as soon as that is something.

    Raises AssertionError after `seconds`, with what was waited for, and with what there was instead as `tell` has it.
    """
    end = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s for: {what}{f'; {tell()}' if tell else ''}")
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE_SECONDS, pause * 1.5)
    return found
