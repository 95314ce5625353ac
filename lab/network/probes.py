"""Health probes as Google's: real connections from the documented range, each steered to one VM by its mark."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lab.network import links, namespaces
from lab.network.topology import Check, Topology

log = logging.getLogger(__name__)
Key = tuple[str, str]
"""Path of a backend service or target pool, and VM's id."""
_JOIN_SECONDS = 10.0


@dataclass(frozen=True)
class Target:
    service: str
    machine: str
    name: str
    address: str
    mark: int
    check: Check

    @property
    def key(self) -> Key:
        return self.service, self.machine


def targets(topology: Topology, numbers: dict[str, int]) -> list[Target]:
    """One for each member of each backend service or target pool: at its rule's address, or without one at the VM's own."""
    address = {rule.service.key: rule.address for rule in reversed(topology.rules) if rule.service}
    return [
        Target(
            service.key, vm.id, vm.name, address.get(service.key, vm.address), numbers[vm.id], service.check
        )
        for service in topology.services
        if service.check
        for vm in (topology.by_id[member] for member in service.members)
    ]


class Prober:
    """A thread with a loop in the router's namespace. A VM is unhealthy until enough probes in a row succeed."""

    def __init__(self, namespace: str, changed: Callable[[Target, bool], None]) -> None:
        self.healthy: frozenset[Key] = frozenset()
        self._namespace = namespace
        self._changed = changed
        self._tasks: dict[Key, tuple[Target, asyncio.Task[None]]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"probes-{namespace}", daemon=True)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=_JOIN_SECONDS)

    def aim(self, wanted: Iterable[Target]) -> None:
        """Probe these and no others, from any thread."""
        self._loop.call_soon_threadsafe(self._aim, {target.key: target for target in wanted})

    def _run(self) -> None:
        namespaces.enter(self._namespace)
        self._loop.run_forever()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        tasks = [task for _, task in self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _aim(self, wanted: dict[Key, Target]) -> None:
        for key, (target, task) in list(self._tasks.items()):
            if wanted.get(key) != target:
                task.cancel()
                del self._tasks[key]
            if key not in wanted:
                self._judge(target, well=False)
        for key, target in wanted.items():
            if key not in self._tasks:
                self._tasks[key] = target, self._loop.create_task(self._watch(target))

    def _judge(self, target: Target, *, well: bool) -> None:
        if (target.key in self.healthy) != well:
            self.healthy = self.healthy | {target.key} if well else self.healthy - {target.key}
            self._changed(target, well)

    async def _watch(self, target: Target) -> None:
        """Probe at the check's pace; so many equal results in a row change what is held of the VM."""
        check, last, streak = target.check, None, 0
        while True:
            began = self._loop.time()
            well = await self._probe(target)
            streak = streak + 1 if well == last else 1
            last = well
            if streak >= (check.healthy if well else check.unhealthy):
                self._judge(target, well=well)
            await asyncio.sleep(began + check.interval - self._loop.time())

    async def _probe(self, target: Target) -> bool:
        try:
            async with asyncio.timeout(target.check.timeout):
                return await self._ask(target)
        except (OSError, TimeoutError, ValueError):
            return False
        except Exception:
            log.exception("the probe of %s failed", target.name)
            return False

    async def _ask(self, target: Target) -> bool:
        check = target.check
        with socket.socket() as made:
            made.setblocking(False)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, target.mark)
            made.bind((links.PROBER, 0))
            await self._loop.sock_connect(made, (target.address, check.port))
            if check.kind == "TCP":
                return True
            tls = self._tls if check.kind in ("SSL", "HTTPS") else None
            reader, writer = await asyncio.open_connection(
                sock=made, ssl=tls, server_hostname="" if tls else None
            )
            try:
                if check.kind == "SSL":
                    return True
                host = check.host or target.address
                head = f"GET {check.path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: GoogleHC/1.0\r\n"
                writer.write(f"{head}Connection: close\r\n\r\n".encode())
                status = await reader.readline()
                return status.split(b" ")[1:2] == [b"200"]
            finally:
                writer.transport.abort()
