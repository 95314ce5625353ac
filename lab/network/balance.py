"""Who behind a forwarding rule gets new connections, and whose established ones go on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lab.network.topology import Rule, Topology

Healthy = Collection[tuple[str, str]]
"""Backend service and VM."""


@dataclass(frozen=True)
class Balance:
    """`number` names the rule with this target in connection marks: one made again or pointed elsewhere has another.

    `eligible`: VMs that get new connections. `kept`: VMs whose connections go on, those that drain included.
    """

    rule: Rule
    number: int
    eligible: tuple[str, ...]
    kept: tuple[str, ...]


def eligible(rule: Rule, healthy: Healthy) -> tuple[str, ...]:
    """The healthy members, or all when none is: the load balancer's last resort."""
    service = rule.service
    if service is None or service.check is None:
        return rule.members
    well = tuple(m for m in rule.members if (service.key, m) in healthy)
    return well or (() if service.drop_if_unhealthy else rule.members)


def persists(rule: Rule) -> bool:
    """Whether connections stay with a backend that turns unhealthy."""
    mode = rule.service.persistence if rule.service else "ALWAYS_PERSIST"
    return mode == "ALWAYS_PERSIST" or (mode == "DEFAULT_FOR_PROTOCOL" and rule.protocol == "TCP")


class Balancer:
    """Remembers who left a backend service and until when their connections may last."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._members: dict[tuple[str, str], tuple[str, ...]] = {}
        self._draining: dict[tuple[str, str], dict[str, float]] = {}
        self._next = 1

    def update(self, topology: Topology, healthy: Healthy, now: float) -> tuple[list[Balance], float | None]:
        """One balance for each rule, and the moment when the next draining ends, if any."""
        serving = {machine.id for machine in topology.machines if machine.serving}
        balances, known = [], set()
        for rule in topology.rules:
            key = (rule.id, rule.target)
            known.add(key)
            draining = self._drain(key, rule, serving, now)
            chosen = eligible(rule, healthy)
            kept = (*(rule.members if persists(rule) else chosen), *draining)
            balances.append(Balance(rule, self._number(key), chosen, kept))
        for gone in set(self._numbers) - known:
            for memory in (self._numbers, self._members, self._draining):
                memory.pop(gone, None)
        return balances, min((end for d in self._draining.values() for end in d.values()), default=None)

    def _number(self, key: tuple[str, str]) -> int:
        if key not in self._numbers:
            self._numbers[key] = self._next
            self._next = self._next % 0x7FFF + 1
        return self._numbers[key]

    def _drain(self, key: tuple[str, str], rule: Rule, serving: set[str], now: float) -> tuple[str, ...]:
        """Who left while it still serves. A VM that is gone needs no time: there is nobody to finish."""
        seconds = rule.service.drain if rule.service else 0.0
        draining = self._draining.setdefault(key, {})
        for member in self._members.get(key, ()):
            if member not in rule.members and seconds:
                draining.setdefault(member, now + seconds)
        self._members[key] = rule.members
        for member, end in list(draining.items()):
            if end <= now or member in rule.members or member not in serving:
                del draining[member]
        return tuple(draining)
