"""Faults of machines, ordered by people and tests.

{"kind": "halt"}                          the power is cut; the instance is TERMINATED until somebody starts it, or until
                                          its managed group makes it anew, which is at once
{"kind": "freeze"}                        nothing on it moves any more; `thaw` ends that
{"kind": "thaw"}
{"kind": "partition", "from": ["name"]}   no packet between it and those; without `from`, none at all; `heal` ends that
{"kind": "heal"}
{"kind": "disk-loss"}                     the power is cut and its data disk is blank from then on; it starts again at once
{"kind": "networkd-restart"}              systemd-networkd was upgraded, and the routes of Google's guest agent are gone
                                          until it has a reason to add them again
                                          (GoogleCloudPlatform/guest-agent#613)
"""

from __future__ import annotations

import subprocess
from typing import Any

from lab.machines.fleet import Fleet

KINDS = ("halt", "freeze", "thaw", "partition", "heal", "disk-loss", "networkd-restart")
AGENTS_ROUTES = ("ip", "route", "flush", "table", "local", "proto", "66")
"""66 marks what the guest agent adds: google-guest-agent, `proto_id` of its IpForwarding."""

_INSIDE_SECONDS = 30


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
        case "networkd-restart":
            _inside(fleet, name, *AGENTS_ROUTES)


def _inside(fleet: Fleet, name: str, *command: str) -> None:
    """Raises LookupError if no such machine runs, or if it doesn't do it."""
    entered = fleet.find(name).command(*command)
    done = subprocess.run(
        entered,
        capture_output=True,
        text=True,
        timeout=_INSIDE_SECONDS,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise LookupError(f"`{' '.join(command)}` failed on {name}: {done.stderr.strip()}")


def zone(fleet: Fleet, name: str) -> list[str]:
    """Cuts the power of all machines of a zone at once, as when a zone goes out. Returns their names."""
    struck = fleet.in_zone(name)
    fleet.lab.journal.record("fault", {"kind": "zone-outage", "zone": name, "instances": struck})
    fleet.crash(*struck)
    return struck
