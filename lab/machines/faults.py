"""Faults of machines, ordered by people and tests.

{"kind": "halt"}                          the power is cut; the instance is TERMINATED until somebody starts it, or until
                                          its managed group makes it anew, which is at once
{"kind": "freeze"}                        nothing on it moves any more; `thaw` ends that
{"kind": "thaw"}
{"kind": "partition", "from": ["name"]}   no packet between it and those; without `from`, none at all; `heal` ends that
{"kind": "heal"}
{"kind": "disk-loss"}                     the power is cut and its data disk is blank from then on; it starts again at once
"""

from __future__ import annotations

from typing import Any

from lab.machines.fleet import Fleet

KINDS = ("halt", "freeze", "thaw", "partition", "heal", "disk-loss")


def order(fleet: Fleet, name: str, spec: dict[str, Any]) -> None:
    """Returns when it has taken effect. Raises LookupError or ValueError, for people."""
    kind = spec.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; use one of {', '.join(KINDS)}")
    if unknown := set(spec) - {"kind", "from"}:
        raise ValueError(f"a fault has no field {', '.join(sorted(unknown))}")
    fleet.require(name, *(spec.get("from") or ()))
    fleet.lab.journal.record("fault", {"instance": name} | spec)
    match kind:
        case "halt":
            fleet.crash(name)
        case "freeze":
            fleet.find(name).freeze()
        case "thaw":
            fleet.find(name).thaw()
        case "partition":
            fleet.network.partition(name, spec.get("from"))
        case "heal":
            fleet.network.heal(name)
        case "disk-loss":
            fleet.crash(name)
            fleet.blank_disk(name)
            fleet.restart(name)


def zone(fleet: Fleet, name: str) -> list[str]:
    """Cuts the power of all machines of a zone at once, as when a zone goes out. Returns their names."""
    struck = fleet.in_zone(name)
    fleet.lab.journal.record("fault", {"kind": "zone-outage", "zone": name, "instances": struck})
    fleet.crash(*struck)
    return struck
