"""Hooks inside the process.

Of compute, each with `key` (relative path) and `instance` (as the API shows it): `instance.started` (the guest boots),
`instance.stopping` (it is asked to shut down), `instance.stopped`, `instance.reset`, `instance.suspended`,
`instance.resumed`, `instance.metadata`, `instance.deleted`; with `key` and `rule`: `forwardingRule.changed` (created or
pointed elsewhere), `forwardingRule.deleted`. `lab.reset` has no data. Of storage: `object.written` and its like.

Subscribers are called after the commit, in order, in the thread of the call and without the store's lock. They
must not block: what takes time belongs into a thread of the subscriber.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from lab.simulator.store import Store

log = logging.getLogger(__name__)
Subscriber = Callable[..., None]


class Events:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._subscribers: dict[str, list[Subscriber]] = defaultdict(list)

    def subscribe(self, name: str, fn: Subscriber) -> None:
        """`fn` gets the event's data as keyword arguments. The name '*' gets all, with `event=` added."""
        self._subscribers[name].append(fn)

    def publish(self, name: str, **data: Any) -> None:
        """Inside a transaction: delivered after it commits, never if it rolls back."""
        self._store.after_commit(lambda: self._deliver(name, data))

    def _deliver(self, name: str, data: dict[str, Any]) -> None:
        for fn in list(self._subscribers[name]):
            try:
                fn(**data)
            except Exception:
                log.exception("a subscriber of %s failed", name)
        for fn in list(self._subscribers["*"]):
            try:
                fn(event=name, **data)
            except Exception:
                log.exception("a subscriber of all events failed at %s", name)
