"""The updates that are interrupted, each from a state that stands to one that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.stack.harness import Stack

M1, M2, M3, M4, M5 = "m1/b", "m2/c", "m3/d", "m4/b", "m5/c"


@dataclass(frozen=True)
class Scenario:
    """`before` is empty for a first creation. `config`: what else is edited; `flags`: what is typed behind `pulumi up`."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    flags: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def only_lists(self) -> bool:
        """Whether any way to the list `after` leaves the same."""
        return not (self.flags or self.config)

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
        # A restore is one more line here: `config={"etcd": {"restoreFrom": …}}` from a list whose quorum is lost.
    )
}
