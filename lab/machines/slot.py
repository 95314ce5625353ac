"""Where one instance's machine stands or doesn't: takes orders one after the other, in a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Literal

from lab.machines.container import Container

log = logging.getLogger(__name__)

Order = Literal["on", "off", "cut", "reset", "freeze", "thaw"]

SHUTDOWN_SECONDS = 90.0
"""What Google gives a guest between the power button and the cut: https://cloud.google.com/compute/docs/instances/stop-start-instance."""

_CUT_SECONDS = 15.0


class Slot:
    """`power_on` makes the machine and gets what to call when that has ended. `off` is called when a machine has ended or
    could not be made, with True if it was to go on running.
    """

    def __init__(
        self,
        name: str,
        power_on: Callable[[Callable[[], None]], Container],
        off: Callable[[bool], None],
    ) -> None:
        self.name = name
        self._power_on, self._off = power_on, off
        self._orders: queue.Queue[Order | Literal["close"] | Container] = queue.Queue()
        self._machine: Container | None = None
        self._wanted = False
        self._thread = threading.Thread(target=self._run, name=f"slot-{name}", daemon=True)
        self._thread.start()

    @property
    def machine(self) -> Container | None:
        return self._machine

    def order(self, what: Order) -> None:
        self._orders.put(what)

    def close(self) -> None:
        """Cuts the power and ends the thread."""
        self._orders.put("close")

    def join(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        deadline: float | None = None
        while True:
            try:
                what = self._orders.get(
                    timeout=None if deadline is None else max(0.0, deadline - time.monotonic())
                )
            except queue.Empty:
                what = "cut"
            if what == "off":
                deadline = time.monotonic() + SHUTDOWN_SECONDS
            elif what != "freeze":
                deadline = None
            try:
                if self._take(what):
                    return
            except Exception:
                log.exception("machine %s: %s failed", self.name, what)

    def _take(self, what: Order | Literal["close"] | Container) -> bool:
        """Returns whether the slot is closed now."""
        machine = self._machine
        if isinstance(what, Container):
            if what is machine:
                self._machine = None
                self._off(self._wanted)
        elif what in ("on", "reset"):
            self._wanted = True
            if machine:
                self._end(machine)
            try:
                self._start()
            except Exception:
                self._off(True)
                raise
        elif what in ("off", "cut", "close"):
            self._wanted = False
            if machine and what == "off":
                machine.press_power_button()
            elif machine:
                self._end(machine)
                self._off(False)
        elif machine and what == "freeze":
            machine.freeze()
        elif machine and what == "thaw":
            machine.thaw()
        return what == "close"

    def _start(self) -> None:
        made: list[Container] = []
        ready = threading.Event()

        def ended() -> None:
            ready.wait()
            if made:
                self._orders.put(made[0])

        try:
            made.append(self._power_on(ended))
            self._machine = made[0]
        finally:
            ready.set()

    def _end(self, machine: Container) -> None:
        machine.cut()
        if not machine.wait_cleared(_CUT_SECONDS):
            log.error("machine %s doesn't end within %.0f s", self.name, _CUT_SECONDS)
        self._machine = None
