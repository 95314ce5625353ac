"""What the model shows to others: one consistent view, never changed once made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.guest_model.etcd import ModelEtcd
from lab.guest_model.guest import Guest


@dataclass(frozen=True)
class Snapshot:
    """`clusters` by bucket, as the journal's facts show them; `ready`: ids of instances whose apiserver is
    ready.
    """

    clusters: dict[str, Any] = field(default_factory=dict)
    ready: frozenset[str] = frozenset()
    consoles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def snapshot(guests: Iterable[Guest], etcds: Iterable[ModelEtcd], causes: Mapping[str, str]) -> Snapshot:
    """`down` names the voters whose machine doesn't take part, and whether an API call or a fault is the
    cause (`unknown`: neither, as after a restart of the simulator).
    """
    guests = list(guests)
    clusters = {}
    for etcd in etcds:
        here = [guest for guest in guests if guest.instance.bucket == etcd.bucket]
        down = [member.owner for member in etcd.voters() if member.id not in etcd.live]
        clusters[etcd.bucket] = {
            "model": True,
            "cluster": here[0].instance.cluster if here else "",
            "voters": sorted(member.owner for member in etcd.voters()),
            "learners": sorted(member.owner for member in etcd.members if member.role == "learner"),
            "healthy": sorted(member.owner for member in etcd.members if member.id in etcd.live),
            "leader": etcd.leader,
            "quorum": bool(etcd.members) and etcd.has_quorum(),
            "down": {owner: causes.get(owner, "unknown") for owner in sorted(down)},
            "serving": sorted(guest.name for guest in here if guest.ready),
        }
    return Snapshot(
        clusters,
        frozenset(guest.instance.instance_id for guest in guests if guest.ready),
        {guest.instance.instance_id: tuple(guest.console) for guest in guests},
    )
