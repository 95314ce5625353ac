"""etcd and its machines: the real planner looks, and its steps are taken by raft's rules (`planner.etcd_model`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.desired import Member, Members, Retained
from node.contract.peers import peer_url
from node.contract.status import DataDirectory
from node.planner.observed import Desired, EtcdMember, Health, MemberHealth, Report
from node.planner.plan import plan
from node.planner.steps import (
    AddLearner,
    Bootstrap,
    Confirm,
    Discard,
    Drain,
    Join,
    MoveLeader,
    Nothing,
    Promote,
    PurgeStale,
    Remove,
    Step,
    Undrain,
    Wait,
)
from tests.model.state import NAMES, Replica, Status, World

SHORT, LONG = 20.0, 400.0  # seconds that a member is down: more than a blip, and more than anybody waits for

CLUSTER = "c1"
INDEX = {name: index for index, name in enumerate(NAMES)}


def address(index: int) -> str:
    return f"10.0.0.{index + 1}"


def member_id(index: int) -> str:
    return f"{index + 1:x}a"


def settled(world: World) -> World:
    """Who leads, and who has published its name: what etcd does at once, as soon as it can."""
    if not world.can_decide():
        return world._replace(leader=-1)
    able = [each for each in world.voters if world.replicas[each].live]
    leader = world.leader if world.leader in able else able[0]
    for index, each in enumerate(world.replicas):
        if each.role == "l" and each.live:
            world = world.with_replica(index, role="s")
        if each.role == "V" and each.live and not each.served:
            world = world.with_replica(index, served=True)
    return world._replace(leader=leader)


def acts(world: World, waits: Sequence[float] = (SHORT, LONG)) -> Iterator[tuple[int, str, World]]:
    """Every step that some agent may take now, and whose. An agent tells what it saw only after the step that it took,
    and looks again at once: so by the time that another agent has taken a step, its status shows what came of its own.
    """
    for index, each in enumerate(world.replicas):
        if each.vm != "u":
            continue
        for seconds in waits:
            step = _plan(index, seconds, *_visible(world))
            if isinstance(step, Wait | Nothing):
                continue
            after = _perform(world, index, step)
            if after is None:
                break
            late = [
                each and (each if other == index else status(world, other))
                for other, each in enumerate(world.unsaid)
            ]
            after = _told(after, late)
            unsaid: list[Status | None] = [None] * len(world.replicas)
            unsaid[index] = status(world, index)
            after = settled(after._replace(unsaid=tuple(unsaid)))
            yield index, f"{NAMES[index]}: {_words(step)}", after
            break


def status(world: World, index: int) -> Status | None:
    """What this machine's agent would write now; None while it can't."""
    each = world.replicas[index]
    if each.vm != "u" or each.silent:
        return None
    ready = each.live and each.role == "V" and world.can_decide() and not each.drained
    view = None
    if any(other.live for other in world.replicas):
        view = tuple(
            "-" if other.role == "-" else other.role + ("+" if other.live else "-")
            for other in world.replicas
        )
    return Status(
        instance=each.instance,
        shape=each.shape,
        phase=_phase(world, index),
        ready=ready,
        view=view,
        leader=world.leader,
        members=True,
        retained=True,
    )


def beat(world: World) -> World:
    """All who can write their statuses; what they see of misfortunes is known from now on."""
    said = [status(world, index) for index in range(len(world.replicas))]
    world = _told(world, said)._replace(unsaid=tuple(None for _ in said))
    leads = world.leader >= 0 and said[world.leader] is not None
    return world._replace(fell=frozenset()) if leads else world


def _told(world: World, said: Sequence[Status | None]) -> World:
    """These are written, at one time and after all others."""
    writers = [index for index, each in enumerate(said) if each and not world.replicas[index].silent]
    if not writers:
        return world
    statuses, order = list(world.statuses), list(world.order)
    for index in writers:
        statuses[index] = said[index]
        order[index] = len(order) + 1
    if world.leader in writers:
        world = world._replace(started=frozenset())
    ranks = sorted({order[index] for index, each in enumerate(statuses) if each})
    return world._replace(
        statuses=tuple(statuses),
        order=tuple(ranks.index(order[index]) if each else 0 for index, each in enumerate(statuses)),
    )


def _phase(world: World, index: int) -> str:
    each = world.replicas[index]
    may_stay = (
        world.members is None or index in world.members or world.retained is None or index in world.retained
    )
    if each.role == "-":
        return "joining" if world.members and index in world.members else "gone"
    if each.drained and not may_stay:
        return "leaving"
    if each.live and each.role == "V":
        return "serving" if each.served else "starting"
    return "joining" if each.role in "ls" or each.disk == "B" else "starting"


def _visible(world: World) -> tuple[object, ...]:
    """What any planner can tell apart: few worlds differ in it."""
    replicas = tuple(
        each._replace(instance=0, shape=0, served=False, vm="u" if each.vm == "u" else "t")
        for each in world.replicas
    )
    return replicas, world.leader, world.founder, world.formed, world.members, world.retained


@cache
def _plan(
    me: int,
    seconds: float,
    replicas: tuple[Replica, ...],
    leader: int,
    founder: int,
    formed: bool,
    wanted: frozenset[int] | None,
    retained: frozenset[int] | None,
) -> Step:
    some_live = any(each.live for each in replicas)
    listed = [
        EtcdMember(
            member_id(index),
            NAMES[index] if each.role in "sV" else "",
            peer_url(address(index)),
            "voter" if each.role == "V" else "learner",
            each.role != "l",
        )
        for index, each in enumerate(replicas)
        if each.role != "-"
    ]
    reports = {
        NAMES[index]: Report(_data(index, each), each.drained, 0.0 if index == me else 1.0)
        for index, each in enumerate(replicas)
        if index == me or (each.vm == "u" and not each.silent and not replicas[me].silent)
    }
    silent = replicas[me].silent
    desired = Desired(None, None, "the bucket can't be reached")
    if not silent:
        members = wanted and Members(
            "dev",
            tuple(
                Member(NAMES[each], address(each), f"europe-west1-{NAMES[each][-1]}")
                for each in sorted(wanted)
            ),
        )
        kept = None if retained is None else Retained("dev", tuple(NAMES[each] for each in sorted(retained)))
        desired = Desired(members or None, kept)
    marker = BootstrapMarker("dev", NAMES[founder], "1", CLUSTER if formed else "") if founder >= 0 else None
    health = Health(
        local=NAMES[me],
        reports=reports,
        leader=NAMES[leader] if leader >= 0 else "",
        members={
            member_id(index): MemberHealth(each.live, 0.0 if each.live else seconds)
            for index, each in enumerate(replicas)
            if each.role != "-"
        },
        marker=None if silent else marker,
        marker_problem="bootstrap.json can't be read" if silent else "",
        etcd_running=replicas[me].disk in "MX",
        cluster_id=CLUSTER if some_live else "",
    )
    return plan(desired, listed if some_live else None, health)


def _data(index: int, each: Replica) -> DataDirectory:
    match each.disk:
        case "M":
            return DataDirectory("member", member_id(index), CLUSTER)
        case "X":
            return DataDirectory("member", "ff", CLUSTER)
        case _:
            return DataDirectory("blank")


def _perform(world: World, me: int, step: Step) -> World | None:
    """The world after it; None where etcd or the bucket refuses."""
    match step:
        case Bootstrap():
            if world.voters:
                return None
            return world.with_replica(me, disk="M", role="V")._replace(founder=me)
        case Confirm():
            return world._replace(founder=me, formed=True)
        case Join():
            return world.with_replica(me, disk="M")
        case Discard():
            return world.with_replica(me, disk="B")
        case Drain() | Undrain():
            return world.with_replica(me, drained=isinstance(step, Drain))
        case MoveLeader(name=name):
            return world._replace(leader=INDEX[name])
        case AddLearner(name=name):
            well = all(world.replicas[each].live for each in world.voters)
            return world.with_replica(INDEX[name], role="l") if well else None
        case Promote(name=name):
            return world.with_replica(INDEX[name], role="V")
        case PurgeStale() | Remove():
            return removed(world, int(step.member_id[:-1], 16) - 1)
    return None


def removed(world: World, index: int) -> World | None:
    """Without this member, if etcd's strict reconfiguration check lets it go."""
    each = world.replicas[index]
    if each.role == "V":
        voters = world.voters
        live = sum(world.replicas[other].live for other in voters)
        if len(voters) == 1 or not world.can_decide():
            return None
        if each.live and live - 1 < 1 + (len(voters) - 1) // 2 and len(voters) > 2:
            return None
    return settled(world.with_replica(index, role="-", disk="X" if each.disk == "M" else each.disk))


def _words(step: Step) -> str:
    match step:
        case Remove(name=name, reason=reason):
            return f"remove {name or 'a member that never started'}, for {reason}"
        case PurgeStale(name=name):
            return f"remove {name}, whose data is gone"
        case AddLearner(name=name):
            return f"add {name} as a learner"
        case Promote(name=name):
            return f"promote {name}: it votes from now on"
        case MoveLeader(name=name):
            return f"{name} shall lead"
        case _:
            return type(step).__name__.lower()
