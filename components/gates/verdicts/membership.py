"""Who is a member of etcd, held against who shall be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.gates.cluster_status import OPEN, ClusterStatus, Verdict
from components.gates.verdicts.serving import api, serves
from components.gates.verdicts.wording import RESTORE, are
from node.contract.status import EtcdView


def joined(seen: ClusterStatus, members: Sequence[str], instances: Mapping[str, str]) -> Verdict:
    """Is every wanted replica a healthy voter that serves?"""
    for name in members:
        verdict = serves(seen, name, instances.get(name, ""), "")
        if not verdict.open:
            return verdict
    view, verdict = _view(seen, "members")
    if view is None:
        return verdict
    voters = {member.name: member for member in view.members if member.role == "voter"}
    missing = [name for name in members if name not in voters]
    if missing:
        return Verdict(False, f"{are(missing)} not yet a voter")
    ill = [name for name in members if not voters[name].healthy]
    if ill:
        return Verdict(False, f"{are(ill)} a voter but not healthy")
    return OPEN


def left(seen: ClusterStatus, members: Sequence[str]) -> Verdict:
    """Is nobody a member of etcd but those who are wanted, and do these still serve, each of them?

    It is an update's last word. Minutes may have passed since `joined` opened, in which the API was handed over and others
    left.
    """
    view, verdict = _view(seen, "retained")
    if view is None:
        return verdict
    strangers = sorted(member.name or member.id for member in view.members if member.name not in members)
    if strangers:
        return Verdict(False, f"{are(strangers)} still a member of etcd")
    verdict = joined(seen, members, {})
    return verdict if not verdict.open else api(seen, members)


def _view(seen: ClusterStatus, generation: str) -> tuple[EtcdView | None, Verdict]:
    """Returns the leader's view, once the leader has read what was asked for."""
    leader = seen.leader
    if leader is None or leader.etcd is None:
        return None, Verdict(
            False,
            "no master reports to be etcd's leader. If that lasts, start the machines with the disks that they have; "
            f"where a majority of the disks is gone, see {RESTORE}",
        )
    observed, asked = (
        (leader.observed.members_generation, seen.members_generation)
        if generation == "members"
        else (leader.observed.retained_generation, seen.retained_generation)
    )
    if observed != asked:
        return None, Verdict(False, f"etcd's leader {leader.replica} has not read the new list yet")
    return leader.etcd, OPEN
