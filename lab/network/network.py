"""One lab's network, from `up` to `down`."""

from __future__ import annotations

import re
import socket
import time
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from lab.listening import listening
from lab.network import balance, links, namespaces, probes, routes, ruleset, topology_reader
from lab.network.topology import Machine, Topology
from lab.network.worker import Worker
from lab.simulator.context import HealthSource, Lab

_ROUTER_SETTINGS = {
    "ip_forward": "1",
    "conf/all/rp_filter": "0",
    "conf/default/rp_filter": "0",
    "conf/all/send_redirects": "0",
    "conf/default/send_redirects": "0",
}


class Network:
    """Namespaces `hm-<tag>-router`, `hm-<tag>-client` and, for each VM that is attached, `hm-<tag>-vm-<id>`.

    Everything in the router is done by one thread, so that nothing needs a lock and no call of the API waits. What is
    asked of it from other threads reads the store: never ask from within a transaction. An object goes up once.
    """

    def __init__(self, lab: Lab, tag: str) -> None:
        if not re.fullmatch("[0-9a-f]{1,12}", tag):
            raise ValueError(f"tag {tag!r}: a few hex digits are needed")
        self.lab = lab
        self.tag = tag
        self.prefix = f"hm-{tag}-"
        self.router_namespace = f"{self.prefix}router"
        self.client_namespace = f"{self.prefix}client"
        """The outside world, where kubectl runs."""
        self.took: deque[float] = deque(maxlen=1000)
        """Seconds of the last reconciles."""
        self._worker = Worker(self.router_namespace, self._reconcile)
        self._prober = probes.Prober(self.router_namespace, self._health_changed)
        self._balancer = balance.Balancer()
        self._attached: dict[str, Machine] = {}
        self._numbers: dict[str, int] = {}
        self._last_number = 0
        self._partitions: dict[str, frozenset[str] | None] = {}
        self._flips: deque[dict[str, Any]] = deque()
        self._text = ""
        self._routes: dict[str, str] = {}
        self._unwatch: Callable[[], None] = lambda: None
        self._former_source: HealthSource | None = None

    def up(self) -> None:
        """First removes what a crashed lab of this tag left behind."""
        namespaces.require()
        try:
            self._up()
        except BaseException:
            self.down()
            raise

    def _up(self) -> None:
        self._remove()
        for name in (self.router_namespace, self.client_namespace):
            namespaces.add(name)
        namespaces.configure(self.router_namespace, _ROUTER_SETTINGS)
        namespaces.ip([*links.router(), *links.outside(self.client_namespace)], self.router_namespace)
        namespaces.ip(links.client(), self.client_namespace)
        self._former_source, self.lab.health_source = self.lab.health_source, self.health
        self._worker.start()
        self._prober.start()
        self._worker.call(self._reconcile)
        self._unwatch = self.lab.store.watch(topology_reader.KINDS, self.changed)

    def down(self) -> None:
        """Nothing stays behind: no namespace, link, rule or thread."""
        self._unwatch()
        if self._former_source:
            self.lab.health_source, self._former_source = self._former_source, None
            devices = [links.OUTSIDE, *map(links.interface, self._attached)]
            self._worker.call(lambda: namespaces.ip([f"link delete {d}" for d in devices], force=True))
            self._worker.stop()  # Before the prober, whose aims it sets.
            self._prober.stop()
        self._remove()

    def _remove(self) -> None:
        for name in namespaces.names(self.prefix):
            namespaces.delete(name)

    def listen(self, address: str, port: int) -> socket.socket:
        """A listening TCP socket inside the router, on one of its own addresses, to serve from any thread."""
        return namespaces.inside(self.router_namespace, lambda: listening(address, port))

    def attach(self, instance_id: str) -> str:
        """The name of the VM's namespace, ready: eth0 with its internal address, everything through the gateway.

        LookupError if the API has no such instance, ValueError if another network's VM has its address.
        """
        return self._worker.call(lambda: self._attach(instance_id))

    def detach(self, instance_id: str) -> None:
        """Cuts the VM off, as a power cut does, and removes its namespace's name."""
        self._worker.call(lambda: self._detach(instance_id))

    def changed(self) -> None:
        """Something in the store may have changed; commits to what concerns the network say so by themselves."""
        self._worker.wake()

    def health(self, instance: dict[str, Any], behind: str) -> str:
        """As the prober sees it behind the backend service or target pool of this path."""
        return "HEALTHY" if (behind, instance["id"]) in self._prober.healthy else "UNHEALTHY"

    def partition(self, name: str, others: Collection[str] | None) -> None:
        """The VM loses these VMs, or with None everything, until `heal`. Established connections stall too."""
        self._partitions_become(self._partitions | {name: None if others is None else frozenset(others)})

    def heal(self, name: str) -> None:
        """Ends a partition; without one, nothing."""
        self._partitions_become({k: v for k, v in self._partitions.items() if k != name})

    def topology(self) -> Topology:
        """What `reach.table` is made of."""
        return topology_reader.read(self.lab.store)

    def namespace(self, instance_id: str) -> str:
        return f"{self.prefix}vm-{instance_id}"

    def _health_changed(self, target: probes.Target, well: bool) -> None:
        state = "HEALTHY" if well else "UNHEALTHY"
        service = target.service.rsplit("/", 1)[-1]
        self._flips.append({"instance": target.name, "backendService": service, "state": state})
        self._worker.wake()

    def _partitions_become(self, partitions: dict[str, frozenset[str] | None]) -> None:
        def become() -> None:
            self._partitions = partitions
            self._reconcile()

        self._worker.call(become)

    # --- in the router's thread

    def _attach(self, instance_id: str) -> str:
        name = self.namespace(instance_id)
        topology = self.topology()
        machine = topology.by_id.get(instance_id)
        if machine is None:
            raise LookupError(f"there is no instance with the id {instance_id}")
        attached = self._attached.get(instance_id)
        if attached and attached.address == machine.address:
            return name
        if attached:
            self._detach(instance_id)
        for other in self._attached.values():
            if other.address == machine.address and other.id in topology.by_id:
                raise ValueError(
                    f"VM {machine.name} has address {machine.address}, as VM {other.name} of another network has."
                    " A lab's router can't tell them apart: give the networks' subnets ranges of their own."
                )
        namespaces.delete(name)
        namespaces.add(name)
        namespaces.ip(links.machine(instance_id, machine.address, machine.gateway, name))
        namespaces.ip(links.guest(machine.address, machine.gateway), name)
        self._attached[instance_id] = machine
        self._reconcile()
        return name

    def _detach(self, instance_id: str) -> None:
        if self._attached.pop(instance_id, None):
            namespaces.ip([f"link delete {links.interface(instance_id)}"], force=True)
            self._reconcile()
        namespaces.delete(self.namespace(instance_id))

    def _number(self, topology: Topology) -> None:
        for machine in topology.machines:
            if machine.id not in self._numbers:
                self._last_number = self._last_number % 0xFFFF + 1
                self._numbers[machine.id] = self._last_number
        for gone in set(self._numbers) - set(topology.by_id):
            del self._numbers[gone]

    def _reconcile(self) -> None:
        """The router as the store has it now. New ways come before the rules that use them, old ones go after."""
        began = time.monotonic()
        topology = self.topology()
        self._number(topology)
        balances, until = self._balancer.update(topology, self._prober.healthy, began)
        attached = frozenset(self._attached)
        text = ruleset.render(
            topology, ruleset.LinkState(self._numbers, attached, tuple(balances), self._partitions)
        )
        ways = routes.wanted(topology, {k: n for k, n in self._numbers.items() if k in attached})
        namespaces.ip(routes.additions(self._routes, ways))
        self._routes = self._routes | ways
        if text != self._text:
            namespaces.nft(text)
            self._text = text
        namespaces.ip(routes.removals(self._routes, ways), force=True)
        self._routes = ways
        self._prober.aim(probes.targets(topology, self._numbers))
        self.took.append(time.monotonic() - began)
        while self._flips:
            self.lab.journal.record("health", self._flips.popleft())
        if until is not None:
            self._worker.wake_at(until)
