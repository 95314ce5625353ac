"""What etcd's databases need: `upkeep(health, members, databases, rested) -> step` and the words for people. Pure, as the
planner is, and asked only where the planner has no step: membership goes first.

etcd refuses writes of the whole cluster (alarm NOSPACE) once one member's file has reached its quota, and goes on refusing
until the alarm is lifted, whatever has become of the cause. Files never shrink by themselves: what compaction frees is
reused, and given back only by a defragmentation, which stops that member's reads and writes meanwhile (seconds for each GB).

What is promised:
- nobody is defragmented while a learner joins, while a voter fails or lags, or without quorum among the others; so never two
  at once, and after each the member catches up first;
- the leader is not defragmented while another voter could lead: leadership moves first, and so the leader comes last;
- with one or two voters, of whom etcd can spare none, it happens only under NOSPACE, when writes are refused anyway;
- NOSPACE is lifted once every member answers and has room under its own quota; another alarm, never.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from node.contract.status import Database
from node.planner.observed import EtcdMember, Health, MemberHealth, Patience
from node.planner.quorum import quorum
from node.planner.steps import Defragment, LiftNoSpace, MoveLeader

NOSPACE = "NOSPACE"
FULL, ROOM, GAIN = 0.8, 0.9, 0.25
"""Shares: of the quota, from where people are warned; of the quota, below which a file has room; of the file, which a
defragmentation must give back to be worth it."""

LARGEST_QUOTA_BYTES = 8 << 30
_DOWN = MemberHealth(healthy=False)


@dataclass(frozen=True)
class Databases:
    """The members' own words, by member id, and who raised NOSPACE: also one that is no member any more."""

    of: Mapping[str, Database]
    nospace: frozenset[str] = frozenset()


def upkeep(
    health: Health, members: Sequence[EtcdMember], databases: Databases, rested: Collection[str] = ()
) -> Defragment | LiftNoSpace | MoveLeader | None:
    """Returns the next step of the agent beside etcd's leader, None if there is none. `rested` are the ids of members that
    were defragmented a short while ago, or on which it failed.
    """
    if not members or health.leader != health.local:
        return None
    if databases.nospace and all(_has_room(databases.of.get(each.id)) for each in members):
        return LiftNoSpace(health.local, tuple(sorted(databases.nospace)))
    wasteful = [each for each in members if each.id not in rested and _is_wasteful(databases.of.get(each.id))]
    if not wasteful or not _calm(health, members, bool(databases.nospace)):
        return None
    chosen = min(wasteful, key=lambda each: (each.name == health.leader, each.name))
    heirs = [each for each in members if each.name != chosen.name]
    if chosen.name == health.leader and heirs:
        heir = min(heirs, key=lambda each: (health.members.get(each.id, _DOWN).lag, each.name))
        return MoveLeader(health.local, heir.id, heir.name)
    return Defragment(health.local, chosen.id, chosen.name, chosen.peer_url)


def warning(database: Database | None, *, refuses_writes: bool) -> str:
    """Returns a sentence for the status' reason; empty while there is nothing to say."""
    if database is None or not database.quota_bytes:
        return ""
    share = database.size_bytes / database.quota_bytes
    holds = (
        f"etcd's database takes {_gib(database.size_bytes)} ({_gib(database.in_use_bytes)} in use) of its quota of "
        f"{_gib(database.quota_bytes)}"
    )
    remedy = "delete what isn't needed (docs/guides/etcd-space.md)"
    if database.quota_bytes < LARGEST_QUOTA_BYTES:
        remedy = f"raise `etcd.quotaBytes` (8 GiB at most), or {remedy}"
    if refuses_writes:
        return f"etcd is out of space (NOSPACE) and refuses writes: {holds}. To mend it, {remedy}"
    if share >= FULL:
        return f"{holds}, {share:.0%}; at 100% it refuses writes. {remedy[0].upper()}{remedy[1:]}"
    return ""


def _has_room(database: Database | None) -> bool:
    return database is not None and 0 < database.size_bytes <= ROOM * database.quota_bytes


def _is_wasteful(database: Database | None) -> bool:
    if database is None or database.size_bytes < FULL * database.quota_bytes:
        return False
    return database.in_use_bytes <= (1 - GAIN) * database.size_bytes


def _calm(health: Health, members: Sequence[EtcdMember], refuses_writes: bool) -> bool:
    """Returns whether etcd can spare any one of its members for a while; see the promises above."""
    states = [health.members.get(each.id, _DOWN) for each in members]
    if any(each.role == "learner" for each in members):
        return False
    if not all(state.healthy and state.lag <= Patience().lag for state in states):
        return False
    return refuses_writes or len(members) - 1 >= quorum(len(members))


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.2f} GiB"
