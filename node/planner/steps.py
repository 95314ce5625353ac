"""The steps that the planner can ask for. Each names who performs it, `by`, and all that its performer must know.

Steps of a machine concern that machine alone, so each agent performs its own. Steps of membership change
etcd for everyone: only the agent beside etcd's leader performs them, and takes a snapshot first where
`needs_snapshot` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Step:
    """Base of all steps. `by` is the identity of the replica whose agent performs it; others wait."""

    by: str

    needs_snapshot: ClassVar[bool] = False
    changes_membership: ClassVar[bool] = False


@dataclass(frozen=True)
class Nothing(Step):
    """All is as asked, or this machine isn't asked for. `reason` is for people."""

    reason: str


@dataclass(frozen=True)
class Wait(Step):
    """Nothing may be done now; look again. `reason` says what is missing and, where a human must act, how."""

    reason: str


# --- steps of one machine


@dataclass(frozen=True)
class Bootstrap(Step):
    """Claim the marker, then start a new etcd of one voter on the blank disk.

    The claim is written with `ifGenerationMatch`: 0 for a first one, the generation that was read when
    `takeover` is set (the claimer was taken off the list before etcd formed) or when the claim is this
    replica's own. A claim that is refused means: look again.
    """

    takeover: bool = False


@dataclass(frozen=True)
class Confirm(Step):
    """Write etcd's cluster id into the marker, matching its generation. Only from then on may others join
    and an apiserver start.
    """

    cluster_id: str


@dataclass(frozen=True)
class Start(Step):
    """Start etcd on the data that the disk holds. Asked for also while the bucket can't be read: what served
    before serves again.
    """

    member_id: str


@dataclass(frozen=True)
class Join(Step):
    """Start etcd on a blank disk as the member that the leader just added for this replica (`initial-cluster-state:
    existing`).
    """

    member_id: str


@dataclass(frozen=True)
class Discard(Step):
    """Stop etcd and set its data aside (rename, don't delete): the cluster has removed that member, or it is
    of another cluster.
    """

    member_id: str
    reason: str


@dataclass(frozen=True)
class Restore(Step):
    """Bring the cluster's data onto this disk from what the request names, as a new cluster of this replica alone.

    In this order, each safe to be done again: claim the marker for the request, matching the generation that was
    read; stop etcd; make the new data beside the former; set the former aside, never deleting it; put the new in
    its place. Asked for until the disk holds what came of the request; then etcd starts and the marker is confirmed.
    """

    request: str


@dataclass(frozen=True)
class StandBack(Step):
    """Stop etcd and leave its data as it is: another replica restores the cluster, and what is written here now
    would be lost.
    """

    reason: str


@dataclass(frozen=True)
class Drain(Step):
    """Take this machine's apiserver out of service and let its connections end; report `drained` when they have."""


@dataclass(frozen=True)
class Undrain(Step):
    """Serve again: the list was put back while this machine was leaving."""


# --- steps of membership, performed beside the leader


@dataclass(frozen=True)
class MembershipStep(Step):
    needs_snapshot: ClassVar[bool] = True
    changes_membership: ClassVar[bool] = True


@dataclass(frozen=True)
class PurgeStale(MembershipStep):
    """Remove the member of a wanted replica whose disk no longer holds it, so that the replica can join
    again under a new id.
    """

    member_id: str
    name: str
    reason: str


@dataclass(frozen=True)
class Remove(MembershipStep):
    """Remove a member that is unwanted, or that failed and stands in the way of one who waits to join."""

    member_id: str
    name: str
    reason: str


@dataclass(frozen=True)
class AddLearner(MembershipStep):
    name: str
    peer_url: str


@dataclass(frozen=True)
class Promote(MembershipStep):
    member_id: str
    name: str


@dataclass(frozen=True)
class MoveLeader(Step):
    """Hand leadership to a voter that stays, before the leader's own machine leaves."""

    member_id: str
    name: str


# --- steps of upkeep, of `node.planner.maintenance`, performed beside the leader


@dataclass(frozen=True)
class Defragment(Step):
    """Rewrite a member's database without its free pages. That member answers nobody meanwhile."""

    member_id: str
    name: str
    peer_url: str


@dataclass(frozen=True)
class LiftNoSpace(Step):
    """Take back the alarm NOSPACE that these members raised: etcd takes writes again."""

    member_ids: tuple[str, ...]


def words(step: Step) -> str:
    """Returns a step for people: for those who wait for it, and for the progress of `pulumi up`."""
    match step:
        case PurgeStale(name=name, reason=reason) | Remove(name=name, reason=reason):
            return f"remove {name or 'a member that never started'}: {reason}"
        case AddLearner(name=name):
            return f"add {name} as a learner"
        case Promote(name=name):
            return f"promote {name}"
        case MoveLeader(name=name):
            return f"move leadership to {name}"
        case Drain(by=name):
            return f"take {name} out of service before it leaves"
        case _:
            return type(step).__name__
