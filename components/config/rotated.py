"""What is replaced in stages is written as a list of numbers: the first is in use, all are known."""

from __future__ import annotations

from components.config import values
from components.config.errors import Refused
from components.config.section import listed

HIGHEST = 9_999
"""Any bound would do: nobody ever comes there."""

MOST = 2
"""At once: the one that is, and the one that takes its place."""


def rotated(value: object, things: str, *, first: str, one_by_one: str) -> tuple[int, ...]:
    """Returns one number, or two while the second takes the first's place. Raises Refused. `things` is the word for what is
    numbered, `first` the remedy for none, `one_by_one` that for more than two.
    """
    read = values.whole(1, HIGHEST)
    numbers = tuple(read(number) for number in listed(value, "[1, 2]"))
    if not numbers:
        raise Refused("is empty", f"{first}: [1]")
    if len(numbers) > MOST:
        raise Refused(f"has {len(numbers)} {things}", f"{one_by_one}: two are the most")
    if len(set(numbers)) < len(numbers):
        raise Refused(f"has {numbers[0]} twice", "Remove one")
    return numbers
