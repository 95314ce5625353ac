"""The updates that are interrupted, each from a state that stands to one that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.stack.harness import Stack
from tests.stack.losses import lose, put_snapshot, silent

SNAPSHOT, REVISION = "snapshots/2026-01-02T03:04:05Z-47-m1-b.db", 47
M1, M2, M3, M4, M5 = "m1/b", "m2/c", "m3/d", "m4/b", "m5/c"


@dataclass(frozen=True)
class Scenario:
    """`before` is empty for a first creation. `config`: what else is edited; `flags`: what is typed behind `pulumi up`.

    `lost`: identities whose machines and disks are gone when the update begins. A snapshot is in the bucket then.
    """

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    flags: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    lost: tuple[str, ...] = ()

    @property
    def only_lists(self) -> bool:
        """Whether any way to the list `after` leaves the same."""
        return not (self.flags or self.config or self.lost)

    def befall(self, stack: Stack) -> None:
        """What comes before the update."""
        if self.lost:
            put_snapshot(stack, SNAPSHOT, REVISION)
        for identity in self.lost:
            lose(stack, identity)
        for identity in self.lost:
            silent(stack, identity)

    def carry_out(self, stack: Stack) -> None:
        """The update, which nobody disturbs."""
        stack.up(self.after, *self.flags, **self.config)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("create-3", (), (M1, M2, M3)),
        Scenario("1-3", (M1,), (M1, M2, M3)),
        Scenario("3-1", (M1, M2, M3), (M1,)),
        Scenario("swap", (M1, M2, M3), (M1, M4, M3)),
        Scenario("zone-move", (M1, M2, M3), (M1, "m2/d", M3)),
        Scenario("machine", (M1, M2, M3), (M1, M2, M3), flags=("--replace", "**::m2-c-turn")),
        Scenario("disk", (M1, M2, M3), (M1, M2, M3), flags=("--replace", "**::m2-c-disk-turn")),
        Scenario("version", (M1, M2, M3), (M1, M2, M3), config={"kubernetesVersion": "1.36.2"}),
        Scenario("restore", (M1,), (M2,), config={"etcd": {"restoreFrom": SNAPSHOT}}, lost=("m1-b",)),
        Scenario(
            "survivor",
            (M1, M2, M3),
            (M1, M2, M3),
            config={"etcd": {"survivor": "m1-b"}},
            lost=("m2-c", "m3-d"),
        ),
    )
}
