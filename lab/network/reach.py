"""Who reaches whom on which ports, for people: `lab net`. Computed from what the API was told, as the router does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from lab.network import firewall, links
from lab.network.firewall import EVERY_PORT, Ports
from lab.network.topology import Machine, Rule, Topology

OUTSIDE, PROBES = "outside", "Google's probes"
_PROTOCOLS = ("tcp", "udp")


@dataclass(frozen=True)
class Way:
    """`ports` by protocol, as `tcp 443,8080`; `note` says what else is worth knowing."""

    source: str
    destination: str
    ports: str
    note: str = ""


def table(topology: Topology, client: str = links.CLIENT_ADDRESSES[0]) -> list[Way]:
    """Every way that is open, and probes that are not. `client`: the address that stands for the outside."""
    return [
        *(
            way
            for one in topology.machines
            for two in topology.machines
            if one != two
            for way in _between(topology, one, two)
        ),
        *(way for machine in topology.machines for way in _outside(topology, machine, client)),
        *(way for rule in topology.rules for way in _to_rule(topology, rule, client)),
        *_probes(topology),
    ]


def text(ways: Iterable[Way]) -> str:
    """In columns, with a head."""
    rows = [("FROM", "TO", "PORTS", ""), *((w.source, w.destination, w.ports, w.note) for w in ways)]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    padded = ("  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[3]]) for row in rows)
    return "\n".join(line.rstrip() for line in padded) + "\n"


def ports_text(by_protocol: dict[str, Ports]) -> str:
    """Empty for none."""
    parts = []
    for protocol, ports in by_protocol.items():
        listed = ",".join(f"{a}-{b}" if a != b else f"{a}" for a, b in ports)
        parts += [f"{protocol} {'all' if ports == EVERY_PORT else listed}"] if ports else []
    return "; ".join(parts)


def _in(topology: Topology, machine: Machine, source: str) -> dict[str, Ports]:
    return {p: firewall.allowed(topology, machine, source, p, ingress=True) for p in _PROTOCOLS}


def _out(topology: Topology, machine: Machine, destination: str) -> dict[str, Ports]:
    return {p: firewall.allowed(topology, machine, destination, p, ingress=False) for p in _PROTOCOLS}


def _both(one: dict[str, Ports], other: dict[str, Ports]) -> dict[str, Ports]:
    return {p: firewall.common(one[p], other[p]) for p in _PROTOCOLS}


def _between(topology: Topology, one: Machine, two: Machine) -> list[Way]:
    if one.network != two.network:
        return []
    ports = ports_text(_both(_out(topology, one, two.address), _in(topology, two, one.address)))
    return [Way(one.name, two.name, ports)] if ports else []


def _outside(topology: Topology, machine: Machine, client: str) -> list[Way]:
    found = []
    if machine.external and (ports := ports_text(_in(topology, machine, client))):
        found.append(Way(OUTSIDE, machine.name, ports, f"at {machine.external}"))
    if machine.way_out and (ports := ports_text(_out(topology, machine, client))):
        found.append(Way(machine.name, OUTSIDE, ports, f"as {_seen_as(machine)}"))
    return found


def _seen_as(machine: Machine) -> str:
    own = [address for source, address in machine.nat if source == f"{machine.address}/32"]
    return machine.external or next(iter(own), "")


def _to_rule(topology: Topology, rule: Rule, client: str) -> list[Way]:
    protocols = _PROTOCOLS if rule.protocol == "L3_DEFAULT" else (rule.protocol.lower(),)
    served = {p: (rule.ports or EVERY_PORT) if p in protocols else () for p in _PROTOCOLS}
    members = [topology.by_id[m] for m in rule.members]
    name, behind = f"{rule.name} {rule.address}", ", ".join(m.name for m in members)

    def way(source: str, seen_as: str, out: dict[str, Ports]) -> list[Way]:
        open_in = reduce(_both, (_in(topology, m, seen_as) for m in members), served) if members else {}
        ports = ports_text(_both(out, open_in)) if open_in else ""
        return [Way(source, name, ports, f"to {behind}")] if ports else []

    found = [] if rule.network else way(OUTSIDE, client, dict.fromkeys(_PROTOCOLS, EVERY_PORT))
    for machine in topology.machines:
        if machine.id in rule.members:
            found.append(Way(machine.name, name, "all", "itself"))
        elif rule.network == machine.network or (not rule.network and _seen_as(machine)):
            seen_as = machine.address if rule.network else _seen_as(machine)
            found += way(machine.name, seen_as, _out(topology, machine, rule.address))
    return found


def _probes(topology: Topology) -> list[Way]:
    found = []
    for service in topology.services:
        for machine in (topology.by_id[m] for m in service.members) if service.check else ():
            port = service.check.port if service.check else 0
            open_in = _in(topology, machine, links.PROBER)["tcp"]
            let_in = any(low <= port <= high for low, high in open_in)
            note = f"for {service.key.rsplit('/', 1)[-1]}" + (
                "" if let_in else ": no firewall rule lets them in"
            )
            found.append(Way(PROBES, machine.name, f"tcp {port}" if let_in else "none", note))
    return found
