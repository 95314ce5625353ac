"""Which Nodes stand for VMs that are gone. Pure.

Until a cloud-controller-manager does it, nobody else deletes them: a kubelet never takes its Node away. A Node goes when
Compute Engine has had no VM of its name, in the zone that its name says, for `PATIENCE_SECONDS`. It goes at once when its
own annotation names another VM than the one of its name: that one was made anew, and has other pods' addresses, which a
Node can't change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from node.contract.pools import MACHINE

PATIENCE_SECONDS = 30.0
"""Two looks: nothing hangs on one answer. It needs no more, for a VM that is made anew under its name isn't the Node's."""


@dataclass(frozen=True)
class Node:
    """`instance_id` as its annotation has it, or empty."""

    name: str
    instance_id: str = ""


@dataclass(frozen=True)
class Missing:
    """Since when (monotonic) Nodes have had no VM, by name; kept from one look to the next."""

    since: Mapping[str, float] = field(default_factory=dict)


def zone_of(node: str, cluster: str, region: str) -> str:
    """Returns the zone of the worker of that name; empty for a Node that is no pool's, which is nobody's to delete here."""
    found = re.fullmatch(rf"{re.escape(cluster)}-[a-z0-9-]+-([a-z])-{MACHINE}", node)
    return f"{region}-{found[1]}" if found else ""


def gone(
    nodes: Iterable[Node], ids: Mapping[str, str], missing: Missing, now: float
) -> tuple[dict[str, str], Missing]:
    """Names of Nodes to delete, with the reason, and what to keep in mind.

    `nodes` are workers' only, seen before `ids`, which are those of all VMs in their zones by name.
    """
    found: dict[str, str] = {}
    since: dict[str, float] = {}
    for node in nodes:
        if node.name not in ids:
            since[node.name] = missing.since.get(node.name, now)
            if now - since[node.name] >= PATIENCE_SECONDS:
                found[node.name] = "its VM is gone"
        elif node.instance_id and node.instance_id != ids[node.name]:
            found[node.name] = f"its VM {node.instance_id} is gone, and {ids[node.name]} has its name"
    return found, Missing(since)
