"""What happens in a history: the list of masters changes, and each change is disturbed. Pure, drawn by its seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

NAMES: Final = tuple(f"m{number}-b" for number in range(1, 6))
SIZES: Final = ((1, 3, 5, 3, 1), (1, 3, 3, 1), (1, 2, 3, 1), (3, 5, 3), (3, 3, 3), (1, 1, 3))
"""Of the lists of a history; two of the same size are a swap."""

KINDS: Final = ("kill", "freeze", "deaf", "power")
LAST_SECONDS: Final = {"kill": 0.0, "freeze": 4.0, "deaf": 5.0, "power": 4.0, "disk": 1.0}
"""At most. Some are shorter than etcd's election takes, some longer."""


@dataclass(frozen=True)
class Fault:
    """`kill` ends an etcd at once, `freeze` stops it for so long, to a `deaf` one nobody gets through, `power` takes its
    machine away and gives it back, `disk` gives it back blank; `restore` is no fault of the machine's but an operator who
    asks for one without need. `whom` counts among the machines of that moment.
    """

    kind: str
    after: float
    whom: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.kind} of {self.whom} after {self.after:.1f} s for {self.seconds:.1f} s"


@dataclass(frozen=True)
class Change:
    """A new list, what disturbs it on its way, and what comes when all is well again; `taken_back` half-way or not."""

    wanted: tuple[str, ...]
    during: tuple[Fault, ...] = ()
    then: Fault | None = None
    taken_back: bool = False


@dataclass(frozen=True)
class History:
    seed: int
    first: tuple[str, ...]
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        sizes = [len(self.first), *(len(change.wanted) for change in self.changes)]
        return f"seed {self.seed}, {'→'.join(map(str, sizes))}"


def drawn(seed: int) -> History:
    """Always the same for a seed."""
    chance = random.Random(seed)  # noqa: S311 (the same for a seed)
    sizes = chance.choice(SIZES)
    first = _list(chance, (), sizes[0])
    changes, before = [], first
    for size in sizes[1:]:
        wanted = _list(chance, before, size)
        during = tuple(_fault(chance, KINDS) for _ in range(chance.choice((0, 1, 1, 2))))
        taken_back = chance.random() < 0.2
        stand = before if taken_back else wanted
        kinds = (*KINDS, "disk") if len(stand) >= 3 else KINDS  # One of fewer is more than etcd survives.
        then = _fault(chance, kinds) if chance.random() < 0.5 else None
        changes.append(Change(wanted, during, then, taken_back))
        before = stand
    return History(seed, first, tuple(changes))


def _list(chance: random.Random, before: tuple[str, ...], size: int) -> tuple[str, ...]:
    """Of this size. Of the same size as before it swaps one; one that shrinks keeps some, one that grows all."""
    others = [name for name in NAMES if name not in before]
    if size == len(before):
        kept = chance.sample(before, size - 1)
        return tuple(sorted((*kept, chance.choice(others))))
    if size < len(before):
        return tuple(sorted(chance.sample(before, size)))
    return tuple(sorted((*before, *chance.sample(others, size - len(before)))))


def _fault(chance: random.Random, kinds: tuple[str, ...]) -> Fault:
    kind = chance.choice(kinds)
    return Fault(kind, chance.uniform(0, 4), chance.randrange(5), chance.uniform(0, LAST_SECONDS[kind]))
