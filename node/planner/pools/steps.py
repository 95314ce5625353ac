"""What can be done about pools. Each step may be tried again: the next look shows what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from node.contract.status import ZoneView
from node.planner.pools.seen import Pod


@dataclass(frozen=True)
class Grow:
    """Let the zone's group make machines of these names."""

    zone: str
    group: str
    machines: tuple[str, ...]

    def __str__(self) -> str:
        return f"makes {', '.join(self.machines)}"


@dataclass(frozen=True)
class Cordon:
    """Keep new pods off a node, and note on it since when it is drained."""

    node: str

    def __str__(self) -> str:
        return f"cordons {self.node}"


@dataclass(frozen=True)
class Uncordon:
    """Let pods onto a node again that was being drained and shall stay after all."""

    node: str

    def __str__(self) -> str:
        return f"uncordons {self.node}, which stays after all"


@dataclass(frozen=True)
class Evict:
    """Ask the API to evict pods; it refuses where a budget would be broken."""

    node: str
    pods: tuple[Pod, ...]

    def __str__(self) -> str:
        return f"evicts {', '.join(map(str, self.pods))} from {self.node}"


@dataclass(frozen=True)
class Delete:
    """Let the zone's group delete a machine that nothing runs on."""

    zone: str
    group: str
    machine: str

    def __str__(self) -> str:
        return f"deletes {self.machine}"


Step = Grow | Cordon | Uncordon | Evict | Delete


@dataclass(frozen=True)
class Plan:
    """The next step, None where there is nothing to do but wait, and how each zone is."""

    step: Step | None
    zones: tuple[ZoneView, ...] = ()
