"""Threads that nobody has to look after: one that an exception ends says so and begins again.

Each loop names the faults that it expects and goes on after them. What it didn't expect would end its thread, which
Python writes down nowhere but on standard error: the machine would look well, and do part of its work no more.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

AGAIN_SECONDS = 5.0


def kept(
    name: str, run: Callable[[], object], say: Callable[[str], None], again_seconds: float = AGAIN_SECONDS
) -> threading.Thread:
    """Starts `run` in a thread that ends with the process, or when `run` returns."""

    def for_ever() -> None:
        rest = threading.Event()
        while True:
            try:
                run()
            except Exception as error:
                say(f"{name}: ended by what nobody expected, and begins again: {error!r}")
                say(traceback.format_exc())
                rest.wait(again_seconds)
            else:
                return

    thread = threading.Thread(target=for_ever, name=name, daemon=True)
    thread.start()
    return thread
