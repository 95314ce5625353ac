"""The updates that are interrupted, each from a state that stands to one that is asked for."""

from __future__ import annotations

from dataclasses import dataclass

M1, M2, M3, M4 = "m1/b", "m2/c", "m3/d", "m4/b"


@dataclass(frozen=True)
class Scenario:
    """`before` is empty for a first creation."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("create-3", (), (M1, M2, M3)),
        Scenario("1-3", (M1,), (M1, M2, M3)),
        Scenario("3-1", (M1, M2, M3), (M1,)),
        Scenario("swap", (M1, M2, M3), (M1, M4, M3)),
        Scenario("zone-move", (M1, M2, M3), (M1, "m2/d", M3)),
    )
}
