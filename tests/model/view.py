"""The world as gates and guards see it: statuses as old as they are, and machines as Compute has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from components.gates.cluster_status import Claim as SeenClaim
from components.gates.cluster_status import ClusterStatus
from components.google.machine import Machine
from node.contract.status import DataDirectory, EtcdView, MemberView, Observed, ReplicaStatus
from tests.model.agents import CLUSTER, member_id
from tests.model.state import NAMES, Claim, Replica, Status, World

BOOTED = datetime(2026, 1, 1, tzinfo=UTC)
WRITTEN, BOOTED_SINCE = (BOOTED + timedelta(seconds=each) for each in (1, 20))
COMPUTE = {"n": "RUNNING", "u": "RUNNING", "t": "TERMINATED"}


def seen(world: World) -> ClusterStatus:
    machines = tuple((each.vm, each.instance, each.shape) for each in world.replicas)
    lists = world.members, world.retained
    late = world.started | {index for index, each in enumerate(world.statuses) if each and each.former}
    return _seen(world.statuses, machines, lists, world.claim, world.order, late, world.formed, world.ended)


def machine(each: Replica, *, started: datetime | None = None) -> Machine | None:
    if each.vm == "-":
        return None
    return Machine(str(each.instance), COMPUTE[each.vm], f"type-{each.shape}", started)


@cache
def _seen(
    statuses: tuple[Status | None, ...],
    machines: tuple[tuple[str, int, int], ...],
    lists: tuple[frozenset[int] | None, frozenset[int] | None],
    claim: Claim | None,
    order: tuple[int, ...],
    late: frozenset[int],
    formed: bool,
    ended: bool,
) -> ClusterStatus:
    fresh = {index: each for index, each in enumerate(statuses) if each and each.fresh}
    return ClusterStatus(
        fresh={NAMES[index]: _status(index, each) for index, each in fresh.items()},
        stale=frozenset(NAMES[index] for index, each in enumerate(statuses) if each and not each.fresh),
        members_generation="2" if lists[0] is not None else "",
        retained_generation="2" if lists[1] is not None else "",
        written={NAMES[index]: WRITTEN + timedelta(seconds=order[index]) for index in fresh},
        machines={
            NAMES[index]: machine(
                Replica(vm, instance, shape),
                started=BOOTED_SINCE if index in late else BOOTED,
            )
            for index, (vm, instance, shape) in enumerate(machines)
        },
        claim=claim
        and SeenClaim(NAMES[claim.replica], str(claim.instance), 400.0 if claim.old else 20.0, "7"),
        formed=formed,
        may_stay=None
        if lists[0] is None or lists[1] is None
        else frozenset(NAMES[each] for each in lists[0] | lists[1]),
        ended=ended,
    )


@cache
def _status(index: int, each: Status) -> ReplicaStatus:
    view = None
    if each.view is not None:
        view = EtcdView(
            CLUSTER,
            member_id(index),
            NAMES[each.leader] if each.leader >= 0 else "",
            1,
            tuple(
                MemberView(
                    "" if state[0] == "l" else NAMES[other],
                    member_id(other),
                    "voter" if state[0] == "V" else "learner",
                    state[1] == "+",
                    state[0] != "l",
                )
                for other, state in enumerate(each.view)
                if state != "-"
            ),
        )
    return ReplicaStatus(
        cluster="dev",
        replica=NAMES[index],
        instance_id=str(each.instance),
        config_hash=str(each.shape),
        phase=each.phase,  # type: ignore[arg-type]
        apiserver_ready=each.ready,
        data_directory=DataDirectory("blank"),
        etcd=view,
        observed=Observed("2" if each.members else "1", "2" if each.retained else "1"),
    )
