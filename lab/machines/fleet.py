"""All VMs of one simulator as machines: what the API says of them becomes so, and what becomes of them the API says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn

from lab.machines import leftovers, watches
from lab.machines.container import Container, Hardware
from lab.machines.disks import Disks, detach
from lab.machines.guest_settings import ATTRIBUTES
from lab.machines.image import Image
from lab.machines.metadata_server import MetadataServer
from lab.machines.slot import Order, Slot
from lab.network import Network
from lab.network.links import GOOGLE_APIS, METADATA_SERVER
from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.operations import API

Doc = dict[str, Any]

_ORDERS: dict[str, Order] = {
    "instance.started": "on",
    "instance.stopping": "off",
    "instance.stopped": "cut",
    "instance.deleted": "cut",
    "instance.reset": "reset",
    "instance.suspended": "freeze",
    "instance.resumed": "thaw",
}
_DOWN_SECONDS = 30.0
_CRASH_SECONDS = 20.0
_SERIAL_BYTES = 1 << 20
"""What getSerialPortOutput has at most: https://cloud.google.com/compute/docs/troubleshooting/viewing-serial-port-output."""


class Fleet:
    """`start` brings the network up, and whatever instance runs already; `stop` cuts the power and removes all but disks.

    Everything lies below `folder`; `tag` tells this lab's namespaces and cgroups from another's.
    """

    def __init__(self, lab: Lab, folder: Path, tag: str, image: Image) -> None:
        self.lab, self.tag = lab, tag
        self.network = Network(lab, tag)
        self._folder, self._image = folder, image
        self._disks = Disks(folder / "disks")
        self._slots: dict[str, Slot] = {}
        self._lock = threading.Lock()
        self._metadata = MetadataServer(lab, ATTRIBUTES)
        self._server: uvicorn.Server | None = None
        self._unwatch: Callable[[], None] = lambda: None

    def start(self) -> None:
        leftovers.remove(self.tag, self._folder)
        watches.allow()
        self.network.up()
        self._serve_metadata()
        lab = self.lab
        for event, order in _ORDERS.items():
            lab.events.subscribe(event, lambda _order=order, **data: self._heard(_order, **data))
        lab.events.subscribe("lab.reset", lambda **_: self._forget_all())
        lab.guest_on = self._is_on
        lab.serial_source = self._serial
        lab.journal.add_fact_source("machines", self._facts)
        self._unwatch = lab.store.watch(
            ("disks",), lambda: threading.Thread(target=self._follow_disks).start()
        )
        self._follow_disks()
        for key, instance in lab.store.list("instances"):
            if instance["status"] == "RUNNING":
                self._slot(key, instance).order("on")
            elif instance["status"] == "STOPPING":
                operations.apply(lab, "instances.stopped", {"key": key})

    def stop(self) -> None:
        self._unwatch()
        self._forget_all()
        self._metadata.stop()
        if self._server:
            self._server.should_exit = True
        self.network.down()
        leftovers.remove(self.tag, self._folder)

    def sockets(self) -> Sequence[socket.socket]:
        """Where machines reach Google's APIs; the simulator serves there what it serves on loopback."""
        return (self.network.listen(GOOGLE_APIS, 80),)

    def find(self, name: str) -> Container:
        """Returns the machine of the instance of this name. Raises LookupError, for people, if none runs."""
        with self._lock:
            slots = [slot for slot in self._slots.values() if slot.name == name]
        for slot in slots:
            if machine := slot.machine:
                return machine
        on = sorted(slot.name for slot in self._slots.values() if slot.machine)
        raise LookupError(f"no machine {name} runs; there are: {', '.join(on) or 'none'}")

    def require(self, *names: str) -> None:
        """Raises LookupError, for people, if one of them is no instance's name."""
        known = sorted(doc["name"] for _, doc in self.lab.store.list("instances"))
        if unknown := sorted(set(names) - set(known)):
            raise LookupError(f"no machine {', '.join(unknown)}; there are: {', '.join(known) or 'none'}")

    def running(self) -> dict[str, Container]:
        with self._lock:
            return {slot.name: machine for slot in self._slots.values() if (machine := slot.machine)}

    def in_zone(self, zone: str) -> list[str]:
        """Returns the names of the machines that run there. Raises LookupError if none does."""
        placed = {doc["name"]: key.split("/")[3] for key, doc in self.lab.store.list("instances")}
        found = sorted(name for name in self.running() if placed.get(name) == zone)
        if not found:
            raise LookupError(f"no machine runs in zone {zone}")
        return found

    def crash(self, *names: str) -> None:
        """Cuts their power at once, though nobody ordered it by the API, and waits until that says TERMINATED; or until a
        managed group has made another of the name.
        """
        before = {name: self._found(name).get("id") for name in names}
        for name in names:
            with suppress(LookupError):
                self.find(name).cut()
        deadline = time.monotonic() + _CRASH_SECONDS
        for name, identity in before.items():
            while (now := self._found(name)).get("id") == identity and now.get("status") != "TERMINATED":
                if time.monotonic() > deadline:
                    raise LookupError(f"waited {_CRASH_SECONDS:.0f} s for {name} to be TERMINATED")
                time.sleep(0.02)

    def restart(self, name: str) -> None:
        """Starts the instance, as its automatic restart would."""
        for key, doc in self.lab.store.list("instances"):
            if doc["name"] == name:
                operations.apply(self.lab, "instances.restarted", {"key": key})

    def _found(self, name: str) -> Doc:
        """Empty if it is gone."""
        return next((doc for _, doc in self.lab.store.list("instances") if doc["name"] == name), {})

    def blank_disk(self, name: str) -> None:
        """Empties the data disks of an instance, which must not run."""
        for _, instance in self.lab.store.list("instances"):
            if instance["name"] == name:
                for disk_id, _, _ in self._data_disks(instance):
                    self._disks.blank(disk_id)

    # --- from the simulator's threads: nothing here blocks

    def _heard(self, order: Order, key: str, instance: Doc) -> None:
        self._slot(key, instance).order(order)
        if order == "cut" and self._instance(key, str(instance["id"])) is None:
            with self._lock:
                slot = self._slots.pop(key)
            slot.close()

    def _slot(self, key: str, instance: Doc) -> Slot:
        """Of this instance and no other: one that is made anew under its name, as a managed group does, has its own."""
        identity = str(instance["id"])
        with self._lock:
            if key not in self._slots:
                self._slots[key] = Slot(
                    instance["name"],
                    lambda ended: self._power_on(key, identity, ended),
                    lambda wanted: self._is_off(key, identity, wanted),
                )
            return self._slots[key]

    def _is_on(self, key: str) -> bool:
        slot = self._slots.get(key)
        return slot is not None and slot.machine is not None

    def _facts(self) -> Doc:
        return {slot.name: slot.machine is not None for slot in list(self._slots.values())}

    def _serial(self, instance: Doc) -> str:
        file = self.console(instance["name"])
        if not file.exists():
            return ""
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - _SERIAL_BYTES))
            return opened.read().decode(errors="replace")

    def console(self, name: str) -> Path:
        return self._folder / "consoles" / f"{name}.log"

    # --- in the slots' threads

    def _power_on(self, key: str, identity: str, ended: Callable[[], None]) -> Container:
        instance = self._instance(key, identity)
        if instance is None:
            raise LookupError(f"{key} is deleted already")
        boot = next(disk for disk in instance["disks"] if disk.get("boot"))
        loops: dict[str, str] = {}
        try:
            for disk_id, device, size in self._data_disks(instance):
                loops[f"/dev/disk/by-id/google-{device}"] = self._disks.attach(disk_id, size)
            hardware = Hardware(
                name=instance["name"],
                boot=self._disks.boot(self._disk_id(boot), self._image.containerd),
                root=self._image.root,
                namespace=self.network.attach(identity),
                cgroup=f"{leftovers.cgroup(self.tag)}/{identity}",
                console=self.console(instance["name"]),
                loops=loops,
            )
            machine = Container(hardware, ended)
        except BaseException:
            for device in loops.values():
                detach(device)
            raise
        self.lab.journal.record("machine", {"instance": instance["name"], "event": "on"})
        return machine

    def _is_off(self, key: str, identity: str, wanted: bool) -> None:
        """`wanted`: it was to go on running, so the guest itself went, or its host did."""
        self.network.detach(identity)
        self.lab.journal.record("machine", {"instance": key.rpartition("/")[2], "event": "off"})
        if wanted and self._instance(key, identity):
            operations.apply(self.lab, "instances.stopped", {"key": key})
        operations.advance(self.lab)

    def _instance(self, key: str, identity: str) -> Doc | None:
        """None if it is gone, also where another has its name now."""
        found = self.lab.store.get("instances", key)
        return found if found and str(found["id"]) == identity else None

    def _data_disks(self, instance: Doc) -> list[tuple[str, str, int]]:
        """Id, device name and size in GB."""
        found = []
        for attached in instance["disks"]:
            if not attached.get("boot"):
                disk = self.lab.store.get("disks", attached["source"].removeprefix(API)) or {}
                found.append((self._disk_id(attached), attached["deviceName"], int(disk.get("sizeGb", 10))))
        return found

    def _disk_id(self, attached: Doc) -> str:
        disk = self.lab.store.get("disks", attached["source"].removeprefix(API))
        if disk is None:
            raise LookupError(f"there is no disk {attached['source']}")
        return str(disk["id"])

    # --- the rest

    def _follow_disks(self) -> None:
        """Throws away the disks that the API has deleted, and lengthens those that it made larger, also while in use."""
        self._disks.keep(lambda: {str(disk["id"]) for _, disk in self.lab.store.list("disks")})
        for _, disk in self.lab.store.list("disks"):
            self._disks.grow(str(disk["id"]), int(disk["sizeGb"]))

    def _forget_all(self) -> None:
        with self._lock:
            slots, self._slots = list(self._slots.values()), {}
        for slot in slots:
            slot.close()
        for slot in slots:
            slot.join(_DOWN_SECONDS)

    def _serve_metadata(self) -> None:
        sock = self.network.listen(METADATA_SERVER, 80)
        config = uvicorn.Config(self._metadata.app, log_level="warning", access_log=False, lifespan="off")
        config.timeout_graceful_shutdown = 1
        self._server = uvicorn.Server(config)
        server = self._server
        threading.Thread(target=lambda: server.run(sockets=[sock]), name="metadata", daemon=True).start()
