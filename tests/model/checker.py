"""Breadth-first through all histories within a budget, so that what breaks a promise is told by its shortest story.

`python -m tests.model` has larger bounds than the tests, and `python -m tests.model.checker --help` any.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.model import design as designs
from tests.model.agents import SHORT, acts, beat
from tests.model.design import Design
from tests.model.engine import begun, steps
from tests.model.machines import booted
from tests.model.moves import moves
from tests.model.promises import BrokenError
from tests.model.state import Budget, Known, Recorded, Replica, State, World, names

ROUNDS = 400


@dataclass
class Explored:
    states: int = 0
    transitions: int = 0
    successes: int = 0
    converged: int = 0
    seconds: float = 0.0
    whole: bool = True
    story: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        size = "all" if self.whole else "the first"
        return (
            f"{size} {self.states} states, {self.transitions} transitions, {self.successes} successful updates, "
            f"{self.converged} times on to the end, {self.seconds:.0f} s"
        )


def established(replicas: int, standing: frozenset[int], budget: Budget) -> State:
    """After a first `pulumi up` with `standing`, at rest."""
    fresh = State(World((Replica(),) * replicas), Recorded((Known(),) * replicas), None, standing, 0, budget)
    world = fresh.world._replace(
        statuses=(None,) * replicas, unsaid=(None,) * replicas, order=(0,) * replicas
    )
    return _rested(_updated(begun(fresh._replace(world=world), designs.AS_IT_IS), designs.AS_IT_IS))


def nothing(replicas: int, wanted: frozenset[int], budget: Budget) -> State:
    """Before the first `pulumi up`."""
    world = World(
        (Replica(),) * replicas, statuses=(None,) * replicas, unsaid=(None,) * replicas, order=(0,) * replicas
    )
    return State(world, Recorded((Known(),) * replicas), None, wanted, 0, budget)


def explore(
    beginnings: list[State],
    design: Design,
    *,
    converge_each: int = 0,
    limit: int | None = None,
    seconds: float | None = None,
) -> Explored:
    """Ends at the first promise that breaks, with its story. `converge_each`: in every n-th state faults stop, and the next
    `pulumi up` must end with success.
    """
    found, start = Explored(), time.monotonic()
    came: dict[State, tuple[State | None, str]] = dict.fromkeys(beginnings, (None, ""))
    queue = deque(beginnings)
    while queue:
        late = seconds is not None and time.monotonic() - start > seconds
        if late or (limit is not None and found.states >= limit):
            found.whole = False
            break
        state = queue.popleft()
        found.states += 1
        try:
            if converge_each and found.states % converge_each == 0:
                found.converged += _converges(state, design)
            for line, after in following(state, design):
                found.transitions += 1
                found.successes += state.run is not None and after.run is None and line[0] not in "$t"
                if after not in came:
                    came[after] = (state, line)
                    queue.append(after)
        except BrokenError as error:
            found.story = [*_story(came, state), str(error)]
            break
    found.seconds = time.monotonic() - start
    return found


def following(state: State, design: Design) -> Iterator[tuple[str, State]]:
    if state.run is not None:
        idle = True
        for line, after, killed in steps(state, design):
            idle = False
            if not killed:
                yield line, after
            elif state.budget.cuts:
                yield line, after._replace(budget=state.budget._replace(cuts=state.budget.cuts - 1))
        if idle:
            yield "the update fails: a deadline has passed", state._replace(run=None)
    yield from moves(state, design)


def _story(came: dict[State, tuple[State | None, str]], state: State) -> list[str]:
    lines = []
    at: State | None = state
    while at is not None:
        at, line = came[at]
        if line:
            lines.append(line)
    first = state
    while (before := came[first][0]) is not None:
        first = before
    voters = frozenset(first.world.voters)
    return [f"at first: {names(voters)} vote, {names(first.wanted)} asked for", *reversed(lines)]


def _rested(state: State) -> State:
    """Everybody boots, acts and writes, until nothing more comes of it."""
    for _ in range(ROUNDS):
        before, world = state, beat(state.world)
        for index, each in enumerate(world.replicas):
            if each.vm in "nt":
                world = booted(world, index)
        soon = next(acts(world, (SHORT,)), None) or next(acts(world), None)
        world = soon[2] if soon else world
        state = state._replace(world=world)
        if state == before:
            return state
    raise BrokenError(f"agents find no rest: {state}")


def _updated(state: State, design: Design) -> State:
    """The update that has begun, to its end, with nobody in its way."""
    for _ in range(ROUNDS):
        state = _rested(state)
        if state.run is None:
            return state
        ahead = next((after for _, after, killed in steps(state, design) if not killed), None)
        if ahead is None:
            waiting = [chain[0].kind for chain in state.run.chains if chain]
            if len(state.world.voters) == 2 and set(waiting) & {"turn", "new-turn"}:
                raise _OneOfTwoError
            raise BrokenError(
                f"progress: no fault is left, and `pulumi up` waits for ever at "
                f"{[chain[0] for chain in state.run.chains if chain]}"
            )
        state = ahead
    raise BrokenError("progress: `pulumi up` finds no end")


class _OneOfTwoError(Exception):
    """One of two voters is to be restarted: the design refuses, and the operator adds one first or takes the edit back."""


def _converges(state: State, design: Design) -> bool:
    """False where nobody could: quorum is lost, or one of two voters is to be restarted, which the design refuses."""
    world = state.world
    for index, each in enumerate(world.replicas):
        if each.silent:
            world = world.with_replica(index, silent=False)
    claim = world.claim and world.claim._replace(old=True)
    state = state._replace(world=world._replace(claim=claim, fell=frozenset()), run=None)
    voters = world.voters
    alive = [
        each
        for each in voters
        if world.replicas[each].disk == "M" and (world.replicas[each].vm != "-" or each in state.wanted)
    ]
    if voters and len(alive) < len(voters) // 2 + 1:
        return False
    try:
        _updated(begun(_rested(state), design), design)
    except _OneOfTwoError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument(
        "--standing", type=int, default=2, help="how many of them vote at first; 0: nothing is there"
    )
    for name in Budget._fields:
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--design", default="", choices=["", *designs.MUTANTS], help="a mutant's name")
    parser.add_argument("--converge-each", type=int, default=0)
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    budget = Budget(*(getattr(given, name) for name in Budget._fields))
    standing = frozenset(range(given.standing))
    first = (
        established(given.replicas, standing, budget)
        if standing
        else nothing(given.replicas, frozenset({0}), budget)
    )
    design = designs.MUTANTS[given.design] if given.design else designs.AS_IT_IS
    found = explore([first], design, converge_each=given.converge_each, limit=given.limit)
    print(found)
    print("\n".join(found.story))


if __name__ == "__main__":
    main()
