"""P1 and P2 of the design, as they are checked at every step of the engine."""

from __future__ import annotations

from tests.model.state import NAMES, Run, World, names


class BrokenError(AssertionError):
    """A promise is broken; the message is the last line of the story."""


def may_stop(world: World, index: int, unknown: frozenset[int], *, comes_back: bool) -> None:
    """P1 for a machine. `unknown`: misfortunes that no look could have seen; they count as if they hadn't happened.

    A machine in which no member runs takes nothing with it, for its disk stays; nor does a sole master's for long; nor
    one that comes back on its disk where etcd had no quorum anyway.
    """
    each = world.replicas[index]
    if each.role != "V" or not each.live or world.can_decide(index, counted=unknown - {index}):
        return
    if world.voters == [index] or (comes_back and not world.can_decide(counted=unknown)):
        return
    raise BrokenError(f"P1: the machine of {NAMES[index]} goes, {_without(world, index)}")


def may_lose_disk(world: World, index: int, unknown: frozenset[int]) -> None:
    """P1 for a disk."""
    each = world.replicas[index]
    if each.disk != "M" or each.role != "V" or world.can_decide(index, counted=unknown - {index}):
        return
    raise BrokenError(f"P1: the disk of {NAMES[index]} goes, {_without(world, index)}")


def is_true(world: World, run: Run) -> None:
    """P2, at the end of an update that says success."""
    members = frozenset(index for index, each in enumerate(world.replicas) if each.role != "-")
    if frozenset(world.voters) != run.wanted or members != run.wanted:
        raise BrokenError(
            f"P2: the update ends with success, and voters are {names(frozenset(world.voters))} of members "
            f"{names(members)}, where {names(run.wanted)} is asked for"
        )
    ill = frozenset(each for each in world.voters if not world.replicas[each].live) - run.unknown
    if ill:
        raise BrokenError(f"P2: the update ends with success, and {names(ill)} is down")


def _without(world: World, index: int) -> str:
    well = frozenset(each for each in world.voters if world.replicas[each].live and each != index)
    return f"a voter of {names(frozenset(world.voters))}, of whom without it only {names(well)} is well"
