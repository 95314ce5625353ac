"""What the stack's last state says of its masters: the program's only look at the past.

Asked of the backend through the engine, which a preview can always reach, rather than of the cluster, which may be down.
It is the state itself and not the stack's outputs, because an update that failed half-way wrote no outputs, and its
machines are the ones that must be treated with care.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

INSTANCE = "gcp:compute/instance:Instance"


@dataclass(frozen=True, slots=True)
class KnownMaster:
    """A master whose VM stands in the state."""

    identity: str
    zone: str

    @property
    def name(self) -> str:
        """The replica's name: its identity without the zone's letter."""
        return self.identity.rpartition("-")[0]


def masters_of(resources: Mapping[str, Any]) -> tuple[KnownMaster, ...]:
    """The masters among a state's resources, which come as URN to `{"type", "outputs"}`; sorted by identity."""
    found = []
    for resource in resources.values():
        outputs = resource.get("outputs") or {}
        identity = (outputs.get("metadata") or {}).get("replica")
        if resource.get("type") == INSTANCE and identity:
            found.append(KnownMaster(identity, outputs["zone"]))
    return tuple(sorted(found, key=lambda master: master.identity))


def known_masters() -> tuple[KnownMaster, ...]:
    """The masters of this stack as of now; none before its first update."""
    own = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    reply = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": own}).value
    return masters_of((reply or {}).get("outputs") or {})
