"""Faults that a command inside a machine stands for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from lab.machines.faults import AGENTS_ROUTES, order
from lab.machines.fleet import Fleet


def a_fleet(program: str) -> tuple[Fleet, list[tuple[str, ...]]]:
    """One machine, in which every command is `program`; and the commands that it was given."""
    given: list[tuple[str, ...]] = []

    def command(*words: str) -> list[str]:
        given.append(words)
        return [program]

    fleet: Any = SimpleNamespace(
        require=lambda *_names: None,
        lab=SimpleNamespace(journal=SimpleNamespace(record=lambda *_: None)),
        find=lambda _name: SimpleNamespace(command=command),
    )
    return cast(Fleet, fleet), given


def test_an_upgrade_of_networkd_takes_the_guest_agents_routes() -> None:
    fleet, given = a_fleet("true")
    order(fleet, "m1", {"kind": "networkd-restart"})
    assert given == [AGENTS_ROUTES]


def test_a_machine_that_does_not_do_it_is_told() -> None:
    fleet, _given = a_fleet("false")
    with pytest.raises(LookupError, match="failed on m1"):
        order(fleet, "m1", {"kind": "networkd-restart"})
