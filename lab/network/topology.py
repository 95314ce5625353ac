"""What the API has been told about the network, as plain data; `reading` makes it from the store."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Machine:
    """A VM with its first interface. `serving`: it runs or is shutting down, so load balancers may use it."""

    id: str
    name: str
    network: str
    subnet: str
    address: str
    gateway: str
    aliases: tuple[str, ...] = ()
    routed: tuple[str, ...] = ()
    """Ranges that a custom route sends to it."""
    tags: frozenset[str] = frozenset()
    account: str = ""
    external: str = ""
    nat: tuple[tuple[str, str], ...] = ()
    """Source range and address of Cloud NAT, for each of its ranges that is covered."""
    google_access: bool = False
    forwards: bool = False
    """canIpForward: any source address is let through."""
    serving: bool = True

    @property
    def way_out(self) -> bool:
        return bool(self.external or self.nat)


@dataclass(frozen=True)
class Traffic:
    """Of a firewall rule: `protocol` is a name or a number, or 'all'; no ports are all ports."""

    protocol: str
    ports: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Firewall:
    name: str
    network: str
    ingress: bool
    allow: bool
    priority: int
    traffic: tuple[Traffic, ...]
    sources: tuple[str, ...] = ()
    source_tags: frozenset[str] = frozenset()
    source_accounts: frozenset[str] = frozenset()
    destinations: tuple[str, ...] = ()
    target_tags: frozenset[str] = frozenset()
    target_accounts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Check:
    """A health check. `kind` is TCP, SSL, HTTP or HTTPS; times in seconds."""

    kind: str
    port: int
    path: str = "/"
    host: str = ""
    interval: float = 5.0
    timeout: float = 5.0
    healthy: int = 2
    unhealthy: int = 2


@dataclass(frozen=True)
class Service:
    """A backend service, or a target pool; `members` are ids of VMs that serve."""

    key: str
    members: tuple[str, ...]
    check: Check | None
    affinity: str = "NONE"
    drain: float = 0.0
    persistence: str = "DEFAULT_FOR_PROTOCOL"
    drop_if_unhealthy: bool = False


@dataclass(frozen=True)
class Rule:
    """A forwarding rule, resolved to the VMs behind it. `network` only for an internal one; no ports are all."""

    id: str
    name: str
    address: str
    protocol: str
    target: str
    """Key of the target instance, target pool or backend service."""
    members: tuple[str, ...]
    ports: tuple[tuple[int, int], ...] = ()
    service: Service | None = None
    network: str = ""


@dataclass(frozen=True)
class Vpc:
    """A network. `internet`: its default route to the Internet is there."""

    key: str
    ranges: tuple[str, ...]
    internet: bool = True


@dataclass(frozen=True)
class Topology:
    machines: tuple[Machine, ...] = ()
    firewalls: tuple[Firewall, ...] = ()
    rules: tuple[Rule, ...] = ()
    services: tuple[Service, ...] = ()
    networks: tuple[Vpc, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Machine]:
        return {machine.id: machine for machine in self.machines}

    def network(self, key: str) -> Vpc:
        return self._networks.get(key) or Vpc(key, ())

    @cached_property
    def _networks(self) -> dict[str, Vpc]:
        return {network.key: network for network in self.networks}

    def named(self, name: str) -> list[Machine]:
        return [machine for machine in self.machines if machine.name == name]
