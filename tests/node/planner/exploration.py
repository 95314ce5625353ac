"""Breadth-first through every world that a bounded number of edits and faults leads to, all interleavings."""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from node.planner.steps import Nothing, Wait
from tests.node.planner.etcd_model import FRESH, LONG, BrokenError, RefusedError, World

NAMES = ("a-b", "b-c", "c-d", "d-b")


@dataclass
class Explored:
    states: int = 0
    transitions: int = 0
    steps: int = 0
    converged: int = 0
    quorum_lost: int = 0
    longest: int = 0
    seconds: float = 0.0


Budget = tuple[int, int]  # edits, faults


def explore(
    replicas: int,
    edits: int,
    faults: int,
    *,
    established: bool = False,
    converge_each: int = 1,
    limit: int | None = None,
    restores: bool = False,
) -> Explored:
    """Raises BrokenError with the path where a promise fails. `established`: begin with a cluster of all replicas
    instead of with nothing. `restores`: an edit may also ask for a restore, over a quorum or not, or take that back.
    `converge_each`: faults stop in every n-th state, and the cluster must come to what is
    asked."""
    names = NAMES[:replicas]
    subsets = [frozenset(c) for size in range(1, replicas + 1) for c in combinations(names, size)]
    found, began = Explored(), time.monotonic()
    queue: deque[tuple[World, Budget]] = deque()
    seen = set()
    for wanted in subsets:
        world = World(wanted=wanted)
        if established:
            if len(wanted) < replicas:
                continue
            world.heal()
            world.settle(80)
            world.retained, world.log = wanted, []
        queue.append((world, (edits, faults)))
    while queue and (limit is None or found.states < limit):
        world, budget = queue.popleft()
        found.states += 1
        if found.states % converge_each == 0:
            _converges(world, found)
        for following, left in _next(world, names, subsets, budget, found, restores=restores):
            found.transitions += 1
            key = hash((following.key(), left))
            if key not in seen:
                seen.add(key)
                queue.append((following, left))
    found.seconds = time.monotonic() - began
    return found


def _next(
    world: World,
    names: tuple[str, ...],
    subsets: list[frozenset[str]],
    budget: Budget,
    found: Explored,
    *,
    restores: bool,
) -> Iterator[tuple[World, Budget]]:
    edits, faults = budget
    for name, machine in world.machines.items():
        if machine.running:
            after = world.copy()
            try:
                step = after.tick(name)
            except (BrokenError, RefusedError) as error:
                raise BrokenError("\n".join([*after.log, str(error), str(after)])) from error
            found.steps += not isinstance(step, Wait | Nothing)
            yield after, budget
    for seconds in (10, LONG):
        after = world.copy()
        after.pass_time(seconds)
        for entry in after.members:
            if 30 < entry.down_for < LONG:
                entry.down_for = 31
        for machine in after.machines.values():
            if FRESH < machine.written_ago < LONG:
                machine.written_ago = FRESH + 1
        yield after, budget
    for name in names:
        if name in world.wanted and (name not in world.machines or not world.machines[name].running):
            yield _changed(world, f"boot {name}", "boot", name), budget
    if world.retained != world.wanted:
        after = _changed(world, "release")
        after.retained = after.wanted
        yield after, budget
    if edits:
        for wanted in subsets:
            if wanted != world.wanted:
                after = _changed(world, f"edit {sorted(wanted)}")
                after.wanted = wanted
                yield after, (edits - 1, faults)
    if edits and restores:
        for request in _requests(world, names):
            after = _changed(world, f"asks for {request}")
            after.request = request
            yield after, (edits - 1, faults)
    if faults:
        for name, machine in world.machines.items():
            left = (edits, faults - 1)
            if machine.running:
                yield _changed(world, f"halt {name}", "halt", name), left
            after = _changed(world, f"blank {name}")
            after.boot(name, blank=True)
            yield after, left
            after = _changed(world, f"cut {name}")
            after.machines[name].cut = not machine.cut
            after.elect()
            yield after, left
            after = _changed(world, f"bucket {name}")
            after.machines[name].bucket = not machine.bucket
            yield after, left


def _requests(world: World, names: tuple[str, ...]) -> Iterator[tuple[str, str, str] | None]:
    if world.request is not None:
        yield None
    for name in names:
        if name in world.wanted:
            for over in ("", *([world.cluster] if world.cluster else [])):
                yield "snapshots/one", name, over


def _changed(world: World, what: str, method: str = "", name: str = "") -> World:
    after = world.copy()
    after.log.append(what)
    if method:
        getattr(after, method)(name)
    return after


def _converges(world: World, found: Explored) -> None:
    after = world.copy()
    after.log.append("heal")
    after.heal()
    found.longest = max(found.longest, after.settle(120))
    if after.may_converge():
        assert after.is_as_asked(), f"stuck at {after}"
        found.converged += 1
    else:
        found.quorum_lost += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("replicas", "edits", "faults"):
        parser.add_argument(name, type=int)
    parser.add_argument("--converge-each", type=int, default=1)
    parser.add_argument("--limit", type=int, help="states at most")
    parser.add_argument("--established", action="store_true")
    print(explore(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
