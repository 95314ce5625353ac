"""Which firewall rules apply to a VM, in which order, and what they let through."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from lab.network.topology import Firewall, Machine, Topology, Traffic

PROTOCOLS = {"icmp": 1, "ipip": 4, "tcp": 6, "udp": 17, "esp": 50, "ah": 51, "sctp": 132}
Ports = tuple[tuple[int, int], ...]
EVERY_PORT: Ports = ((0, 65535),)


def rules_for(topology: Topology, machine: Machine, *, ingress: bool) -> list[Firewall]:
    """By priority, denials first among equals. After the last: ingress is denied, egress allowed."""
    found = [
        rule
        for rule in topology.firewalls
        if rule.ingress == ingress and rule.network == machine.network and _targets(rule, machine)
    ]
    return sorted(found, key=lambda rule: (rule.priority, rule.allow, rule.name))


def _targets(rule: Firewall, machine: Machine) -> bool:
    if not rule.target_tags and not rule.target_accounts:
        return True
    return bool(rule.target_tags & machine.tags) or machine.account in rule.target_accounts


def number(traffic: Traffic) -> int | None:
    """Of the IP protocol; None for all."""
    if traffic.protocol == "all":
        return None
    return PROTOCOLS.get(traffic.protocol) or int(traffic.protocol)


def peers(topology: Topology, rule: Firewall) -> list[str]:
    """The rule's other end as ranges, merged. A source tag means the VMs' internal addresses, not their aliases."""
    if not rule.ingress:
        return merged(rule.destinations)
    tagged = [
        machine.address
        for machine in topology.machines
        if machine.network == rule.network
        and (machine.tags & rule.source_tags or machine.account in rule.source_accounts)
    ]
    return merged([*rule.sources, *tagged])


def merged(ranges: Iterable[str]) -> list[str]:
    """IPv4 only, none within another: nft refuses sets whose ranges overlap."""
    networks = [ipaddress.IPv4Network(each) for each in ranges if ":" not in each]
    return [str(network) for network in ipaddress.collapse_addresses(networks)]


def merged_ports(ports: Iterable[tuple[int, int]]) -> Ports:
    """In order, touching ones joined."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ports):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def without(ports: Ports, taken: Ports) -> Ports:
    """What remains of `ports`."""
    left = list(ports)
    for low, high in taken:
        left = [
            part
            for a, b in left
            for part in ((a, min(b, low - 1)), (max(a, high + 1), b))
            if part[0] <= part[1]
        ]
    return merged_ports(left)


def common(ports: Ports, others: Ports) -> Ports:
    return without(ports, without(EVERY_PORT, others))


def allowed(topology: Topology, machine: Machine, peer: str, protocol: str, *, ingress: bool) -> Ports:
    """Destination ports on which `machine` may hear from the address `peer`, or speak to it."""
    other, wanted = ipaddress.IPv4Address(peer), PROTOCOLS[protocol]
    undecided, through = EVERY_PORT, Ports()
    for rule in rules_for(topology, machine, ingress=ingress):
        if not any(other in ipaddress.IPv4Network(each) for each in peers(topology, rule)):
            continue
        for traffic in rule.traffic:
            if number(traffic) in (None, wanted):
                decided = common(undecided, traffic.ports or EVERY_PORT)
                undecided = without(undecided, decided)
                through = merged_ports([*through, *(decided if rule.allow else ())])
    return through if ingress else merged_ports([*through, *undecided])
