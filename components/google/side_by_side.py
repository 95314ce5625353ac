"""Calls that are made all at once, under one deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from queue import Empty, Queue
from typing import Any

import requests

Outcome = Any
"""What a call returned, or the exception that it raised."""


def side_by_side(calls: Mapping[str, Callable[[], Any]], deadline_seconds: float) -> dict[str, Outcome]:
    """Makes every call in a thread of its own; one that is not back in time counts as a `TimeoutError`.

    The threads are daemons: the program ends without them.
    """
    done: Queue[tuple[str, Outcome]] = Queue()

    def run(name: str, call: Callable[[], Any]) -> None:
        try:
            done.put((name, call()))
        except Exception as error:
            done.put((name, error))

    end = time.monotonic() + deadline_seconds
    for name, call in calls.items():
        threading.Thread(target=run, args=(name, call), daemon=True).start()
    late = TimeoutError(f"no answer within {deadline_seconds:.1f} s")
    outcomes: dict[str, Outcome] = dict.fromkeys(calls, late)
    for _ in calls:
        try:
            name, outcome = done.get(timeout=max(0.0, end - time.monotonic()))
        except Empty:
            break
        outcomes[name] = outcome
    return outcomes


def why(error: Exception) -> str:
    """Returns the reason in a few words, as the end of a sentence."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"Google answered {error.response.status_code} {error.response.reason}"
    return str(error) or type(error).__name__
