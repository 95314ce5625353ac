"""The first updates of the histories, and what else may be asked for after them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.crash.operator import UP
from tests.crash.scenarios import M1, M2, M3, M4, M5, Scenario
from tests.stack.harness import Stack

DESTROY = ("destroy", "--yes", "--skip-preview")


@dataclass(frozen=True)
class Edit(Scenario):
    """A scenario that can be taken back. `other`: a third list, neither what stood nor what was asked for."""

    other: tuple[str, ...] = ()
    destroys: bool = False

    @property
    def command(self) -> tuple[str, ...]:
        return DESTROY if self.destroys else (*UP, *self.flags)

    @property
    def only_lists(self) -> bool:
        return super().only_lists and not self.destroys

    def carry_out(self, stack: Stack) -> None:
        if self.destroys:
            stack.destroy()
        else:
            super().carry_out(stack)

    @property
    def subject(self) -> str:
        """The identity of one replica that the edit is about."""
        changed = sorted(set(self.before) ^ set(self.after), reverse=True)
        return (changed[0] if changed else M2).replace("/", "-")


@dataclass(frozen=True)
class Asked:
    """What the config and the command line ask for after the cut. `replicas` is empty where all shall be gone."""

    replicas: tuple[str, ...]
    command: tuple[str, ...] = UP
    config: Mapping[str, Any] = field(default_factory=dict)


THREE = (M1, M2, M3)
SCENARIOS = {
    edit.name: edit
    for edit in (
        Edit("1-2-1", (M1,), (M1, M2), other=(M1, M3)),
        Edit("1-3-1", (M1,), THREE, other=(M1, M2)),
        Edit("3-1-3", THREE, (M1,), other=(M3,)),
        Edit("3-5-3", THREE, (*THREE, M4, M5), other=(M1, M4, M3)),
        Edit("swap", THREE, (M1, M4, M3), other=(M1, M2)),
        Edit("zone-move", THREE, (M1, "m2/d", M3), other=(M1, M4, M3)),
        Edit("machine", THREE, THREE, flags=("--replace", "**::m2-c-turn"), other=(M1, M4, M3)),
        Edit("disk", THREE, THREE, flags=("--replace", "**::m2-c-disk-turn"), other=(M1, M4, M3)),
        Edit("version", THREE, THREE, config={"kubernetesVersion": "1.36.2"}, other=(M1, M4, M3)),
        Edit(
            "image",
            THREE,
            THREE,
            config={"masters": {"image": "projects/debian-cloud/global/images/debian-12-bookworm-v20251111"}},
            other=(M1, M4, M3),
        ),
        Edit("destroy", THREE, (), other=(M1,), destroys=True),
    )
}


def asked(edit: Edit, then: str) -> Asked:
    """`revert`: the file as it was before. `on`: the same again. `other`: another list, with whatever else was edited."""
    if then == "revert":
        return Asked(edit.before)
    if then == "on":
        return Asked(edit.after, edit.command, edit.config)
    return Asked(edit.other, UP, edit.config)
