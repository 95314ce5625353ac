"""Which snapshots stay, by steps, and which always do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.contract.snapshots import Keep, taken_at
from node.planner.keeping import YOUNG_SECONDS, Kept, surplus

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)


def snapshot(hours: float, *, verified: bool = True, name: str = "") -> Kept:
    """One that was taken so many hours ago."""
    taken = NOW - timedelta(hours=hours)
    return Kept(name or f"snapshots/{taken:%Y-%m-%dT%H:%M:%SZ}-4711-m1-b.db", hours * 3600, verified=verified)


def stay(objects: list[Kept], keep: Keep, named: tuple[str, ...] = ()) -> list[Kept]:
    gone = surplus(objects, keep, named)
    return [each for each in objects if each.name not in gone]


HALF_HOURLY = [snapshot(half / 2) for half in range(2 * 24 * 60)]


@pytest.mark.parametrize(
    ("keep", "hours"),
    [
        pytest.param(Keep(hourly=4), [0, 0.5, 1, 1.5, 2, 3], id="hours; the young besides"),
        pytest.param(Keep(daily=3), [0, 0.5, 1, 1.5, 13, 37], id="days"),
        pytest.param(Keep(weekly=2), [0, 0.5, 1, 1.5, 61], id="weeks end on Sunday"),
        pytest.param(Keep(monthly=2), [0, 0.5, 1, 1.5, 589], id="months"),
        pytest.param(Keep(1, 2, 1, 1), [0, 0.5, 1, 1.5, 13], id="one for several steps"),
    ],
)
def test_the_last_of_each_period_stays(keep: Keep, hours: list[float]) -> None:
    assert [each.age_seconds / 3600 for each in stay(HALF_HOURLY, keep)] == hours


def test_nothing_goes_where_nothing_is_asked_for() -> None:
    assert surplus(HALF_HOURLY, Keep()) == ()


def test_the_last_good_one_of_a_period_stays_before_a_newer_one() -> None:
    objects = [snapshot(13, verified=False), snapshot(14), snapshot(15), snapshot(2.1)]
    assert stay(objects, Keep(daily=2)) == [objects[1], objects[3]]


def test_what_no_master_has_named_stays() -> None:
    own = snapshot(900, name="snapshots/before-the-migration.db")
    assert stay([own, *HALF_HOURLY], Keep(hourly=1))[0] == own


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        pytest.param(
            "snapshots/2026-01-02T03:04:05Z-4711-m1-b.db",
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            id="ours",
        ),
        pytest.param("snapshots/2026-13-02T03:04:05Z-4711-m1-b.db", None, id="no month"),
        pytest.param("snapshots/copy.db", None, id="somebody else's"),
    ],
)
def test_a_name_tells_when(name: str, taken: datetime | None) -> None:
    assert taken_at(name) == taken


ages = st.floats(0, 24 * 400, allow_nan=False).map(lambda hours: round(hours, 2))
objects = st.lists(st.builds(lambda h, v: snapshot(h, verified=v), ages, st.booleans()), max_size=40)
keeps = st.builds(Keep, *[st.integers(0, 5)] * 4)


@settings(max_examples=60, deadline=None)
@given(objects, keeps, st.integers(0, 39))
def test_the_last_good_one_and_what_a_restore_names_never_go(
    found: list[Kept], keep: Keep, number: int
) -> None:
    named = tuple(each.name for each in found[number : number + 1])
    left = {each.name for each in stay(found, keep, named)}
    newest = sorted(found, key=lambda each: (taken_at(each.name), each.name))
    good = [each for each in newest if each.verified]
    assert {each.name for each in [*newest[-1:], *good[-1:]]} | set(named) <= left
    assert {each.name for each in found if each.age_seconds < YOUNG_SECONDS} <= left


@settings(max_examples=40, deadline=None)
@given(objects, keeps)
def test_what_stays_stays_again(found: list[Kept], keep: Keep) -> None:
    assert surplus(stay(found, keep), keep) == ()


@pytest.mark.parametrize("step", [3, 6, 24])
def test_steps_reach_back_although_it_is_tidied_each_time(step: int) -> None:
    """Over 200 days, each snapshot followed by a tidying."""
    keep, held = Keep(hourly=3, daily=7, weekly=4, monthly=6), list[Kept]()
    for hour in range(24 * 200, -1, -step):
        aged = [replace(each, age_seconds=each.age_seconds + step * 3600) for each in held]
        new = replace(snapshot(hour), age_seconds=0.0)
        held = stay([*aged, new], keep)
    taken = [when for each in held if (when := taken_at(each.name))]
    assert len({(when.year, when.month) for when in taken}) == 6
    assert len({when.date() for when in taken if NOW - when < timedelta(days=7)}) == 7
    assert len(held) <= 3 + 7 + 4 + 6 + 2
