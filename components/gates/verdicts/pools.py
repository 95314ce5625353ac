"""Whether pools of workers are as asked, and whether a zone's group may go. In the words of safety.md: no node with pods on
it is deleted undrained, and an update that ends with success was true when it ended.
"""

from __future__ import annotations

from collections.abc import Sequence

from components.gates.cluster_status import OPEN, ClusterStatus, Verdict
from node.contract.pools import Pools


def pools_settled(seen: ClusterStatus, asked: Pools) -> Verdict:
    """Is every zone as asked, as the leader sees it once it has read what it was told?"""
    leader = seen.leader
    if leader is None:
        return Verdict(
            False, "no master reports to be etcd's leader, and nobody else makes or drains workers"
        )
    view = leader.pools
    if view is None:
        return Verdict(False, f"etcd's leader {leader.replica} says nothing of pools yet")
    if view.problem:
        return Verdict(False, f"{leader.replica} can't see to the pools: {view.problem}")
    if not view.generation or view.generation != seen.pools_generation:
        return Verdict(False, f"etcd's leader {leader.replica} has not read the new pools yet")
    waiting = []
    for pool in asked.pools:
        for place in pool.zones:
            zone = view.zone(pool.name, place.zone)
            where = f"{pool.name} in {place.zone}"
            if zone is None or (zone.wanted, zone.most) != (place.size, place.most):
                waiting.append(f"{where} isn't reported yet")
            elif not zone.settled:
                why = zone.stuck or zone.doing or "waits its turn"
                waiting.append(
                    f"{where} has {zone.ready} of {zone.wanted} ready{_others(zone.machines, zone.ready)}: {why}"
                )
    stuck = any(zone.stuck for zone in view.zones)
    return Verdict(False, "; ".join(waiting), stuck=stuck) if waiting else OPEN


def _others(machines: int, ready: int) -> str:
    return f" and {machines - ready} more" if machines > ready else ""


def pool_guard(seen: ClusterStatus, group: str, machines: Sequence[str] | None) -> Verdict:
    """Decides whether the group may be deleted, with which Google deletes whatever is in it. `machines` is None where
    there is no group.
    """
    if machines is None or seen.ended or not machines:
        return OPEN
    first = ", ".join(machines[:3]) + (f" and {len(machines) - 3} more" if len(machines) > 3 else "")
    return Verdict(
        False,
        f"{group} still has {first}. Masters drain and delete what is listed no more, once `pulumi up` has told them so",
    )
