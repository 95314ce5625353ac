"""Whether a restore may be done, and what it brings and costs, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from components.restore.facts import Facts, Snapshot
from node.contract.restore import Restore, again

GUIDE = "docs/guides/restore.md"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`refused`: why nothing may be done, empty otherwise. `told`: for the plan. `under_way`: to be done, or being done."""

    refused: str = ""
    told: str = ""
    under_way: bool = False


def judge(request: Restore, facts: Facts) -> Judgement:
    marker, source = facts.marker, request.source
    key = "etcd.survivor" if source.survivor else "etcd.restoreFrom"
    if marker and (done := marker.done(request.id)):
        return Judgement(
            told=f"{key}: {request.id} was done at {done.at}, as cluster {done.cluster_id}, and isn't done again. To have "
            f"it done once more, write {again(request.id)!r}."
        )
    if marker and marker.restoring == request.id:
        return Judgement(told=f"{key}: {marker.claimed_by} is restoring from {source}.", under_way=True)
    if refused := _refused(request, facts):
        return Judgement(refused=f"{key}: {request.id} is refused: {refused} See {GUIDE}.")
    lines = [
        f"{request.cluster}: its etcd begins anew from {source}, on {request.founder}.",
        *(_of_snapshot(facts.snapshot, facts) if facts.snapshot else _of_survivor(request)),
        "  Every other member sets its data aside, deleting nothing, and joins anew.",
    ]
    if request.over_quorum:
        lines.append(
            f"  Cluster {request.over_quorum} lives and is given up: its API stops, and all it wrote since is lost."
        )
    return Judgement(told="\n".join(lines), under_way=True)


def _refused(request: Restore, facts: Facts) -> str:
    if request.source.snapshot and facts.snapshot is None:
        newest = f" The newest one is {facts.newest_snapshot}." if facts.newest_snapshot else ""
        return f"there is no such object in the bucket.{newest}"
    if facts.unreadable:
        return (
            f"{', '.join(sorted(facts.unreadable))} reports what this release doesn't understand, so nobody knows whether a "
            "quorum lives. Run the release that wrote it, or stop that machine."
        )
    if living := facts.living - {request.over_quorum}:
        names = ", ".join(sorted(living))
        return (
            f"a quorum of cluster {names} lives, as masters reported within the last 30 s, and all that it wrote since "
            "would be lost. If that is what you want, say which cluster is given up: "
            f"`pulumi config set --path ha-masters:etcd.restoreOverQuorum {names}`."
        )
    return ""


def _of_snapshot(snapshot: Snapshot, facts: Facts) -> list[str]:
    about = [f"taken {_ago(facts.now - snapshot.taken)} ago", _size(snapshot.size_bytes)]
    if snapshot.revision >= 0:
        about.append(f"revision {snapshot.revision}")
    if snapshot.cluster_id:
        about.append(f"of cluster {snapshot.cluster_id}")
    about.append(f"verified {snapshot.verified_at}" if snapshot.verified_at else "never verified")
    lost = f"  Lost: all that was written in the {_ago(facts.now - snapshot.taken)} since"
    behind = facts.newest_revision - snapshot.revision
    if snapshot.revision >= 0 and 0 <= behind < facts.newest_revision:
        lost += f", {behind} revisions that masters reported, and those after their last report"
    return [f"  Snapshot: {', '.join(about)}.", f"{lost}."]


def _of_survivor(request: Restore) -> list[str]:
    return [
        f"  Kept: all that lies on the disk of {request.founder}, also what the others hadn't confirmed to it yet.",
        f"  Lost: what was acknowledged by the other members without {request.founder}.",
    ]


def _ago(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MiB"
