"""All modelled machines of one simulator, in one thread: events come in, guests look when their time has come."""

from __future__ import annotations

import logging
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

from lab.guest_model import agent
from lab.guest_model.bucket import Bucket
from lab.guest_model.cloud import Cloud
from lab.guest_model.durations import Durations
from lab.guest_model.etcd import ModelEtcd
from lab.guest_model.guest import Guest
from lab.guest_model.instance import Doc, Instance
from lab.guest_model.view import Snapshot, snapshot
from lab.simulator import operations
from lab.simulator.api import Api
from lab.simulator.context import Lab
from node.contract import bucket_layout
from node.contract.bucket_layout import MARKER

log = logging.getLogger(__name__)
_IDLE_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_STARTED = {"instance.started", "instance.reset", "instance.resumed"}
_STOPPED = {"instance.stopping", "instance.stopped", "instance.suspended", "instance.deleted"}


class GuestModel:
    """`start` subscribes, adopts the instances that run already and begins; `stop` ends the thread.

    Events only enter a queue, so no call of an API ever waits for a guest. What other threads ask (health,
    facts, console) comes from `Snapshot`, which is replaced as a whole.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.snapshot = Snapshot()
        self._api = Api(lab)
        self._guests: dict[str, Guest] = {}
        self._etcds: dict[str, ModelEtcd] = {}
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._ordered_seconds: dict[str, Any] = {}
        self._causes: dict[str, str] = {}  # replica -> why its machine is down: api or fault
        self._queue: deque[tuple[str, dict[str, Any]]] = deque()
        self._bell = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        lab = self.lab
        for name in (
            *_STARTED,
            *_STOPPED,
            "instance.metadata",
            "lab.reset",
            "object.written",
            "object.deleted",
        ):
            lab.events.subscribe(name, lambda _name=name, **data: self._put(_name, data))
        lab.health_source = self._health
        lab.serial_source = self._console
        lab.journal.add_fact_source("guestModel", lambda: self.snapshot.clusters)
        for key, instance in lab.store.list("instances"):
            if instance["status"] == "RUNNING":
                self._put("adopt", {"key": key, "instance": instance})
        self._thread = threading.Thread(target=self._run, name="guest-model", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._bell:
            self._stopping = True
            self._bell.notify()
        if self._thread:
            self._thread.join(timeout=10)

    def ask(self, what: Callable[[], str]) -> str:
        """Runs `what` in the model's thread, between two looks of its guests. Returns what it says."""
        answer: SimpleQueue[str] = SimpleQueue()
        self._put("asked", {"what": what, "answer": answer})
        try:
            return answer.get(timeout=_ANSWER_SECONDS)
        except Empty:
            return "the guest model doesn't answer"

    @property
    def durations(self) -> Durations:
        """How long things take now: what the profile says, but for what was ordered."""
        return Durations.of(self.lab.latency).ordered(self._ordered_seconds)

    def order_durations(self, seconds: dict[str, Any]) -> None:
        """Replaces what was ordered before. Raises ValueError, for people."""
        Durations.of(self.lab.latency).ordered(seconds)
        self._ordered_seconds = seconds

    def sockets(self) -> Sequence[socket.socket]:
        """A model reaches the APIs without any."""
        return ()

    # --- asked from other threads

    def _health(self, instance: Doc, _behind: str) -> str:
        return "HEALTHY" if str(instance.get("id")) in self.snapshot.ready else "UNHEALTHY"

    def _console(self, instance: Doc) -> str:
        return "".join(f"{line}\n" for line in self.snapshot.consoles.get(str(instance.get("id")), ()))

    def _put(self, event: str, data: dict[str, Any]) -> None:
        with self._bell:
            self._queue.append((event, data))
            self._bell.notify()

    # --- the thread

    def _run(self) -> None:
        while True:
            with self._bell:
                if not self._queue and not self._stopping:
                    self._bell.wait(self._pause())
                if self._stopping:
                    return
                events = list(self._queue)
                self._queue.clear()
            for event, data in events:
                try:
                    self._take(event, data)
                except Exception:
                    log.exception("the guest model failed at %s", event)
            for guest in sorted(self._guests.values(), key=lambda guest: guest.due):
                if guest.due <= self.lab.clock.time():
                    self._tick(guest)

    def _pause(self) -> float:
        due = min(
            (guest.due for guest in self._guests.values()), default=_IDLE_SECONDS + self.lab.clock.time()
        )
        return min(_IDLE_SECONDS, max(0.0, due - self.lab.clock.time()))

    def _tick(self, guest: Guest) -> None:
        before = guest.written, guest.etcd.revision
        try:
            done = agent.tick(guest, self.lab.clock.time(), self.durations)
        except Exception as error:
            log.exception("the guest model of %s failed", guest.name)
            guest.due = self.lab.clock.time() + _IDLE_SECONDS
            done = f"the model failed: {error}"
        if guest.ready:
            self._causes.pop(guest.name, None)
        if done or before != (guest.written, guest.etcd.revision):
            self._changed(guest.instance.bucket, guest.name, done)

    def _changed(self, bucket: str, replica: str, what: str) -> None:
        """Everyone in the cluster looks again; the journal learns of it."""
        now = self.lab.clock.time()
        for guest in self._guests.values():
            if guest.instance.bucket == bucket and not guest.frozen and guest.boots_at <= now:
                guest.due = min(guest.due, now)
        before = self.snapshot.clusters
        self.snapshot = snapshot(self._guests.values(), self._etcds.values(), self._causes)
        if what or before != self.snapshot.clusters:
            self.lab.journal.record("guestModel", {"replica": replica, "event": what or "changed"})

    def _take(self, event: str, data: dict[str, Any]) -> None:
        if event.startswith("object."):
            self._object(data["bucket"], data["name"])
            if event == "object.deleted" and data["name"] == MARKER:
                self._forget(data["bucket"])
        elif event in _STARTED or event == "adopt":
            self._boot(data["key"], data["instance"], 0.0 if event == "adopt" else None)
        elif event in _STOPPED:
            if guest := self._guests.get(data["key"]):
                self._causes[guest.name] = "api"
                if event == "instance.stopping" and (done := agent.leave(guest, self.lab.clock.time())):
                    self._changed(guest.instance.bucket, guest.name, done)
                self._power_off(data["key"])
        elif event == "instance.metadata":
            self._metadata(data["key"], data["instance"])
        elif event == "asked":
            data["answer"].put(data["what"]())
        elif event == "lab.reset":
            self._guests, self._etcds, self._buckets, self._causes = {}, {}, {}, {}
            self._ordered_seconds = {}
            self.snapshot = Snapshot()

    def _object(self, bucket: str, name: str) -> None:
        mine = [each for (where, _), each in self._buckets.items() if where == bucket]
        for each in mine:
            each.changed(name)
        if name.startswith((bucket_layout.STATUSES, bucket_layout.SNAPSHOTS)):
            return  # who wrote it has woken the others, if it says anything new
        now = self.lab.clock.time()
        for guest in self._guests.values():
            if guest.instance.bucket == bucket and guest.boots_at <= now and not guest.frozen:
                guest.due = now

    def _forget(self, bucket: str) -> None:
        """The stack was destroyed: a cluster of which nothing lives goes with its marker."""
        etcd = self._etcds.get(bucket)
        if etcd and not etcd.live:
            etcd.erase()
            del self._etcds[bucket]
            self._guests = {key: guest for key, guest in self._guests.items() if guest.etcd is not etcd}
            self._changed(bucket, "", "the cluster is forgotten")

    def _boot(self, key: str, instance: Doc, delay: float | None) -> None:
        old = self._guests.get(key)
        if old:
            self._causes[old.name] = "api"
            self._power_off(key)
        master = Instance.of(self.lab.store, key, instance)
        if master is None:
            return
        durations, now = self.durations, self.lab.clock.time()
        at = now + (durations.boot if delay is None else delay)
        cloud = Cloud(self._api, master.account)
        where = (master.bucket, master.account)
        bucket = self._buckets.setdefault(where, Bucket(cloud, master.bucket))
        bucket.forget()
        if master.bucket not in self._etcds:
            self._etcds[master.bucket] = ModelEtcd.load(self.lab.store, master.bucket)
        guest = Guest(master, cloud, bucket, self._etcds[master.bucket], boots_at=at, due=at)
        guest.say(now, "boots")
        self._guests[key] = guest

    def _power_off(self, key: str) -> None:
        guest = self._guests.pop(key, None)
        if guest is None:
            return
        was_up = guest.etcd_running
        guest.halt(self.lab.clock.time())
        guest.etcd.elect(self.lab.clock.time(), self.durations.election)
        self._changed(guest.instance.bucket, guest.name, "is down" if was_up else "")

    def _metadata(self, key: str, instance: Doc) -> None:
        guest = self._guests.get(key)
        master = Instance.of(self.lab.store, key, instance)
        if guest is None or master is None:
            if master and instance["status"] == "RUNNING":
                self._boot(key, instance, None)
            return
        if (master.replica, master.bucket, master.account) != (
            guest.instance.replica,
            guest.instance.bucket,
            guest.instance.account,
        ):
            self._boot(key, instance, None)
            return
        guest.instance = replace(master, disk=guest.instance.disk)
        guest.due = max(self.lab.clock.time(), guest.boots_at)

    # --- for `faults.order`

    def find(self, instance: str) -> Guest | None:
        return next((guest for guest in self._guests.values() if guest.instance.name == instance), None)

    def reboot(self, guest: Guest, cause: str) -> None:
        """Restarts its machine, with what the fault left in place."""
        instance = self.lab.store.get("instances", guest.instance.key)
        failing, sync, abrupt = guest.failing, guest.sync_seconds, guest.abrupt
        self._power_off(guest.instance.key)
        if instance:
            self._boot(guest.instance.key, instance, None)
        if after := self._guests.get(guest.instance.key):
            after.failing, after.sync_seconds, after.abrupt = failing, sync, abrupt
        self._causes[guest.name] = cause

    def power_cut(self, guest: Guest, cause: str) -> None:
        """Cuts its power at once; nobody ordered that by the API, which says TERMINATED from now on."""
        self._causes[guest.name] = cause
        self._power_off(guest.instance.key)
        operations.apply(self.lab, "instances.stopped", {"key": guest.instance.key})

    def struck(self, guest: Guest, cause: str, what: str) -> None:
        if cause:
            self._causes[guest.name] = cause
        guest.etcd.elect(self.lab.clock.time(), self.durations.election)
        self._changed(guest.instance.bucket, guest.name, what)
