"""Random lists of replicas and random edits, valid ones only: what is refused is another test's matter."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

NAMES = tuple(f"m{number}" for number in range(1, 8))
LETTERS = "bcd"
TYPES = ("e2-standard-2", "e2-standard-4", "n2-standard-2")
MOST = 5


@dataclass(frozen=True)
class Listed:
    """`replicas` as the harness writes them (`m1/b`), in the config's order, and the masters' machine type."""

    replicas: tuple[str, ...]
    machine_type: str = TYPES[0]

    @property
    def identities(self) -> list[str]:
        return [replica.replace("/", "-") for replica in self.replicas]

    def __str__(self) -> str:
        return f"{' '.join(self.replicas)} ({self.machine_type})"


def first(random: Random) -> Listed:
    count = random.choice((1, 1, 2, 3, 3, 3, 4, 5))
    return Listed(tuple(f"{name}/{random.choice(LETTERS)}" for name in random.sample(NAMES, count)))


def edited(random: Random, now: Listed, before: Listed | None = None) -> tuple[str, Listed]:
    """One edit as somebody makes it, and what it is called; `before` is where a revert leads."""
    free = [name for name in NAMES if name not in {replica.split("/")[0] for replica in now.replicas}]
    edits = ["add", "remove", "swap", "move", "rename", "revert", "machine type", "reorder", "several"]
    while True:
        edit = random.choice(edits)
        listed = _apply(random, edit, now, before, free)
        if listed and listed != now and not _cannot_roll(now, listed):
            return edit, listed


def _cannot_roll(now: Listed, wanted: Listed) -> bool:
    """Of two masters neither may be restarted, since etcd would lose its quorum: unless a third joins, that is refused."""
    nobody_joins = set(wanted.replicas) <= set(now.replicas)
    return len(now.replicas) == 2 and now.machine_type != wanted.machine_type and nobody_joins


def _apply(random: Random, edit: str, now: Listed, before: Listed | None, free: list[str]) -> Listed | None:
    replicas = list(now.replicas)
    place = random.randrange(len(replicas))
    name, letter = replicas[place].split("/")
    match edit:
        case "add" if len(replicas) < MOST:
            replicas.insert(
                random.randrange(len(replicas) + 1), f"{random.choice(free)}/{random.choice(LETTERS)}"
            )
        case "remove" if len(replicas) > 1:
            del replicas[place]
        case "swap":
            replicas[place] = f"{random.choice(free)}/{random.choice(LETTERS)}"
        case "move":
            replicas[place] = f"{name}/{random.choice(LETTERS.replace(letter, ''))}"
        case "rename":
            replicas[place] = f"{random.choice(free)}/{letter}"
        case "revert":
            return before
        case "machine type":
            return Listed(now.replicas, random.choice(TYPES))
        case "reorder":
            random.shuffle(replicas)
        case "several":
            return Listed(first(random).replicas, random.choice(TYPES))
        case _:
            return None
    return Listed(tuple(replicas), now.machine_type)
