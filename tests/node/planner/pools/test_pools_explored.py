"""Histories of edits, in a world that does what it likes: nothing undrained is deleted, limits hold, and it settles."""

from __future__ import annotations

from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from node.contract.pools import Pool, Pools, PoolZone
from tests.node.planner.pools.pools_model import World, run, settled

ZONES = ("europe-west1-b", "europe-west1-c")
LIMITS = [(1, 0), (0, 1), (2, 1), (1, 2)]


@st.composite
def asked(draw: st.DrawFn) -> Pools:
    """Pools `web` and `db` in two zones; one that has no size anywhere is one that was taken off the list. Of some the
    autoscaler chooses the size.
    """
    pools = []
    for name in ("web", "db"):
        surge, unavailable = draw(st.sampled_from(LIMITS))
        sizes = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
        template = f"projects/p/regions/r/instanceTemplates/{name}-{draw(st.sampled_from('ab'))}"
        more = draw(st.none() | st.integers(0, 2))
        zones = tuple(
            PoolZone(zone, f"dev-{name}-{zone[-1]}", size, None if more is None else max(1, size + more))
            for zone, size in zip(ZONES, sizes, strict=True)
        )
        pools.append(Pool(name, zones, template, surge, unavailable, 600))
    return Pools("dev", "p", "dev-workers@p.iam.gserviceaccount.com", tuple(pools))


UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing history is shown as it is: to make a smaller one takes minutes."""

SEED = st.integers(0, 2**32)


@settings(max_examples=60, deadline=None, phases=UNSHRUNK)
@given(st.lists(asked(), min_size=1, max_size=4), SEED, st.integers(0, 6), st.integers(1, 25))
def test_any_history_of_edits_settles_and_loses_nothing(
    edits: list[Pools], seed: int, pods: int, ticks: int
) -> None:
    """The budget lets one pod be missing, so that every drain can go on where there is another node."""
    world = World(edits[0], Random(seed), pods, max(0, pods - 1))  # noqa: S311
    plan = run(world, edits, ticks)
    zones = [zone for pool in edits[-1].pools for zone in pool.zones]
    if any(zone.ceiling for zone in zones) or not pods:
        assert settled(plan), [zone for zone in plan.zones if not zone.settled]
        for zone in zones:
            live = [each for each in world.groups[zone.group].machines if not each.leaves]
            assert zone.size <= len(live) <= zone.ceiling


@settings(max_examples=30, deadline=None, phases=UNSHRUNK)
@given(st.lists(asked(), min_size=2, max_size=3), SEED, st.integers(1, 6), st.integers(1, 25))
def test_a_budget_that_allows_nothing_holds_whatever_is_asked(
    edits: list[Pools], seed: int, pods: int, ticks: int
) -> None:
    world = World(edits[0], Random(seed), pods, pods)  # noqa: S311
    run(world, edits, ticks)
    assert sum(pod.ending for pod in world.pods) == 0
