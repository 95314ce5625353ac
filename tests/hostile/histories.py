"""A history in one line, and all of them, from which some are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from tests.hostile.scenarios import SCENARIOS, Edit

SIGNALS = ("sigint", "sigint-twice", "sigkill")
FAULTS = ("halt", "hang")
"""Of a machine: its power is cut, or its agent hangs and says nothing more, while its etcd goes on."""
WAYS = (*SIGNALS, *FAULTS)
THEN = ("revert", "on", "other")


@dataclass(frozen=True)
class History:
    """`moment` as `tests.crash.calls.moments` tells it; `way` with the replica that it befalls, as in `halt m1-b`."""

    scenario: str
    moment: str
    way: str
    then: str

    def __str__(self) -> str:
        return " | ".join((self.scenario, self.moment, self.way, self.then))

    @classmethod
    def parse(cls, line: str) -> History:
        """Raises ValueError, for people."""
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 4:
            raise ValueError(f"{line!r} is no history. Write scenario | moment | way | then")
        history = cls(*parts)
        for said, known in (
            (history.scenario, tuple(SCENARIOS)),
            (history.kind, WAYS),
            (history.then, THEN),
        ):
            if said not in known:
                raise ValueError(f"{said!r} in {line!r} is unknown. Choose one of {', '.join(known)}")
        if (history.kind in FAULTS) != bool(history.victim):
            raise ValueError(
                f"{history.way!r} in {line!r}: name the replica behind halt or hang, and only there"
            )
        return history

    @property
    def kind(self) -> str:
        return self.way.partition(" ")[0]

    @property
    def victim(self) -> str:
        return self.way.partition(" ")[2]


def of(edit: Edit, kind: str, moments: Sequence[str]) -> Iterator[History]:
    """All histories of one scenario and one way of cutting off."""
    for index, moment in enumerate(moments):
        victims = _machines(edit, moments[:index]) if kind in FAULTS else [""]
        for victim in victims:
            for then in THEN:
                yield History(edit.name, moment, f"{kind} {victim}".strip(), then)


def draw(
    count: int, seed: int, moments: Mapping[str, Sequence[str]], kinds: Sequence[str] = WAYS
) -> list[History]:
    """As many of each scenario and of each way as of every other, and never one twice."""
    random = Random(seed)  # noqa: S311
    pools = {}
    for name, told in moments.items():
        for kind in kinds:
            pools[name, kind] = list(of(SCENARIOS[name], kind, told))
            random.shuffle(pools[name, kind])
    order = [
        (name, kinds[(row + column) % len(kinds)])
        for row in range(len(kinds))
        for column, name in enumerate(moments)
    ]
    drawn: list[History] = []
    for key in cycle(order):
        if len(drawn) == count or not any(pools.values()):
            return drawn
        if pools[key]:
            drawn.append(pools[key].pop())
    return drawn


def _machines(edit: Edit, before: Sequence[str]) -> list[str]:
    """Of the first who stood and of whom the edit is about: whose machine there is after these moments."""
    stood = [replica.replace("/", "-") for replica in edit.before]
    found = []
    for who in dict.fromkeys((stood[0], edit.subject)):
        there = who in stood
        for moment in before:
            if moment.endswith(f" dev-{who}"):
                there = there or moment.startswith("compute.instances.insert ")
                there = there and not moment.startswith("compute.instances.delete ")
        found += [who] if there else []
    return found
