"""What the operator types and does by hand, and what befalls machines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from tests.model.agents import acts, beat
from tests.model.design import Design
from tests.model.engine import begun
from tests.model.machines import booted, departures, down, restarted
from tests.model.state import AT_MOST_LATE, NAMES, State, World, names

Move = tuple[str, State]


def moves(state: State, design: Design) -> Iterator[Move]:
    """All but the engine's own steps."""
    if state.run is None:
        yield from _commands(state, design)
    elif state.budget.cuts:
        cut = state._replace(run=None, budget=state.budget._replace(cuts=state.budget.cuts - 1))
        yield "$ Ctrl-C: what runs ends, and no more", cut
    yield from _by_hand(state)
    yield from _misfortunes(state)
    yield from _time(state)
    going = state.run.going if state.run else frozenset()
    if (aged := _aged(state)) is not None:
        for index, each in enumerate(state.world.replicas):
            if each.vm == "n" and index not in going:
                yield f"{NAMES[index]} boots", aged._replace(world=booted(state.world, index))
        for index, line, world in acts(state.world):
            if index not in going:
                yield line, aged._replace(world=world)


def _commands(state: State, design: Design) -> Iterator[Move]:
    yield f"$ pulumi up with {names(state.wanted)}", begun(state, design)
    budget = state.budget
    left = state._replace(budget=budget._replace(edits=budget.edits - 1))
    for wanted in _lists(len(state.world.replicas)):
        if wanted == state.wanted:
            continue
        if budget.edits:
            line = f"$ the list is {names(wanted)}; pulumi up"
            yield line, begun(left._replace(wanted=wanted), design)
        if budget.targets and _guarded_leavers(state, wanted):
            edited = state._replace(wanted=wanted, budget=budget._replace(targets=budget.targets - 1))
            line = f"$ the list is {names(wanted)}; pulumi up --target of what left it"
            yield line, begun(edited, design, partial=True)
    if not budget.rolls:
        return
    left = state._replace(budget=budget._replace(rolls=budget.rolls - 1))
    yield "$ another machine type; pulumi up", begun(left._replace(shape=1 - left.shape), design)
    for index in sorted(state.wanted):
        if state.known.replicas[index].vm:
            for what, turn in (("vm", "turn"), ("disk", "disk-turn")):
                line = f"$ pulumi up --replace {NAMES[index]}-{turn}"
                yield line, begun(left, design, renew=what, replica=index)


def _lists(count: int) -> Iterator[frozenset[int]]:
    for size in range(1, count + 1):
        yield from (frozenset(chosen) for chosen in combinations(range(count), size))


def _guarded_leavers(state: State, wanted: frozenset[int]) -> bool:
    """Whether there is something for `--target` to delete, and guards before all of it. An engine that is killed
    between a machine and its guard leaves none, which the gates of a whole update make up for, and a machine that
    leaves by itself.
    """
    there = [
        (truth, known)
        for index, (truth, known) in enumerate(zip(state.world.replicas, state.known.replicas, strict=True))
        if index not in wanted and (truth.vm != "-" or truth.disk != "-")
    ]
    guarded = (
        (known.guard == truth.instance or truth.vm == "-") and known.data_guard for truth, known in there
    )
    return bool(there) and all(guarded)


def _by_hand(state: State) -> Iterator[Move]:
    for index, each in enumerate(state.world.replicas):
        if each.vm == "t":
            line = f"$ gcloud compute instances start {NAMES[index]}"
            yield line, state._replace(world=restarted(state.world, index))
        if not state.budget.hands or each.vm == "-":
            continue
        left = state._replace(budget=state.budget._replace(hands=state.budget.hands - 1))
        for what, vm in (("delete", "-"), ("stop", "t")):
            if vm == each.vm:
                continue
            for how, world in departures(state.world, index, vm):
                yield (
                    f"$ gcloud compute instances {what} {NAMES[index]}{how}",
                    _fell(left, index, world),
                )


def _misfortunes(state: State) -> Iterator[Move]:
    for index, each in enumerate(state.world.replicas):
        if each.silent:
            world = state.world.with_replica(index, silent=False)
            yield f"the agent of {NAMES[index]} reaches the bucket again", state._replace(world=world)
        if not state.budget.faults or each.vm != "u":
            continue
        left = state._replace(budget=state.budget._replace(faults=state.budget.faults - 1))
        yield f"{NAMES[index]} loses its power", _fell(left, index, down(state.world, index, "n"))
        if not each.silent:
            world = state.world.with_replica(index, silent=True)
            yield f"the agent of {NAMES[index]} falls silent", left._replace(world=world)


def _fell(state: State, index: int, world: World) -> State:
    """Nobody who has looked before can know of it."""
    world = world._replace(fell=world.fell | {index})
    run = state.run
    if run is not None:
        run = run._replace(
            permits=tuple(each._replace(unknown=each.unknown | {index}) for each in run.permits),
            unknown=run.unknown | {index},
            chains=tuple(
                tuple(
                    step._replace(unknown=step.unknown | {index}) if step.stage == "seen" else step
                    for step in chain
                )
                for chain in run.chains
            ),
        )
    return state._replace(world=world, run=run)


def _time(state: State) -> Iterator[Move]:
    world = state.world
    said = beat(world)
    yield "statuses are written", state._replace(world=said)
    statuses = tuple(
        each and each._replace(fresh=world.replicas[index].vm == "u" and not world.replicas[index].silent)
        for index, each in enumerate(said.statuses)
    )
    later = said._replace(statuses=statuses)
    yield "half a minute passes", state._replace(world=later)
    if world.claim and not (state.run and state.run.half_way):
        old = later._replace(claim=world.claim._replace(old=True))
        yield "five minutes pass", state._replace(world=old)


def _aged(state: State) -> State | None:
    """None once the engine's call, on its way already, comes before anything else that takes time."""
    run = state.run
    if run is None or not run.half_way:
        return state
    return state._replace(run=run._replace(late=run.late + 1)) if run.late < AT_MOST_LATE else None
