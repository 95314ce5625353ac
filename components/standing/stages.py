"""Stages in which something that is shared by all masters is replaced: `[1]` → `[1, 2]` → `[2, 1]` → `[2]`.

All learn the second; the second takes the place of the first; the first goes. Each stage but the last can be taken back,
and masters that are at two neighbouring ones understand each other.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.config import StackConfig
from components.standing.facts import Standing
from node.contract.authorities import AUTHORITIES

Numbers = tuple[int, ...]


def follows(former: Numbers, wanted: Numbers) -> bool:
    """Returns whether `wanted` is the stage after `former`, or the one before it."""
    if len(former) == 1:
        return len(wanted) == 2 and wanted[0] == former[0]
    return wanted in (former[::-1], former[:1])


def on_the_way(former: Numbers, wanted: Numbers) -> Numbers:
    """The first stage from `former` towards `wanted`."""
    if len(former) == 1:
        other = next((each for each in wanted if each != former[0]), former[0] + 1)
        return (former[0], other)
    return former[::-1] if former[1] in wanted else former[:1]


def text(numbers: Numbers) -> str:
    return str(list(numbers))


def changed(standing: Standing, config: StackConfig) -> Iterator[tuple[str, tuple[Numbers, ...], Numbers]]:
    """Authorities of which masters were told something else than is asked for: by name, what they were told, and that."""
    for name in AUTHORITIES:
        formers, wanted = standing.generations(name), config.authorities.of(name)
        if formers and formers != (wanted,):
            yield name, formers, wanted
