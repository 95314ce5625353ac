"""What each kind of gate looks at before it lets an event pass, and what one does afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from components.gates import verdicts
from components.gates.cluster_reader import ClusterReader
from components.gates.cluster_status import OPEN, ClusterStatus, Verdict
from components.google.compute import service_path
from components.google.machine import Place
from node.contract.bucket_layout import CLAIM, END, POOLS
from node.contract.fields import FormatError
from node.contract.pools import Pools

Props = Mapping[str, Any]
"""A gate's inputs, as `components.gates.resources` has them."""


def turn(reader: ClusterReader, props: Props) -> Verdict:
    """Looks before the VM is touched. A VM that isn't there, or whose own cluster can't have begun, loses nothing."""
    machine = reader.compute.machine(_place(props))
    if machine is None:
        return OPEN
    return _one_at_a_time(
        reader, props, machine.instance_id, lambda seen: verdicts.turn(seen, props["replica"], machine)
    )


def turn_is_over(reader: ClusterReader, props: Props) -> Verdict:
    """Opens when the VM has the machine type that was asked for: an update that was cut off after this gate may still have
    to stop the machine for it.
    """
    machine, wanted = reader.compute.machine(_place(props)), props["shape"]["machineType"]
    if machine is None or not machine.machine_type or machine.machine_type == wanted:
        return OPEN
    return Verdict(False, f"{props['replica']} is a {machine.machine_type} and shall be a {wanted}")


def disk_turn(reader: ClusterReader, props: Props) -> Verdict:
    there = reader.compute.disk_id(props["project"], props["zone"], props["disk"])
    return _data(reader, props, there=bool(there), judge=verdicts.disk_turn)


def machine_guard(reader: ClusterReader, props: Props) -> Verdict:
    machine, mine = reader.compute.machine(_place(props)), props["instanceId"]
    if verdicts.is_gone(machine, mine):
        return OPEN
    return _one_at_a_time(
        reader, props, mine, lambda seen: verdicts.machine_guard(seen, props["replica"], mine, machine)
    )


def data_guard(reader: ClusterReader, props: Props) -> Verdict:
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
    """Returns the verdict with other machines as they are now. Where a voter goes down by it, nobody else does meanwhile."""
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


def ready(reader: ClusterReader, props: Props) -> Verdict:
    replica = props["replica"]
    seen = _with_machines(reader, props, {replica: _place(props)})
    lost = _QUORUM_AT_FIRST.lost(props["bucket"], seen)
    return verdicts.ready(seen, replica, props["instanceId"], props["configHash"], quorum_was_lost=lost)


def joined(reader: ClusterReader, props: Props) -> Verdict:
    return verdicts.joined(_with_members(reader, props), props["members"], props["instances"])


def left(reader: ClusterReader, props: Props) -> Verdict:
    return verdicts.left(_with_members(reader, props), props["members"])


def api(reader: ClusterReader, props: Props) -> Verdict:
    seen = reader.cluster(props["bucket"])
    service = props["wanted"].get("backendService")
    if service:
        seen = replace(
            seen,
            health=reader.compute.backend_health(service_path(props["project"], props["region"], service)),
        )
    return verdicts.api(seen, props["replicas"], balanced=bool(service))


def pools(reader: ClusterReader, props: Props) -> Verdict:
    return verdicts.pools_settled(reader.cluster(props["bucket"]), Pools.parse(props["pools"]))


def pools_told(reader: ClusterReader, props: Props) -> Verdict:
    """Looks as `pools` does, once the object says what was asked for: a last pool's leave that was cut off has written
    another.
    """
    bucket = reader.bucket(props["bucket"])
    if bucket.text(POOLS) != props["pools"].encode():
        bucket.put(POOLS, props["pools"])
    return pools(reader, props)


def pools_leave(reader: ClusterReader, props: Props) -> Verdict:
    """Tells the masters that all pools go, and opens when all are gone; at once where the whole cluster goes."""
    seen, bucket = reader.cluster(props["bucket"]), reader.bucket(props["bucket"])
    text = b"" if seen.ended else bucket.text(POOLS)
    if not text:
        return OPEN
    try:
        emptied = Pools.parse(text).emptied()
    except FormatError as error:
        return Verdict(False, f"what masters were told of pools can't be understood: {error}")
    if emptied.to_json().encode() != text and not bucket.put(
        POOLS, emptied.to_json(), on=seen.pools_generation
    ):
        return Verdict(False, "somebody else has told the masters of other pools")
    return verdicts.pools_settled(seen, emptied)


def pool_guard(reader: ClusterReader, props: Props) -> Verdict:
    machines = reader.compute.managed_instances(props["project"], props["zone"], props["group"])
    if not machines:
        return OPEN
    return verdicts.pool_guard(reader.cluster(props["bucket"]), props["group"], machines)


def not_ended(reader: ClusterReader, props: Props) -> Verdict:
    ended = reader.bucket(props["bucket"]).exists(END)
    return Verdict(False, "a destroy of this cluster was begun: it is taken back") if ended else OPEN


def take_back_the_end(reader: ClusterReader, props: Props) -> None:
    reader.bucket(props["bucket"]).remove(END)


def end(reader: ClusterReader, props: Props) -> Verdict:
    """Marks the cluster's end in its bucket; without a bucket there is no cluster to mark."""
    if reader.bucket(props["bucket"]).is_there():
        reader.bucket(props["bucket"]).write(END, {"cluster": props["cluster"]})
    return OPEN


def release(reader: ClusterReader, props: Props) -> None:
    """Takes back the claim of a machine that is up again, so that it no longer stands in another one's way."""
    claim = reader.cluster(props["bucket"]).claim
    if claim and claim.replica == props["replica"]:
        reader.bucket(props["bucket"]).remove(CLAIM, on=claim.generation)


def _with_members(reader: ClusterReader, props: Props) -> ClusterStatus:
    """Returns the cluster with the machines of those who shall be members: a report may be half a minute older than the
    end of the machine that wrote it.
    """
    places = {name: Place(props["project"], **place) for name, place in props["places"].items()}
    return _with_machines(reader, props, places)


def _with_machines(reader: ClusterReader, props: Props, places: Mapping[str, Place]) -> ClusterStatus:
    return replace(reader.cluster(props["bucket"]), machines=reader.compute.machines_at(places))


def _place(props: Props) -> Place:
    return Place(props["project"], props["zone"], props["instance"])


def services_leave(reader: ClusterReader, props: Props) -> Verdict:
    return verdicts.services_leave(reader.compute.balancers(props["project"], props["tag"]))


class _QuorumAtFirst:
    """Whether a cluster had lost its quorum when this process, which lives as long as one update, first looked."""

    def __init__(self) -> None:
        self._lost: dict[str, bool] = {}
        self._lock = threading.Lock()

    def lost(self, bucket: str, seen: ClusterStatus) -> bool:
        with self._lock:
            return self._lost.setdefault(bucket, seen.leader is None and seen.formed)


_QUORUM_AT_FIRST = _QuorumAtFirst()
