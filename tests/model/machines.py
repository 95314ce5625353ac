"""How machines end and begin, whoever makes them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.model.agents import removed, settled
from tests.model.state import World


def down(world: World, index: int, vm: str) -> World:
    """It stops at once, and as it stands."""
    unsaid = list(world.unsaid)
    unsaid[index] = None
    after = world.with_replica(index, vm=vm, drained=False, served=False, silent=False)
    return settled(after._replace(unsaid=tuple(unsaid)))


def departures(world: World, index: int, vm: str = "-") -> Iterator[tuple[str, World]]:
    """What may come of telling a machine to go: it always may lose its power first, and leaves if it has the time."""
    yield "", down(world, index, vm)
    each = world.replicas[index]
    unwanted = world.members is not None and index not in world.members | (world.retained or frozenset())
    if each.live and not each.silent and unwanted:
        others = removed(world, index)
        if others is not None and others.can_decide():
            yield ", which leaves etcd before it stops", down(others, index, vm)


def restarted(world: World, index: int) -> World:
    """Stopped and started again by the API: Compute knows when, and what it wrote before is of its former life."""
    world = down(world, index, "n")
    statuses = list(world.statuses)
    former = statuses[index]
    statuses[index] = former and former._replace(former=True)
    return world._replace(statuses=tuple(statuses), started=world.started | {index})


def booted(world: World, index: int) -> World:
    return settled(world.with_replica(index, vm="u"))
