"""Faults of machines, ordered by people and tests.

{"kind": "halt"}                          the power is cut; the instance is TERMINATED until somebody starts it
{"kind": "freeze"}                        nothing on it moves any more; `thaw` ends that
{"kind": "thaw"}
{"kind": "partition", "from": ["name"]}   no packet between it and those; without `from`, none at all; `heal` ends that
{"kind": "heal"}
{"kind": "disk-loss"}                     the power is cut and its data disk is blank from then on; it starts again at once
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.machines.fleet import Machines

KINDS = ("halt", "freeze", "thaw", "partition", "heal", "disk-loss")


def order(machines: Machines, name: str, spec: dict[str, Any]) -> None:
    """Returns when it has taken effect. Raises LookupError or ValueError, for people."""
    kind = spec.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; use one of {', '.join(KINDS)}")
    if unknown := set(spec) - {"kind", "from"}:
        raise ValueError(f"a fault has no field {', '.join(sorted(unknown))}")
    machines.require(name, *(spec.get("from") or ()))
    machines.lab.journal.record("fault", {"instance": name} | spec)
    match kind:
        case "halt":
            machines.crash(name)
        case "freeze":
            machines.find(name).freeze()
        case "thaw":
            machines.find(name).thaw()
        case "partition":
            machines.network.partition(name, spec.get("from"))
        case "heal":
            machines.network.heal(name)
        case "disk-loss":
            machines.crash(name)
            machines.blank_disk(name)
            machines.restart(name)


def zone(machines: Machines, name: str) -> list[str]:
    """All machines of a zone lose their power at once, as when a zone goes out. Their names."""
    struck = machines.in_zone(name)
    machines.lab.journal.record("fault", {"kind": "zone-outage", "zone": name, "instances": struck})
    for each in struck:
        machines.cut(each)
    for each in struck:
        machines.crash(each)
    return struck
