"""What each kind of gate looks at, and how long it waits: one table.

A gate is asked twice. `holds`, in every preview and every update, tells whether what it stands for is so now; if not, the
engine counts it as changed, and `pass_through` waits. `let_go` is asked in front of a delete.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from components.config.pools import GATE_DEADLINE_SECONDS
from components.gates import verdicts
from components.gates.cluster_reader import ClusterReader
from components.gates.cluster_status import OPEN, ClusterStatus, Verdict
from components.gates.wait import seen as verdict_of
from components.gates.wait import until_open
from components.google.compute import service_path
from components.google.machine import Place
from components.google.provider_config import ProviderConfig
from components.google.transport import Google
from node.contract.bucket_layout import CLAIM, END
from node.contract.pools import Pools

Props = Mapping[str, Any]
Look = Callable[[ClusterReader, Props], Verdict]
DEADLINE_VARIABLE = "HA_MASTERS_GATE_DEADLINE_SECONDS"
"""Overrides every gate's deadline, for those whose machines are slower or whose patience is shorter."""


@dataclass(frozen=True, slots=True)
class Gate:
    """`passes`: asked on create and update. `holds`: asked at each run; without it a gate asks only when its inputs change.
    `lets_go`: asked before its delete. `afterwards`: done once it has passed. `since`: an input that gates of release 0.1
    don't have.
    """

    title: Callable[[Props], str]
    deadline_seconds: float
    passes: Look | None = None
    holds: Look | None = None
    lets_go: Look | None = None
    waits_on_create: bool = True
    since: str = ""
    afterwards: Callable[[ClusterReader, Props], None] | None = None


def pass_through(kind: str, props: Props, occasion: str, google: ProviderConfig) -> None:
    """Waits until the gate of `kind` may open; raises `GateClosedError` with the reason when its deadline passes."""
    gate = GATES[kind]
    reader = _reader(google)
    if gate.passes and (gate.waits_on_create or occasion != "create"):
        _wait(kind, gate, gate.passes, reader, props)
    if gate.afterwards:
        gate.afterwards(reader, props)


def holds(kind: str, props: Props, google: ProviderConfig) -> bool:
    """Returns whether the gate's condition holds now; if not, it prints what is missing.

    When the engine refreshes, it shows a gate with the inputs of the update that made it. A former release's say too
    little to look by; the update that follows brings those of now, and so a change.
    """
    gate = GATES[kind]
    if gate.holds is None or (gate.since and gate.since not in props):
        return True
    verdict = verdict_of(partial(gate.holds, _reader(google), props))
    if not verdict.open:
        _say(f"{gate.title(props)}: {verdict.reason}")
    return verdict.open


def let_go(kind: str, props: Props, google: ProviderConfig) -> None:
    """Waits until what the gate of `kind` guards may be deleted; raises `GateClosedError`, and so keeps it."""
    gate = GATES[kind]
    if gate.lets_go:
        _wait(kind, gate, gate.lets_go, _reader(google), props)


def _wait(kind: str, gate: Gate, look: Look, reader: ClusterReader, props: Props) -> None:
    deadline = float(os.environ.get(DEADLINE_VARIABLE) or gate.deadline_seconds)
    until_open(gate.title(props), partial(look, reader, props), deadline_seconds=deadline, say=_say)


# --- what each of them looks at


def _turn(reader: ClusterReader, props: Props) -> Verdict:
    """Asked before the VM is touched; a VM that isn't there, or whose own cluster can't have begun, loses nothing."""
    machine = reader.compute.machine(_place(props))
    if machine is None:
        return OPEN
    return _one_at_a_time(
        reader, props, machine.instance_id, lambda seen: verdicts.turn(seen, props["replica"], machine)
    )


def _turn_is_over(reader: ClusterReader, props: Props) -> Verdict:
    """Whether the VM has the machine type that was asked for: an update that was cut off after this gate may still have to
    stop the machine for it.
    """
    machine, wanted = reader.compute.machine(_place(props)), props["shape"]["machineType"]
    if machine is None or not machine.machine_type or machine.machine_type == wanted:
        return OPEN
    return Verdict(False, f"{props['replica']} is a {machine.machine_type} and shall be a {wanted}")


def _disk_turn(reader: ClusterReader, props: Props) -> Verdict:
    there = reader.compute.disk_id(props["project"], props["zone"], props["disk"])
    return _data(reader, props, there=bool(there), judge=verdicts.disk_turn)


def _machine_guard(reader: ClusterReader, props: Props) -> Verdict:
    machine, mine = reader.compute.machine(_place(props)), props["instanceId"]
    if verdicts.is_gone(machine, mine):
        return OPEN
    return _one_at_a_time(
        reader, props, mine, lambda seen: verdicts.machine_guard(seen, props["replica"], mine, machine)
    )


def _data_guard(reader: ClusterReader, props: Props) -> Verdict:
    there = reader.compute.disk_id(props["project"], props["zone"], props["disk"])
    return _data(reader, props, there=there == props["diskId"], judge=verdicts.data_guard)


def _data(reader: ClusterReader, props: Props, *, there: bool, judge: Callable[..., Verdict]) -> Verdict:
    if not there:
        return OPEN
    machine = reader.compute.machine(_place(props))
    instance_id = machine.instance_id if machine else ""
    return _one_at_a_time(reader, props, instance_id, lambda seen: judge(seen, props["replica"], there=there))


def _one_at_a_time(
    reader: ClusterReader, props: Props, instance_id: str, judge: Callable[[ClusterStatus], Verdict]
) -> Verdict:
    """The verdict with other machines as they are now; where a voter goes down by it, nobody else goes at the same time."""
    bucket, replica = props["bucket"], props["replica"]
    seen = reader.cluster(bucket)
    names = {each.name for each in seen.view.members if each.name} if seen.view else set()
    others = sorted(names - {replica})
    seen = replace(seen, machines=reader.compute.machines(_place(props), replica, others))
    verdict = judge(seen)
    if not verdict.open or not verdict.takes_down:
        return verdict
    claimed = verdicts.claimed_by_another(seen, replica)
    if not claimed.open:
        return claimed
    claim = {"replica": replica, "instanceId": instance_id}
    if reader.bucket(bucket).write(CLAIM, claim, on=seen.claim.generation if seen.claim else "0"):
        return verdict
    return Verdict(False, "another machine was allowed to go down at the same moment")


def _ready(reader: ClusterReader, props: Props) -> Verdict:
    replica = props["replica"]
    seen = _with_machines(reader, props, {replica: _place(props)})
    lost = _QUORUM_AT_FIRST.lost(props["bucket"], seen)
    return verdicts.ready(seen, replica, props["instanceId"], props["configHash"], quorum_was_lost=lost)


def _joined(reader: ClusterReader, props: Props) -> Verdict:
    return verdicts.joined(reader.cluster(props["bucket"]), props["members"], props["instances"])


def _left(reader: ClusterReader, props: Props) -> Verdict:
    return verdicts.left(reader.cluster(props["bucket"]), props["members"])


def _api(reader: ClusterReader, props: Props) -> Verdict:
    seen = reader.cluster(props["bucket"])
    service = props["wanted"].get("backendService")
    if service:
        seen = replace(
            seen,
            health=reader.compute.backend_health(service_path(props["project"], props["region"], service)),
        )
    return verdicts.api(seen, props["replicas"], balanced=bool(service))


def _pools(reader: ClusterReader, props: Props) -> Verdict:
    return verdicts.pools_settled(reader.cluster(props["bucket"]), Pools.parse(props["pools"]))


def _pool_guard(reader: ClusterReader, props: Props) -> Verdict:
    machines = reader.compute.managed_instances(props["project"], props["zone"], props["group"])
    if not machines:
        return OPEN
    return verdicts.pool_guard(reader.cluster(props["bucket"]), props["group"], machines)


def _not_ended(reader: ClusterReader, props: Props) -> Verdict:
    ended = reader.bucket(props["bucket"]).exists(END)
    return Verdict(False, "a destroy of this cluster was begun: it is taken back") if ended else OPEN


def _take_back_the_end(reader: ClusterReader, props: Props) -> None:
    reader.bucket(props["bucket"]).remove(END)


def _end(reader: ClusterReader, props: Props) -> Verdict:
    """Marks the cluster's end in its bucket; without a bucket there is no cluster to mark."""
    if reader.bucket(props["bucket"]).is_there():
        reader.bucket(props["bucket"]).write(END, {"cluster": props["cluster"]})
    return OPEN


def _release(reader: ClusterReader, props: Props) -> None:
    """Who is back no longer stands in another one's way."""
    claim = reader.cluster(props["bucket"]).claim
    if claim and claim.replica == props["replica"]:
        reader.bucket(props["bucket"]).remove(CLAIM, on=claim.generation)


def _with_machines(reader: ClusterReader, props: Props, places: Mapping[str, Place]) -> ClusterStatus:
    seen = reader.cluster(props["bucket"])
    return replace(seen, machines={name: reader.compute.machine(place) for name, place in places.items()})


def _place(props: Props) -> Place:
    return Place(props["project"], props["zone"], props["instance"])


class _QuorumAtFirst:
    """Whether a cluster had lost its quorum when this process, which lives as long as one update, first looked."""

    def __init__(self) -> None:
        self._lost: dict[str, bool] = {}
        self._lock = threading.Lock()

    def lost(self, bucket: str, seen: ClusterStatus) -> bool:
        with self._lock:
            return self._lost.setdefault(bucket, seen.leader is None and seen.formed)


_QUORUM_AT_FIRST = _QuorumAtFirst()

GATES: Mapping[str, Gate] = {
    "alive": Gate(
        title=lambda props: f"{props['cluster']} goes on",
        deadline_seconds=60.0,
        holds=_not_ended,
        afterwards=_take_back_the_end,
    ),
    "end": Gate(title=lambda props: f"end of {props['cluster']}", deadline_seconds=60.0, lets_go=_end),
    "turn": Gate(
        title=lambda props: f"turn of {props['replica']}",
        deadline_seconds=300.0,
        passes=_turn,
        holds=_turn_is_over,
        since="instance",
    ),
    "disk-turn": Gate(
        title=lambda props: f"turn of {props['replica']}'s disk", deadline_seconds=300.0, passes=_disk_turn
    ),
    "machine-guard": Gate(
        title=lambda props: f"{props['instance']} is kept", deadline_seconds=300.0, lets_go=_machine_guard
    ),
    "data-guard": Gate(
        title=lambda props: f"{props['disk']} is kept", deadline_seconds=300.0, lets_go=_data_guard
    ),
    "ready": Gate(
        title=lambda props: f"{props['replica']} ready",
        deadline_seconds=900.0,
        passes=_ready,
        holds=_ready,
        waits_on_create=False,
        since="instance",
        afterwards=_release,
    ),
    "joined": Gate(
        title=lambda props: f"all of {', '.join(props['members'])} joined",
        deadline_seconds=1200.0,
        passes=_joined,
        holds=_joined,
    ),
    "left": Gate(
        title=lambda props: f"nobody but {', '.join(props['members'])} a member",
        deadline_seconds=900.0,
        passes=_left,
        holds=_left,
    ),
    "pools": Gate(
        title=lambda _: "pools as asked", deadline_seconds=GATE_DEADLINE_SECONDS, passes=_pools, holds=_pools
    ),
    "pool-guard": Gate(
        title=lambda props: f"{props['group']} is kept", deadline_seconds=900.0, lets_go=_pool_guard
    ),
    "api": Gate(title=lambda _: "API served", deadline_seconds=600.0, passes=_api, holds=_api),
}
"""By the `kind` that a gate's provider is pickled with. An unknown one is an error and never an open gate."""

_READERS: dict[ProviderConfig, ClusterReader] = {}
_READERS_LOCK = threading.Lock()


def _reader(google: ProviderConfig) -> ClusterReader:
    """One reader a process: it remembers what it has read."""
    with _READERS_LOCK:
        if google not in _READERS:
            _READERS[google] = ClusterReader(Google(google))
        return _READERS[google]


def _say(line: str) -> None:
    """The engine shows what a provider prints."""
    print(line, flush=True)
