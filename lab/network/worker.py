"""The thread that lives in the router's namespace and alone changes it: jobs in order, and a reconcile when due."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from lab.network import namespaces

log = logging.getLogger(__name__)
T = TypeVar("T")
_GATHER_SECONDS = 0.002
_RETRY_SECONDS = 1.0
_CALL_SECONDS = 30.0


class Worker:
    """Runs `reconcile` after `wake`, and again a second later if it failed."""

    def __init__(self, namespace: str, reconcile: Callable[[], None]) -> None:
        self._namespace = namespace
        self._reconcile = reconcile
        self._bell = threading.Condition()
        self._jobs: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._due: float | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"network-{namespace}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._bell:
            self._stopping = True
            self._bell.notify()
        self._thread.join(timeout=_CALL_SECONDS)

    def wake(self) -> None:
        """Reconcile soon; what changes within the next moment is gathered into one."""
        self.wake_at(time.monotonic() + _GATHER_SECONDS)

    def wake_at(self, moment: float) -> None:
        """`moment` on the monotonic clock."""
        with self._bell:
            self._due = moment if self._due is None else min(self._due, moment)
            self._bell.notify()

    def call(self, job: Callable[[], T]) -> T:
        """What `job` gives in the router's namespace."""
        future: Future[T] = Future()
        with self._bell:
            if self._stopping:
                raise RuntimeError("the network is down")
            self._jobs.append((job, future))
            self._bell.notify()
        return future.result(timeout=_CALL_SECONDS)

    def _run(self) -> None:
        namespaces.enter(self._namespace)
        while True:
            with self._bell:
                while not self._jobs and not self._stopping and not self._is_due():
                    self._bell.wait(None if self._due is None else self._due - time.monotonic())
                if self._stopping:
                    for _, future in self._jobs:
                        future.set_exception(RuntimeError("the network is down"))
                    return
                jobs = list(self._jobs)
                self._jobs.clear()
                due = self._is_due()
                if due:
                    self._due = None
            for job, future in jobs:
                try:
                    future.set_result(job())
                except BaseException as error:
                    future.set_exception(error)
                    self.wake_at(time.monotonic() + _RETRY_SECONDS)
            if due:
                self._tick()

    def _is_due(self) -> bool:
        return self._due is not None and self._due <= time.monotonic()

    def _tick(self) -> None:
        try:
            self._reconcile()
        except Exception:
            log.exception("the network could not be reconciled")
            self.wake_at(time.monotonic() + _RETRY_SECONDS)
