"""Waiting with a deadline, with progress, and with a reason at the end."""

from __future__ import annotations

import time
from collections.abc import Callable

from components.gates.cluster_status import Verdict

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 3.0
PROGRESS_EVERY_SECONDS = 15.0
STUCK_SECONDS = 60.0
"""For so long what is stuck is looked at again: it may be what was so before this update, and be reported late."""


class GateClosedError(Exception):
    """What was asked for did not come about in time; the next `pulumi up` tries again."""


def until_open(
    title: str,
    look: Callable[[], Verdict],
    *,
    deadline_seconds: float,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Looks until the verdict is open. Google's storage has no watch, so it asks, ever more seldom, up to every 3 s.

    An error of `look` counts as a closed gate: a reader that fails for a moment must not fail an update.
    """
    start = clock()
    wait, told, last_reason = FIRST_PAUSE_SECONDS, start, ""
    went_on = start
    while True:
        verdict = seen(look)
        now = clock()
        if verdict.open:
            if verdict.reason:
                say(f"{title}: {verdict.reason}")
            return
        went_on = went_on if verdict.stuck else now
        if now - start >= deadline_seconds or now - went_on >= STUCK_SECONDS:
            raise GateClosedError(
                f"{title}: not after {now - start:.0f} s: {verdict.reason}. Once that is mended, run `pulumi up` "
                "again; it goes on from here, or back if the change is taken back"
            )
        if verdict.reason != last_reason or now - told >= PROGRESS_EVERY_SECONDS:
            say(f"{title}: {verdict.reason} ({now - start:.0f} s of {deadline_seconds:.0f} s)")
            told, last_reason = now, verdict.reason
        pause(min(wait, deadline_seconds - (now - start)))
        wait = min(wait * 1.5, LONGEST_PAUSE_SECONDS)


def seen(look: Callable[[], Verdict]) -> Verdict:
    """Returns the verdict; a closed one where nothing can be seen."""
    try:
        return look()
    except OSError as error:  # `requests` raises nothing else for what a network does.
        return Verdict(False, f"can't be seen: {error}")
