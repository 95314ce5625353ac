"""`pulumi up` as an actor: the program's order, what its state records, and what it asks before each step.

Steps of one chain are taken one after another, chains side by side. A step that changes the world may be recorded or,
where the engine is killed just then, not; the next update looks at Google Cloud first, and `adopt` has told it of what
it had made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from components.gates import verdicts
from components.gates.cluster_status import OPEN, Verdict
from tests.model.agents import settled
from tests.model.design import Design
from tests.model.machines import departures, restarted
from tests.model.promises import is_true, may_lose_disk, may_stop
from tests.model.state import (
    NAMES,
    Claim,
    Known,
    Permit,
    Recorded,
    Run,
    State,
    Status,
    Step,
    World,
    names,
)
from tests.model.view import machine, seen

CHANGES_THE_WORLD = ("members", "retained", "vm", "vm-", "disk", "disk-")


def begun(
    state: State, design: Design, *, renew: str = "", replica: int = -1, partial: bool = False
) -> State:
    """An update of what is asked for. `renew`: of this replica's `vm` or `disk`; `partial`: only deletes of who left
    the list."""
    world = state.world
    known = state.known._replace(
        replicas=tuple(_refreshed(each, world, index) for index, each in enumerate(state.known.replicas)),
        members=world.members,
        retained=world.retained,
    )
    wanted = state.wanted
    listed = sorted(
        wanted, key=lambda each: (world.replicas[each].vm not in "-t", each)
    )  # who is down comes first
    standing = [each for each in listed if state.known.replicas[each].vm or known.replicas[each].vm]
    news = [each for each in listed if each not in standing]
    deletes: list[tuple[Step, ...]] = []
    for index, each in enumerate(known.replicas):
        if index not in wanted and (each.vm or each.disk):
            deletes.append(tuple(Step(kind, index) for kind in ("guard-", "vm-", "data-guard-", "disk-")))
    first = tuple(step for each in standing for step in _standing(each, renew if each == replica else ""))
    boots = tuple(
        Step(kind, each) for each in news for kind in ("turn", "disk", "data-guard", "vm", "guard", "ready")
    )
    returning = design.boots_who_returns and any(known.replicas[each].disk for each in news)
    chains = (first + boots,) if len(standing) == 1 and not returning else (first, boots)
    closing = tuple(Step(kind) for kind in ("joined", "api", "retained", "left"))
    phases = (((Step("members"),),), chains, (closing,), tuple(deletes))
    if partial:
        phases = (tuple(deletes),)  # type: ignore[assignment]
    run = Run((), wanted, phases, (), world.fell, partial)  # type: ignore[arg-type]
    return _next_phase(state._replace(known=known, run=run))


def _standing(index: int, renew: str) -> Iterator[Step]:
    yield Step("new-turn" if renew == "vm" else "turn", index)
    if renew == "disk":
        yield Step("disk-turn", index)
    if renew:
        yield Step("guard-", index)
        yield Step("vm-", index)
    if renew == "disk":
        yield Step("data-guard-", index)
        yield Step("disk-", index)
    for kind in ("disk", "data-guard", "vm", "guard", "ready"):
        yield Step(kind, index)


def _refreshed(each: Known, world: World, index: int) -> Known:
    truth = world.replicas[index]
    vm = 0 if truth.vm == "-" else truth.instance
    return each._replace(vm=vm, shape=truth.shape if vm else 0, disk=truth.disk != "-")


def steps(state: State, design: Design) -> Iterator[tuple[str, State, bool]]:
    """Every step that the engine may take now: its line, the state after it, and whether the engine was killed in it."""
    assert state.run is not None
    for number, chain in enumerate(state.run.chains):
        if not chain:
            continue
        if chain[0].kind in CHANGES_THE_WORLD:
            for line, world, known in _changed(state, chain[0]):
                yield line, _advanced(state, number, world, known), False
                if world != state.world:
                    killed = state._replace(world=world, run=None)
                    yield f"{line} – and the engine is killed", killed, True
        else:
            yield from ((line, after, False) for line, after in _asked(state, number, chain[0], design))


def _changed(state: State, step: Step) -> Iterator[tuple[str, World, Recorded]]:
    world, known, run, index = state.world, state.known, state.run, step.replica
    assert run is not None
    match step.kind:
        case "members" | "retained":
            field = step.kind
            after = _written(world, field, run.wanted)
            yield (
                f"the engine writes {step.kind}: {names(run.wanted)}",
                after,
                known._replace(**{field: run.wanted}),
            )
        case "disk":
            after = world.with_replica(index, disk="B")
            line = f"the engine creates a disk for {NAMES[index]}"
            yield line, after, known.with_replica(index, disk=True)
        case "disk-":
            if known.replicas[index].vm or (known.replicas[index].data_guard):
                return
            may_lose_disk(world, index, _unknown(run, index, data=True))
            after = settled(world.with_replica(index, disk="-"))
            line = f"the engine deletes the disk of {NAMES[index]}"
            yield line, after, known.with_replica(index, disk=False)
        case "vm":
            yield from _vm(state, index)
        case "vm-":
            comes_back = index in run.wanted
            if world.replicas[index].vm != "-":
                may_stop(world, index, _unknown(run, index), comes_back=comes_back)
            for how, after in departures(world, index):
                line = f"the engine deletes the machine of {NAMES[index]}{how}"
                yield line, after, known.with_replica(index, vm=0)


def _vm(state: State, index: int) -> Iterator[tuple[str, World, Recorded]]:
    world, known, run = state.world, state.known, state.run
    assert run is not None
    truth, mine = world.replicas[index], known.replicas[index]
    if mine.vm and truth.vm == "-":
        return  # Google says that there is none: the update fails.
    if mine.vm:
        may_stop(world, index, _unknown(run, index), comes_back=True)
        after = restarted(world, index)
        after = after.with_replica(index, shape=state.shape)
        line = f"the engine stops {NAMES[index]}, gives it another machine type and starts it"
        yield line, after, known.with_replica(index, shape=state.shape)
    else:
        instance = truth.instance + 1
        after = world.with_replica(
            index, vm="n", instance=instance, shape=state.shape, drained=False, served=False
        )
        after = after._replace(started=after.started | {index})
        line = f"the engine creates a machine for {NAMES[index]}"
        yield line, after, known.with_replica(index, vm=instance, shape=state.shape)


def _asked(state: State, number: int, step: Step, design: Design) -> Iterator[tuple[str, State]]:
    """Gates and guards. Nothing where they are closed: the engine waits."""
    world, run, index = state.world, state.run, step.replica
    assert run is not None
    if step.stage == "seen":
        claim = Claim(index, world.replicas[index].instance)
        chains = tuple(_unclaimed(chain) for chain in run.chains)
        claimed = state._replace(world=world._replace(claim=claim), run=run._replace(chains=chains))
        yield f"{_title(step)} writes its claim", _let_through(claimed, number, step, step.unknown)
        return
    match step.kind:
        case "ready":
            yield from _ready(state, number, index, design)
        case "joined" | "api" | "left":
            yield from _together(state, number, step.kind, design)
        case _:
            verdict = _before_going_down(state, step, design)
            if not verdict.open:
                return
            if not verdict.takes_down or not design.claims:
                yield f"{_title(step)} opens", _let_through(state, number, step, world.unseen)
                return
            if design.claimed(design.look(seen(world)), NAMES[index]).open:
                waiting = step._replace(stage="seen", unknown=world.unseen)
                after = _with_head(state, number, waiting)
                yield f"{_title(step)} sees that etcd goes on without it", after


def _before_going_down(state: State, step: Step, design: Design) -> Verdict:
    world, index = state.world, step.replica
    mine, truth = state.known.replicas[index], world.replicas[index]
    name, there = NAMES[index], truth.disk != "-"
    vm = machine(truth)
    match step.kind:
        case "turn" | "new-turn":
            asked_before = mine.turn == state.shape and step.kind == "turn"
            done = truth.vm == "-" or truth.shape == state.shape
            if asked_before and (done or not design.asks_truth):
                return OPEN
            return OPEN if vm is None else design.turn(design.look(seen(world)), name, vm)
        case "disk-turn":
            return _data(state, design, index, "disk_turn", there=there)
        case "guard-":
            if not design.guards:
                return OPEN
            return design.machine_guard(design.look(seen(world)), name, str(mine.guard), vm)
        case "data-guard-":
            if not design.guards:
                return OPEN
            return _data(state, design, index, "data_guard", there=there)
    raise AssertionError(step)


def _data(state: State, design: Design, index: int, which: str, *, there: bool) -> Verdict:
    verdict: Verdict = getattr(verdicts, which)(design.look(seen(state.world)), NAMES[index], there=there)
    return verdict


def _let_through(state: State, number: int, step: Step, unknown: frozenset[int]) -> State:
    known, index, run = state.known, step.replica, state.run
    assert run is not None
    data = step.kind in ("disk-turn", "data-guard-")
    permits = {(each.replica, each.data): each for each in run.permits}
    permits[index, data] = Permit(index, data, unknown)
    late = run.late if step.stage else 0
    ordered = tuple(sorted(permits.values(), key=_by_replica))
    state = state._replace(run=run._replace(permits=ordered, late=late))
    match step.kind:
        case "turn" | "new-turn":
            known = known.with_replica(index, turn=state.shape)
        case "guard-":
            known = known.with_replica(index, guard=0)
        case "data-guard-":
            known = known.with_replica(index, data_guard=False)
    return _advanced(state, number, state.world, known)


def _by_replica(each: Permit) -> tuple[int, bool]:
    return each.replica, each.data


def _ready(state: State, number: int, index: int, design: Design) -> Iterator[tuple[str, State]]:
    world, known, mine = state.world, state.known, state.known.replicas[index]
    inputs = mine.vm, state.shape
    verdict = verdicts.ready(design.look(seen(world)), NAMES[index], str(mine.vm), str(state.shape))
    unchanged = mine.ready == inputs and not design.asks_truth
    if mine.ready is not None and not unchanged and not verdict.open:
        return
    if world.claim and world.claim.replica == index and mine.ready not in (None, inputs):
        world = world._replace(claim=None)
    yield (
        f"gate: {NAMES[index]} is ready",
        _advanced(state, number, world, known.with_replica(index, ready=inputs)),
    )


def _together(state: State, number: int, kind: str, design: Design) -> Iterator[tuple[str, State]]:
    world, known, run = state.world, state.known, state.run
    assert run is not None
    listed = [NAMES[each] for each in sorted(run.wanted)]
    inputs: object = run.wanted
    looked = design.look(seen(world))
    if not design.asks_machines_at_the_end:
        looked = replace(looked, machines={})
    match kind:
        case "joined":
            inputs = tuple((each, known.replicas[each].vm) for each in sorted(run.wanted))
            instances = {NAMES[each]: str(known.replicas[each].vm) for each in run.wanted}
            verdict = verdicts.joined(looked, listed, instances)
        case "left":
            verdict = design.left(looked, listed)
        case _:
            verdict = verdicts.api(looked, listed)
    if not verdict.open and (design.asks_truth or getattr(known, kind) != inputs):
        return
    if kind in ("joined", "left"):
        state = state._replace(run=run._replace(unknown=world.unseen))
    yield f"gate: {kind}", _advanced(state, number, world, known._replace(**{kind: inputs}))


def _advanced(state: State, number: int, world: World, known: Recorded) -> State:
    run = state.run
    assert run is not None
    head = run.chains[number][0]
    permits = run.permits
    if head.kind in ("vm", "vm-", "disk-"):
        permits = tuple(
            each for each in permits if each.replica != head.replica or each.data != (head.kind == "disk-")
        )
    chains = list(run.chains)
    chains[number] = chains[number][1:]
    run = run._replace(chains=tuple(chains), permits=permits)
    if not run.half_way:
        run = run._replace(late=0)
    return _next_phase(_without_idle_steps(state._replace(world=world, known=known, run=run)))


def _next_phase(state: State) -> State:
    """The phase that follows once all chains are through; the end, with success, after the last."""
    run = state.run
    assert run is not None
    while run is not None and not any(run.chains):
        if not run.then:
            if not run.partial:
                is_true(state.world, run)
            return state._replace(run=None)
        run = run._replace(chains=tuple(chain for chain in run.then[0] if chain), then=run.then[1:])
        state = _without_idle_steps(state._replace(run=run))
        run = state.run
        assert run is not None
    return state._replace(run=run)


def _without_idle_steps(state: State) -> State:
    """Steps that neither ask nor change anything are taken at once: what could come between them comes before or after."""
    run, known = state.run, state.known
    assert run is not None
    chains = []
    for chain in run.chains:
        while chain and (noted := _noted(state._replace(known=known), chain[0])) is not None:
            known, chain = noted, chain[1:]
        chains.append(chain)
    return state._replace(known=known, run=run._replace(chains=tuple(chains)))


def _noted(state: State, step: Step) -> Recorded | None:
    """What the state holds after a step that does nothing else; None for one that does."""
    world, known, run, index = state.world, state.known, state.run, step.replica
    assert run is not None
    mine, truth = known.replicas[index], world.replicas[index]
    match step.kind:
        case "members" | "retained" if getattr(world, step.kind) == run.wanted:
            return known._replace(**{step.kind: run.wanted})
        case "turn" if not mine.vm or (mine.turn == state.shape == mine.shape):
            return known.with_replica(index, turn=state.shape)
        case "disk" if mine.disk:
            return known
        case "vm" if mine.vm and mine.shape == state.shape:
            return known
        case "guard":
            return known.with_replica(index, guard=mine.vm)
        case "data-guard":
            return known.with_replica(index, data_guard=True)
        case "ready" if mine.ready is None:
            return known.with_replica(index, ready=(mine.vm, state.shape))
        case "guard-" if not mine.guard or truth.vm == "-":
            return known.with_replica(index, guard=0)
        case "vm-" if not mine.vm:
            return known
        case "data-guard-" if not mine.data_guard:
            return known
        case "disk-" if not mine.disk:
            return known
    return None


def _with_head(state: State, number: int, head: Step) -> State:
    run = state.run
    assert run is not None
    chains = list(run.chains)
    chains[number] = (head, *chains[number][1:])
    return state._replace(run=run._replace(chains=tuple(chains), late=0))


def _unclaimed(chain: tuple[Step, ...]) -> tuple[Step, ...]:
    """A claim is written on top of the generation that was seen: whoever looked before another one's has to look again."""
    if chain and chain[0].stage == "seen":
        return (chain[0]._replace(stage="", unknown=frozenset()), *chain[1:])
    return chain


def _unknown(run: Run, index: int, *, data: bool = False) -> frozenset[int]:
    for each in run.permits:
        if each.replica == index and each.data == data:
            return each.unknown
    return frozenset()


def _written(world: World, field: str, wanted: frozenset[int]) -> World:
    """Statuses were written by who had read the former list."""

    def of_former(each: Status | None) -> Status | None:
        return each and each._replace(**{field: False})

    return world._replace(
        statuses=tuple(of_former(each) for each in world.statuses),
        unsaid=tuple(of_former(each) for each in world.unsaid),
        **{field: wanted},
    )


def _title(step: Step) -> str:
    name = NAMES[step.replica]
    return {
        "turn": f"gate: turn of {name}",
        "new-turn": f"gate: turn of {name}, which is replaced",
        "disk-turn": f"gate: turn of {name}'s disk",
        "guard-": f"guard of {name}'s machine",
        "data-guard-": f"guard of {name}'s disk",
    }[step.kind]
