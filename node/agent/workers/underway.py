"""What was asked of groups and doesn't show yet: a look that comes too early must not ask for it twice. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from node.planner.pools.seen import Group, Machine
from node.planner.pools.steps import Delete, Grow

PATIENCE_SECONDS: Final = 60.0
"""Within these a group has begun with what it was asked for, or it won't."""


class Underway:
    """Machines that were asked for, by group, and until when (monotonic) that is believed."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], float] = {}
        self._deleted: dict[tuple[str, str], float] = {}

    def note(self, step: Grow | Delete, now: float) -> None:
        if isinstance(step, Grow):
            self._made |= {(step.group, name): now + PATIENCE_SECONDS for name in step.machines}
        else:
            self._deleted[step.group, step.machine] = now + PATIENCE_SECONDS

    def shown(self, groups: Mapping[str, Group], now: float) -> dict[str, Group]:
        """Returns the groups as they will be."""
        self._made = {key: until for key, until in self._made.items() if until > now}
        self._deleted = {key: until for key, until in self._deleted.items() if until > now}
        return {name: self._group(name, group) for name, group in groups.items()}

    def _group(self, name: str, group: Group) -> Group:
        there = {machine.name for machine in group.machines}
        coming = [each for of, each in self._made if of == name and each not in there]
        return Group(group.template, (*self._leaving(name, group.machines), *_coming(coming, group.template)))

    def _leaving(self, name: str, machines: Iterable[Machine]) -> list[Machine]:
        return [
            replace(each, action="DELETING") if (name, each.name) in self._deleted else each
            for each in machines
        ]


def _coming(names: Iterable[str], template: str) -> list[Machine]:
    return [Machine(name, template, "CREATING", "") for name in names]
