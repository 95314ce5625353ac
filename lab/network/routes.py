"""The router's ways to the VMs, and the commands that lead from those it has to those it should have."""

from __future__ import annotations

from collections.abc import Mapping

from lab.network.links import interface
from lab.network.topology import Topology

_MARK_MASK = "0xffff"
_FIRST_TABLE = 1000


def wanted(topology: Topology, numbers: Mapping[str, int]) -> dict[str, str]:
    """Command by command: what adds an entry, and what takes it away again. In the order of adding."""
    found: dict[str, str] = {}
    for machine in topology.machines:
        number = numbers.get(machine.id)
        if number is None:
            continue
        device = interface(machine.id)
        via = f"via {machine.address} dev {device} onlink"
        for way in [
            f"{machine.address} dev {device}",
            *(f"{r} {via}" for r in machine.aliases + machine.routed),
        ]:
            found[f"route replace {way}"] = f"route delete {way}"
        table = f"table {_FIRST_TABLE + number}"
        found[f"route replace default {via} {table}"] = f"route delete default {via} {table}"
        rule = f"fwmark {number:#x}/{_MARK_MASK} {table} priority {_FIRST_TABLE + number}"
        found[f"rule add {rule}"] = f"rule delete {rule}"
    return found


def additions(have: Mapping[str, str], want: Mapping[str, str]) -> list[str]:
    return [add for add in want if add not in have]


def removals(have: Mapping[str, str], want: Mapping[str, str]) -> list[str]:
    """Last added first. Some may be gone already: with their link, or replaced by an addition."""
    return [undo for add, undo in reversed(list(have.items())) if add not in want]
