"""All modelled machines of one simulator, in one thread: events come in, guests look when their time has
come.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections import deque
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp

from lab.guest_model import routes
from lab.guest_model.bucket import MARKER, Bucket
from lab.guest_model.cloud import Cloud
from lab.guest_model.durations import Pace
from lab.guest_model.etcd import ModelEtcd
from lab.guest_model.faults import order
from lab.guest_model.guest import Guest
from lab.guest_model.instance import Doc, Machine
from lab.guest_model.view import Picture, picture
from lab.simulator import operations
from lab.simulator.api import Api
from lab.simulator.context import Lab

log = logging.getLogger(__name__)
_IDLE_SECONDS = 60.0
_STARTED = {"instance.started", "instance.reset", "instance.resumed"}
_STOPPED = {"instance.stopping", "instance.stopped", "instance.suspended", "instance.deleted"}


class GuestModel:
    """`start` subscribes, adopts the instances that run already and begins; `stop` ends the thread.

    Events only enter a queue, so no call of an API ever waits for a guest. What other threads ask (health,
    facts, console) comes from `Picture`, which is replaced as a whole.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.picture = Picture()
        self._api = Api(lab)
        self._guests: dict[str, Guest] = {}
        self._etcds: dict[str, ModelEtcd] = {}
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._pace: dict[str, Any] = {}
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
        lab.journal.add_fact_source("guestModel", lambda: self.picture.clusters)
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

    def fault(self, instance: str, spec: dict[str, Any]) -> str:
        """Order a fault on an instance, by its name; returns when it has taken effect. Empty, or what is
        wrong.
        """
        answer: dict[str, Any] = {"error": "the guest model doesn't answer", "done": threading.Event()}
        self._put("fault", {"instance": instance, "spec": spec, "answer": answer})
        answer["done"].wait(10)
        return str(answer["error"])

    @property
    def pace(self) -> Pace:
        """What the profile says, but for what was ordered."""
        return Pace.of(self.lab.latency).ordered(self._pace)

    def order_pace(self, seconds: dict[str, Any]) -> None:
        """In place of what was ordered before. Raises ValueError, for people."""
        Pace.of(self.lab.latency).ordered(seconds)
        self._pace = seconds

    def sockets(self) -> list[socket.socket]:
        """A model reaches the APIs without any."""
        return []

    def mounted(self, app: ASGIApp) -> ASGIApp:
        """The simulator's application with the model's paths in front."""
        return routes.mounted(app, self)

    # --- asked from other threads

    def _health(self, instance: Doc) -> str:
        return "HEALTHY" if str(instance.get("id")) in self.picture.ready else "UNHEALTHY"

    def _console(self, instance: Doc) -> str:
        return "".join(f"{line}\n" for line in self.picture.consoles.get(str(instance.get("id")), ()))

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
            done = guest.tick(self.lab.clock.time(), self.pace)
        except Exception as error:
            log.exception("the guest model of %s failed", guest.name)
            guest.due = self.lab.clock.time() + _IDLE_SECONDS
            done = f"the model failed: {error}"
        if guest.ready:
            self._causes.pop(guest.name, None)
        if done or before != (guest.written, guest.etcd.revision):
            self._changed(guest.machine.bucket, guest.name, done)

    def _changed(self, bucket: str, replica: str, what: str) -> None:
        """Everyone in the cluster looks again; the journal learns of it."""
        now = self.lab.clock.time()
        for guest in self._guests.values():
            if guest.machine.bucket == bucket and not guest.frozen and guest.boots_at <= now:
                guest.due = min(guest.due, now)
        before = self.picture.clusters
        self.picture = picture(self._guests.values(), self._etcds.values(), self._causes)
        if what or before != self.picture.clusters:
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
                if event == "instance.stopping" and (done := guest.leave(self.lab.clock.time())):
                    self._changed(guest.machine.bucket, guest.name, done)
                self._power_off(data["key"])
        elif event == "instance.metadata":
            self._metadata(data["key"], data["instance"])
        elif event == "fault":
            data["answer"]["error"] = order(self, data["instance"], data["spec"])
            data["answer"]["done"].set()
        elif event == "lab.reset":
            self._guests, self._etcds, self._buckets, self._causes = {}, {}, {}, {}
            self._pace = {}
            self.picture = Picture()

    def _object(self, bucket: str, name: str) -> None:
        mine = [each for (where, _), each in self._buckets.items() if where == bucket]
        for each in mine:
            each.changed(name)
        if name.startswith(("status/", "snapshots/")):
            return  # who wrote it has woken the others, if it says anything new
        now = self.lab.clock.time()
        for guest in self._guests.values():
            if guest.machine.bucket == bucket and guest.boots_at <= now and not guest.frozen:
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
        machine = Machine.of(self.lab.store, key, instance)
        if machine is None:
            return
        pace, now = self.pace, self.lab.clock.time()
        at = now + (pace.boot if delay is None else delay)
        cloud = Cloud(self._api, machine.account)
        where = (machine.bucket, machine.account)
        bucket = self._buckets.setdefault(where, Bucket(cloud, machine.bucket))
        bucket.forget()
        if machine.bucket not in self._etcds:
            self._etcds[machine.bucket] = ModelEtcd.load(self.lab.store, machine.bucket)
        guest = Guest(machine, cloud, bucket, self._etcds[machine.bucket], boots_at=at, due=at)
        guest.say(now, "boots")
        self._guests[key] = guest

    def _power_off(self, key: str) -> None:
        guest = self._guests.pop(key, None)
        if guest is None:
            return
        was_up = guest.etcd_running
        guest.halt(self.lab.clock.time())
        guest.etcd.elect(self.lab.clock.time(), self.pace.election)
        self._changed(guest.machine.bucket, guest.name, "is down" if was_up else "")

    def _metadata(self, key: str, instance: Doc) -> None:
        guest = self._guests.get(key)
        machine = Machine.of(self.lab.store, key, instance)
        if guest is None or machine is None:
            if machine and instance["status"] == "RUNNING":
                self._boot(key, instance, None)
            return
        if (machine.replica, machine.bucket, machine.account) != (
            guest.machine.replica,
            guest.machine.bucket,
            guest.machine.account,
        ):
            self._boot(key, instance, None)
            return
        guest.machine = replace(machine, disk=guest.machine.disk)
        guest.due = max(self.lab.clock.time(), guest.boots_at)

    # --- for `faults.order`

    def find(self, instance: str) -> Guest | None:
        return next((guest for guest in self._guests.values() if guest.machine.name == instance), None)

    def reboot(self, guest: Guest, cause: str) -> None:
        """Its machine starts anew, with what the fault left in place."""
        instance = self.lab.store.get("instances", guest.machine.key)
        failing, sync, abrupt = guest.failing, guest.sync_seconds, guest.abrupt
        self._power_off(guest.machine.key)
        if instance:
            self._boot(guest.machine.key, instance, None)
        if after := self._guests.get(guest.machine.key):
            after.failing, after.sync_seconds, after.abrupt = failing, sync, abrupt
        self._causes[guest.name] = cause

    def power_cut(self, guest: Guest, cause: str) -> None:
        """At once, and nobody ordered it by the API, which says TERMINATED from now on."""
        self._causes[guest.name] = cause
        self._power_off(guest.machine.key)
        operations.apply(self.lab, "instances.stopped", {"key": guest.machine.key})

    def struck(self, guest: Guest, cause: str, what: str) -> None:
        if cause:
            self._causes[guest.name] = cause
        guest.etcd.elect(self.lab.clock.time(), self.pace.election)
        self._changed(guest.machine.bucket, guest.name, what)
