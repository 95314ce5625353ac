"""The router's whole nft ruleset as text, replaced in one transaction.

The order in which a packet meets it: `arrive` (spoofing, egress, forwarding rules), `to_machine` (an external
address becomes the VM's), routing by mark, `between`, `to_outside` (the VM's address becomes an external one),
`leave` (ingress, which thereby sees sources as the other side knows them; Google's probes start here).

Base chains accept by policy and end with a rule that drops: while a transaction is under way, its new and still
empty chains see packets already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lab.network import firewall, links
from lab.network.balance import Balance
from lab.network.topology import Firewall, Machine, Topology
from lab.simulator.services.compute.addresses import EXTERNAL

TRACKER_BITS = 16
_KNOWN = "ct state established,related"
_AFFINITY = {
    "CLIENT_IP": "ip saddr . ip daddr",
    "CLIENT_IP_PROTO": "ip saddr . ip daddr",
    "CLIENT_IP_NO_DESTINATION": "ip saddr",
}


@dataclass(frozen=True)
class LinkState:
    """What the API doesn't know. `numbers` of VMs, by id, mark connections; `attached`: the VMs that have a link."""

    numbers: Mapping[str, int]
    attached: frozenset[str]
    balances: tuple[Balance, ...] = ()
    partitions: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    """By the name of a VM, those that it lost, or None for everything."""


def render(topology: Topology, now: LinkState) -> str:
    return _Ruleset(topology, now).text()


def _set(items: Iterable[str]) -> str:
    return "{ " + ", ".join(items) + " }"


def _interfaces(machines: Iterable[Machine]) -> str:
    return _set(f'"{links.interface(m.id)}"' for m in machines)


class _Ruleset:
    def __init__(self, topology: Topology, now: LinkState) -> None:
        self.topology, self.now = topology, now
        self.machines = [m for m in topology.machines if m.id in now.attached]
        self.ranges = firewall.merged(r for n in topology.networks for r in n.ranges)
        self.chains: list[str] = []

    def text(self) -> str:
        self._chain("arrive", self._arrive(), "filter hook prerouting priority mangle")
        self._chain("to_machine", self._to_machine(), "nat hook prerouting priority dstnat")
        self._chain("local", self._local(), "filter hook input priority filter")
        self._chain("between", self._between(), "filter hook forward priority filter")
        self._chain("to_outside", self._to_outside(), "nat hook postrouting priority srcnat")
        self._chain("leave", self._leave(), "filter hook postrouting priority srcnat + 50")
        return "flush ruleset\ntable ip vpc {\n" + "\n".join(self.chains) + "\n}\n"

    def _chain(self, name: str, lines: list[str], hook: str = "") -> None:
        head = [f"type {hook}; policy accept;"] if hook else []
        body = "\n".join(f"\t\t{line}" for line in [*head, *lines])
        self.chains.append(f"\tchain {name} {{\n{body}\n\t}}")

    def _jumps(self, field: str, chain: str, verdict: str) -> list[str]:
        pairs = [
            f'"{links.interface(m.id)}" : {verdict} {chain}_{self.now.numbers[m.id]}' for m in self.machines
        ]
        return [f"{field} vmap {_set(pairs)}"] if pairs else []

    def _arrive(self) -> list[str]:
        known = [f'"{links.OUTSIDE}"', '"lo"', *(f'"{links.interface(m.id)}"' for m in self.machines)]
        lines = [f"iifname != {_set(known)} drop", f'iifname "{links.OUTSIDE}" jump from_outside']
        lines += [f'iifname "{links.interface(m.id)}" drop' for m in self._isolated()]
        lines += self._jumps("iifname", "from", "jump")
        for machine in self.machines:
            self._machine(machine)
        spoofed, strange = f"ip saddr != {links.CLIENTS} drop", f"ip daddr != {EXTERNAL} drop"
        self._chain("from_outside", [spoofed, strange])
        for balance in self.now.balances:
            lines.append(f"{self._match(balance)} goto rule_{balance.number}")
            self._chain(f"rule_{balance.number}", self._rule(balance))
        if taken := sorted({b.rule.address for b in self.now.balances}):
            lines.append(f"ip daddr {_set(taken)} ct state related meta mark set ct mark accept")
            lines.append(f"ip daddr {_set(taken)} drop")
        own = sorted({a for m in self.machines for a in (m.external, *(nat for _, nat in m.nat)) if a})
        other = f" ip daddr != {_set(own)}" if own else ""
        return [*lines, f"ip daddr {EXTERNAL}{other} drop"]

    def _machine(self, machine: Machine) -> None:
        number = self.now.numbers[machine.id]
        forwarded = sorted(
            {b.rule.address for b in self.now.balances if machine.id in b.kept + b.rule.members}
        )
        own = firewall.merged([machine.address, *machine.aliases, *machine.routed, *forwarded])
        outbound = [machine.address] if machine.external else [source for source, _ in machine.nat]
        inside = firewall.merged(self.topology.network(machine.network).ranges)
        google = machine.google_access or machine.way_out
        lines = [
            *([] if machine.forwards else [f"ip saddr != {_set(own)} drop"]),
            f"ip daddr {links.METADATA_SERVER} accept",
            f"{_KNOWN} return",
            *([f"ip daddr {_set(inside)} goto egress_{number}"] if inside else []),
            *([f"ip daddr {_set(self.ranges)} drop"] if self.ranges else []),
            f"ip daddr {links.GOOGLE_API_RANGE} " + (f"goto egress_{number}" if google else "drop"),
            *(f"ip saddr {source} goto egress_{number}" for source in [*outbound, *forwarded]),
            "drop",
        ]
        self._chain(f"from_{number}", [f"# {machine.name}", *lines])
        egress = firewall.rules_for(self.topology, machine, ingress=False)
        self._chain(
            f"egress_{number}", [line for rule in egress for line in self._firewall(rule, "daddr", "return")]
        )

    def _firewall(self, rule: Firewall, field: str, allow: str) -> list[str]:
        ranges = firewall.peers(self.topology, rule)
        where = "" if "0.0.0.0/0" in ranges else f"ip {field} {_set(ranges)} "
        lines = []
        for traffic in rule.traffic if ranges else ():
            protocol = firewall.number(traffic)
            what = "" if protocol is None else f"meta l4proto {protocol} "
            if traffic.ports:
                what += f"th dport {_ports(traffic.ports)} "
            lines.append(f'{where}{what}{allow if rule.allow else "drop"} comment "{rule.name}"')
        return lines

    def _match(self, balance: Balance) -> str:
        rule = balance.rule
        where = f"ip daddr {rule.address}"
        if rule.network:
            inside = [m for m in self.machines if m.network == rule.network]
            where = f"iifname {_interfaces(inside)} {where}" if inside else f'iifname "lo" {where}'
        if rule.protocol == "L3_DEFAULT":
            return where
        where += f" meta l4proto {firewall.PROTOCOLS[rule.protocol.lower()]}"
        return where + (f" th dport {_ports(rule.ports)}" if rule.ports else "")

    def _rule(self, balance: Balance) -> list[str]:
        """A connection goes on with its backend while it may; else it is a new one, to one of the eligible.

        What goes to a VM without a link (power cut) is lost in silence, as its packets are on GCE.
        """
        linked, lost = ([m for m in balance.kept if (m in self.now.attached) == has] for has in (True, False))
        lines = [f"# {balance.rule.name}"]
        if linked:
            lines.append(f"ct mark {self._marks(balance, linked)} meta mark set ct mark accept")
        if lost:
            lines.append(f"ct mark {self._marks(balance, lost)} drop")
        marks = [self._mark(balance, m) if m in self.now.attached else "0" for m in balance.eligible]
        if set(marks) <= {"0"}:
            return [*lines, "drop"]
        if len(marks) > 1:
            pairs = _set(f"{i} : {mark}" for i, mark in enumerate(marks))
            lines.append(f"ct mark set jhash {self._hashed(balance)} mod {len(marks)} seed 0x1 map {pairs}")
        else:
            lines.append(f"ct mark set {marks[0]}")
        return [*lines, "ct mark 0 drop", "meta mark set ct mark"]

    def _hashed(self, balance: Balance) -> str:
        rule = balance.rule
        affinity = rule.service.affinity if rule.service else "NONE"
        if affinity in _AFFINITY or rule.protocol not in ("TCP", "UDP"):
            return _AFFINITY.get(affinity, "ip saddr . ip daddr")
        return "ip saddr . ip daddr . th sport . th dport"

    def _mark(self, balance: Balance, machine_id: str) -> str:
        return f"{balance.number << TRACKER_BITS | self.now.numbers[machine_id]:#x}"

    def _marks(self, balance: Balance, ids: Iterable[str]) -> str:
        return _set(self._mark(balance, each) for each in ids)

    def _to_machine(self) -> list[str]:
        pairs = [f"{m.external} : {m.address}" for m in self.machines if m.external]
        return [f"dnat to ip daddr map {_set(pairs)}"] if pairs else []

    def _local(self) -> list[str]:
        served = _set([links.METADATA_SERVER, str(links.GOOGLE_API_RANGE)])
        return [
            'iifname "lo" accept',
            f"{_KNOWN} accept",
            f'iifname != "{links.OUTSIDE}" ip daddr {served} meta l4proto tcp accept',
            "drop",
        ]

    def _isolated(self) -> list[Machine]:
        return [m for name, lost in self.now.partitions.items() if lost is None for m in self._named(name)]

    def _named(self, name: str) -> list[Machine]:
        return [m for m in self.machines if m.name == name]

    def _between(self) -> list[str]:
        lines = []
        for name, lost in self.now.partitions.items():
            one, others = self._named(name), [m for n in sorted(lost or ()) for m in self._named(n)]
            if one and others:
                lines.append(f"iifname {_interfaces(one)} oifname {_interfaces(others)} drop")
                lines.append(f"iifname {_interfaces(others)} oifname {_interfaces(one)} drop")
        for network in self.topology.networks:
            inside = [m for m in self.machines if m.network == network.key]
            if inside and network.ranges:
                ranges = _set(firewall.merged(network.ranges))
                names = _interfaces(inside)
                lines.append(f"iifname {names} oifname != {names} ct original ip daddr {ranges} drop")
        return lines

    def _to_outside(self) -> list[str]:
        lines = []
        for machine in self.machines:
            inside = firewall.merged(self.topology.network(machine.network).ranges)
            way = [(machine.address, machine.external)] if machine.external else []
            for source, address in [*way, *machine.nat]:
                lines.append(f"ip saddr {source} ct original ip daddr != {_set(inside)} snat to {address}")
        return lines

    def _leave(self) -> list[str]:
        for machine in self.machines:
            ingress = firewall.rules_for(self.topology, machine, ingress=True)
            lines = [line for rule in ingress for line in self._firewall(rule, "saddr", "accept")]
            self._chain(f"ingress_{self.now.numbers[machine.id]}", [*lines, "drop"])
        return [
            'oifname "lo" accept',
            *(f'oifname "{links.interface(m.id)}" drop' for m in self._isolated()),
            f"{_KNOWN} accept",
            *self._jumps("oifname", "ingress", "goto"),
            f'oifname "{links.OUTSIDE}" accept',
            "drop",
        ]


def _ports(ports: Iterable[tuple[int, int]]) -> str:
    return _set(f"{a}-{b}" if a != b else f"{a}" for a, b in firewall.merged_ports(ports))
