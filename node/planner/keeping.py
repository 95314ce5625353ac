"""Which snapshots are one too many. Pure: names and notes of the bucket's objects in, names out.

What stays whatever the numbers say: the newest, the newest that was verified, one that a restore names, one that is younger
than `YOUNG_SECONDS`, and every object that no master has named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from node.contract.snapshots import Keep, taken_at

YOUNG_SECONDS: Final = 2 * 3600.0
"""Whoever saw a snapshot in a list has so long to name it."""


@dataclass(frozen=True)
class Kept:
    """An object below `snapshots/`. `age_seconds` is by the storage's clock."""

    name: str
    age_seconds: float
    verified: bool


def surplus(objects: Sequence[Kept], keep: Keep, named: Collection[str] = ()) -> tuple[str, ...]:
    """Returns the names of those that may go, the oldest first; none where nothing is asked for."""
    if not keep:
        return ()
    known = sorted(
        ((taken, each) for each in objects if (taken := taken_at(each.name))),
        key=lambda pair: (pair[0], pair[1].name),
        reverse=True,
    )
    stay = {*named, *(each.name for each in objects if each.age_seconds < YOUNG_SECONDS)}
    stay |= {each.name for _, each in known[:1]}
    stay |= {each.name for _, each in [pair for pair in known if pair[1].verified][:1]}
    for number, period in _steps(keep):
        stay |= set(_last_of_each(known, number, period))
    return tuple(each.name for _, each in reversed(known) if each.name not in stay)


def _steps(keep: Keep) -> Iterator[tuple[int, Callable[[datetime], object]]]:
    yield keep.hourly, lambda taken: (taken.date(), taken.hour)
    yield keep.daily, lambda taken: taken.date()
    yield keep.weekly, lambda taken: taken.isocalendar()[:2]
    yield keep.monthly, lambda taken: (taken.year, taken.month)


def _last_of_each(
    known: Sequence[tuple[datetime, Kept]], number: int, period: Callable[[datetime], object]
) -> Iterator[str]:
    """Yields the last good one of each of the newest periods; the last one where none of a period is known to be good."""
    periods: dict[object, list[Kept]] = {}
    for taken, each in known:
        periods.setdefault(period(taken), []).append(each)
    for of_one in list(periods.values())[:number]:
        yield next((each.name for each in of_one if each.verified), of_one[0].name)
