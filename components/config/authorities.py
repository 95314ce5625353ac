"""Generations of the cluster's authorities: the first of each list issues, all are trusted."""

from __future__ import annotations

from components.config import values
from components.config.errors import Refused
from components.config.keys import KUBELET_SERVING
from components.config.section import Section, listed
from node.contract.authorities import AUTHORITIES, FIRST, Authorities

HIGHEST = 9_999
"""Any bound would do: nobody ever comes there."""

MOST = 2
"""Of an authority at once: the one that is, and the one that takes its place."""


def read_authorities(section: Section) -> Authorities:
    found = {name: section.read(name, _generations, FIRST) for name in AUTHORITIES}
    if section.raw(KUBELET_SERVING) is not None and section.raw(KUBELET_SERVING) != list(FIRST):
        section.refuse(
            KUBELET_SERVING,
            Refused(
                "can't be rotated yet: nobody reports who has issued the certificates that workers' kubelets serve with",
                "Remove it; without it there is generation 1",
            ),
        )
    rotating = [name for name, numbers in found.items() if len(numbers) > 1]
    for name in rotating[1:]:
        section.refuse(
            name,
            Refused(
                f"is in rotation beside {rotating[0]}",
                f"Rotate one authority at a time: end {rotating[0]} first, with one generation in its list",
            ),
        )
    return Authorities.made(found)


def _generations(value: object) -> tuple[int, ...]:
    read = values.whole(1, HIGHEST)
    numbers = tuple(read(number) for number in listed(value, "[1, 2]"))
    if not numbers:
        raise Refused("is empty", "Name the generation that issues: [1]")
    if len(numbers) > MOST:
        raise Refused(f"has {len(numbers)} generations", "Rotate one after another: two are the most")
    if len(set(numbers)) < len(numbers):
        raise Refused(f"has {numbers[0]} twice", "Remove one")
    if len(numbers) == MOST and abs(numbers[0] - numbers[1]) != 1:
        raise Refused(
            f"leaves out a generation between {min(numbers)} and {max(numbers)}",
            f"Generations only count on: write {[min(numbers), min(numbers) + 1]}",
        )
    return numbers
