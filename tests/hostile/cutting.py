"""Cutting an update off: at a call by the simulator itself, at a master's step as soon as the journal tells of it."""

from __future__ import annotations

import os
import re
import signal
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

import requests

from tests.crash.calls import OPERATOR, moments
from tests.hostile.histories import History
from tests.stack.harness import CLUSTER, Cloud

LOOK_SECONDS = 0.02
SECOND_SIGNAL_AFTER_SECONDS = 1.0
"""Between an operator's first Ctrl-C and the second."""
PATIENCE_SECONDS = 120.0
"""How long an operator looks at an update that waits for a machine that was struck, before two Ctrl-C."""
_VARYING = r"(\d{8}-\d{6}|[0-9a-f]{32,})"


def order_at_call(cloud: Cloud, history: History, pid: int) -> None:
    """What the simulator sends when this very call is made; a master's step is no call, and then it sends nothing."""
    found = re.fullmatch(r"([a-zA-Z]+(?:\.[a-zA-Z]+)+) (\S+?)(?: \(#(\d+)\))?", history.moment)
    if found is None or history.kind not in ("sigint", "sigint-twice", "sigkill"):
        return
    method, name, nth = found.groups()
    action: dict[str, Any] = {"type": "signal", "group": pid, "signal": "SIGINT"}
    if history.kind == "sigkill":
        action = {"type": "kill_pid", "pid": pid}
    resource = "(^|/)" + re.escape(name).replace(r"\*", _VARYING) + "$"
    cloud.fault(method=method, resource=resource, by=OPERATOR, nth=int(nth or 1), action=action)


class Watcher:
    """Acts once, as soon as the journal tells the history's moment; `befell` says whether it came."""

    def __init__(self, cloud: Cloud, history: History) -> None:
        self.befell = False
        self._cloud, self._history = cloud, history
        self._pid: int | None = None
        self._over = threading.Event()
        self._after = cloud.last()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def arm(self, pid: int) -> None:
        """Called with the engine's process id once it runs."""
        order_at_call(self._cloud, self._history, pid)
        self._pid = pid
        self._thread.start()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.ident:
            self._thread.join()
        # Who was killed in the middle of a call may have left no entry of it.
        self.befell = self.befell or self._cloud.has_fired()
        self._cloud.clear_faults()

    def _watch(self) -> None:
        entries: list[dict[str, Any]] = []
        while True:
            over = self._over.is_set()
            entries += self._cloud.entries(entries[-1]["seq"] if entries else self._after)
            if self._history.moment in moments(entries):
                self.befell = True
                self._act()
                return
            if over:  # And so this was the last look: what ended the update may have been the moment.
                return
            self._over.wait(LOOK_SECONDS)

    def _act(self) -> None:
        history = self._history
        if history.victim:
            strike(self._cloud, history.victim, history.kind)
            self._interrupt_twice(after=PATIENCE_SECONDS)
            return
        by_call = "." in history.moment.partition(" ")[0]
        if history.kind == "sigkill":
            self._send(signal.SIGKILL)
            return
        if not by_call:
            self._send(signal.SIGINT)
        if history.kind == "sigint-twice" and not self._over.wait(SECOND_SIGNAL_AFTER_SECONDS):
            self._send(signal.SIGINT)

    def _interrupt_twice(self, *, after: float) -> None:
        for pause in (after, SECOND_SIGNAL_AFTER_SECONDS):
            if self._over.wait(pause):
                return
            self._send(signal.SIGINT)

    def _send(self, what: signal.Signals) -> None:
        assert self._pid
        with suppress(ProcessLookupError):
            os.killpg(self._pid, what)


def strike(cloud: Cloud, replica: str, kind: str) -> bool:
    """False if no machine of this replica runs."""
    url = f"{cloud.url}/lab/v1/guests/{CLUSTER}-{replica}/fault"
    return requests.post(url, json={"kind": kind}, timeout=30).ok


def mend(cloud: Cloud, replica: str, kind: str) -> None:
    """What the operator does about it in the end: starts the machine, or restarts its agent. It may be gone already."""
    if kind == "hang":
        strike(cloud, replica, "clear")
        return
    path = f"zones/europe-west1-{replica[-1]}/instances/{CLUSTER}-{replica}"
    with suppress(requests.HTTPError):
        if cloud.compute("GET", path)["status"] == "TERMINATED":
            by_hand = {"authorization": "Bearer lab-somebody"}
            cloud.compute("POST", f"{path}/start", headers=by_hand)
