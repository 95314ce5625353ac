"""One lab's network, from `up` to `down`."""

from __future__ import annotations

import re
import socket
from typing import Any

from lab.network import links, namespaces
from lab.network.worker import Worker
from lab.simulator.context import Lab
from lab.simulator.operations import API

_ROUTER_SETTINGS = {
    "ip_forward": "1",
    "conf/all/rp_filter": "0",
    "conf/default/rp_filter": "0",
    "conf/all/send_redirects": "0",
    "conf/default/send_redirects": "0",
    "conf/all/arp_ignore": "0",
}


class Network:
    """Namespaces `hm-<tag>-router`, `hm-<tag>-client` and, for each VM that is attached, `hm-<tag>-vm-<id>`."""

    def __init__(self, lab: Lab, tag: str) -> None:
        if not re.fullmatch("[0-9a-f]{1,12}", tag):
            raise ValueError(f"tag {tag!r}: a few hex digits are needed")
        self.lab = lab
        self.tag = tag
        self.prefix = f"hm-{tag}-"
        self.router_namespace = f"{self.prefix}router"
        self.client_namespace = f"{self.prefix}client"
        """The outside world, where kubectl runs."""
        self._worker = Worker(self.router_namespace, self._reconcile)
        self._attached: set[str] = set()

    def up(self) -> None:
        """First removes what a crashed lab of this tag left behind."""
        namespaces.require()
        self._remove()
        for name in (self.router_namespace, self.client_namespace):
            namespaces.add(name)
        namespaces.configure(self.router_namespace, _ROUTER_SETTINGS)
        namespaces.ip([*links.router(), *links.outside(self.client_namespace)], self.router_namespace)
        namespaces.ip(links.client(), self.client_namespace)
        self._worker.start()

    def down(self) -> None:
        """Nothing stays behind: no namespace, link, rule or thread."""
        self._worker.stop()
        self._remove()

    def _remove(self) -> None:
        for name in namespaces.names(self.prefix):
            namespaces.delete(name)

    def listen(self, address: str, port: int) -> socket.socket:
        """A listening TCP socket inside the router, on one of its own addresses, to serve from any thread."""

        def make() -> socket.socket:
            made = socket.socket()
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((address, port))
            made.listen(128)
            return made

        return namespaces.inside(self.router_namespace, make)

    def attach(self, instance_id: str) -> str:
        """The name of the VM's namespace, ready: eth0 with its internal address, everything through the gateway."""
        return self._worker.call(lambda: self._attach(instance_id))

    def detach(self, instance_id: str) -> None:
        """Cuts the VM off and removes its namespace's name."""
        self._worker.call(lambda: self._detach(instance_id))

    def changed(self) -> None:
        """Something in the store may have changed."""
        self._worker.wake()

    def namespace(self, instance_id: str) -> str:
        return f"{self.prefix}vm-{instance_id}"

    # --- in the router's thread

    def _attach(self, instance_id: str) -> str:
        name = self.namespace(instance_id)
        if instance_id not in self._attached:
            nic = self._instance(instance_id)["networkInterfaces"][0]
            subnet = self.lab.store.get("subnetworks", nic["subnetwork"].removeprefix(API)) or {}
            address, gateway = nic["networkIP"], subnet["gatewayAddress"]
            namespaces.delete(name)
            namespaces.add(name)
            device = links.interface(instance_id)
            route = f"route replace {address}/32 dev {device}"
            namespaces.ip([*links.machine(instance_id, address, gateway, name), route])
            namespaces.ip(links.guest(address, gateway), name)
            self._attached.add(instance_id)
        return name

    def _instance(self, instance_id: str) -> dict[str, Any]:
        for _, instance in self.lab.store.list("instances"):
            if instance["id"] == instance_id:
                return instance
        raise LookupError(f"there is no instance with the id {instance_id}")

    def _detach(self, instance_id: str) -> None:
        if instance_id in self._attached:
            self._attached.discard(instance_id)
            namespaces.ip([f"link delete {links.interface(instance_id)}"])
        namespaces.delete(self.namespace(instance_id))

    def _reconcile(self) -> float | None:
        return None
