"""The present in sentences: one that says what can fail now, and one for each thing that needs somebody."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from components.google.machine import STOPPED
from components.present.facts import Master, Present, Unseen
from components.present.tolerance import Tolerance, tolerance_now
from components.present.upkeep import upkeep
from components.present.versions import unserved
from components.wording import because, count, duration, failures, listed
from node.planner.quorum import quorum, tolerance

RESTORE = "docs/guides/restore.md"
ALL_IS_WELL = "all is well"
"""Said only where it is so: a check by night looks for these very words, and nothing else passes it."""


@dataclass(frozen=True, slots=True)
class Told:
    """`well` only where everything was seen, and nothing needs anybody."""

    title: str
    findings: tuple[str, ...] = ()
    tolerated: int | None = None
    well: bool = False

    @property
    def text(self) -> str:
        return "\n".join([self.title, *(f"  ! {finding}" for finding in self.findings)])


def tell(
    present: Present | Unseen,
    wanted: Collection[str],
    cluster: str,
    backup_interval_seconds: float,
    kubernetes_version: str = "",
) -> Told:
    """Returns what is true now, in sentences. `wanted` are the identities on the list: a master that isn't among them
    leaves with this update. `kubernetes_version` is what the config asks for; without it nothing is said of APIs that it
    doesn't serve.
    """
    if isinstance(present, Unseen):
        return Told(f"{cluster} now: not known, its bucket can't be read: {present.reason}.")
    seen = tolerance_now(present)
    findings = (
        *_ways_out(present, seen, wanted),
        *(finding for master in present.masters for finding in _of(master, present, wanted)),
        *_strangers(present, seen),
        *upkeep(present, backup_interval_seconds),
        *unserved(present, kubernetes_version),
        *(f"{what}." for what in present.unasked),
    )
    as_designed = seen.now is not None and seen.now >= tolerance(len(present.masters)) and not seen.missing
    return Told(_title(present, seen, cluster, findings), findings, seen.now, as_designed and not findings)


def _title(present: Present, seen: Tolerance, cluster: str, findings: Sequence[str]) -> str:
    design = tolerance(len(present.masters))
    causes = "; ".join(_cause(name, present) for name in seen.missing)
    if seen.lost:
        return (
            f"{cluster} now: quorum is lost: of {count(len(seen.voters), 'voter')} {len(seen.up)} can be up and "
            f"{quorum(len(seen.voters))} must be: {causes}. The API can't be written to until then."
        )
    if seen.now is None:
        return (
            f"{cluster} now: {failures(design)} tolerated by design; how many now is not known: no master reports to be "
            "etcd's leader."
        )
    if seen.now < design:
        why = causes or f"etcd has {count(len(seen.voters), 'voter')} of {len(present.masters)}"
        return f"{cluster} now: tolerates {failures(design)} by design, {seen.now or 'none'} now: {why}."
    if findings:
        return f"{cluster} now: {failures(seen.now)} tolerated, and there is something to mend."
    masters = len(present.masters)
    who = f"{masters} masters serve" if masters > 1 else "the only master serves"
    return f"{cluster} now: {ALL_IS_WELL}: {who}, {failures(seen.now)} tolerated."


def _cause(name: str, present: Present) -> str:
    """Returns in three words why a voter doesn't count."""
    for master in present.masters:
        if master.identity == name:
            if master.machine == "":
                return f"{name} has no machine"
            return f"{name} is {master.machine}" if master.down else f"{name} is not healthy"
    return f"{name} is no machine of this stack"


def _of(master: Master, present: Present, wanted: Collection[str]) -> Iterator[str]:
    """Says what is wrong with one master, and leaves out what follows from it."""
    name, machine = master.identity, master.machine
    if master.down:
        yield f"{name} {'has no machine' if machine == '' else f'is {machine}'}{_mended(master, wanted)}."
        return
    yield from _reported(master, present)
    if master.grouped is False:
        yield f"{name} is not in its instance group, so the load balancer sends it nothing: `pulumi up` puts it back."
    elif master.grouped and master.health != "HEALTHY":
        yield f"The load balancer doesn't see {name} healthy, so it sends it nothing."


def _mended(master: Master, wanted: Collection[str]) -> str:
    if master.identity not in wanted:
        return ""
    if master.machine == "":
        return ": `pulumi up` creates it again, on the disk that it had"
    return ": `pulumi up` starts it" if master.machine in STOPPED else ""


def _reported(master: Master, present: Present) -> Iterator[str]:
    name, report, status = master.identity, master.report, master.status
    if report is None:
        yield f"{name} has not reported yet: `gcloud compute instances get-serial-port-output` shows how it starts."
    elif not report.fresh:
        yield (
            f"{name} has been silent for {duration(report.age_seconds)}: its machine may run on, but nobody knows. "
            "Its serial port tells why."
        )
    elif status is None:
        yield f"{name} reports in a way that this release can't read; it is not known whether it is well."
    elif status.phase != "serving":
        yield f"{name} is {status.phase}{because(status.reason)}."
    elif not status.apiserver_ready:
        yield f"The apiserver of {name} is not ready{because(status.reason)}."
    elif present.leader and present.leader.etcd:
        mine = next((each for each in present.leader.etcd.members if each.name == name), None)
        if mine is None or mine.role != "voter":
            yield f"{name} is {'no member' if mine is None else 'a learner, not yet a voter'} of etcd."
        elif not mine.healthy:
            yield f"etcd's leader {present.leader.replica} doesn't see {name} healthy."


def _strangers(present: Present, seen: Tolerance) -> Iterator[str]:
    known = {master.identity for master in present.masters}
    for name in seen.voters:
        if name not in known:
            yield f"{name} is still a voter of etcd, and no machine of this stack."


def _ways_out(present: Present, seen: Tolerance, wanted: Collection[str]) -> Iterator[str]:
    """Returns what to do where etcd can't decide, and why what the list asks for can't go through."""
    if present.leader is None and len(seen.voters) == 1 and seen.voters[0] not in wanted:
        (only,) = seen.voters
        yield (
            f"The only copy of the cluster's data is on the disk of {only}. Nobody can join while {only} does not answer, "
            f"so {listed(sorted(wanted))} can't take its place: put {only} back on the list, `pulumi up` starts it on its "
            f"disk, and swap it then. If the disk is lost: {RESTORE}."
        )
        return
    if not seen.lost:
        return
    yield (
        f"Start {listed(seen.missing)} on the disks that they have, with `pulumi up` or `gcloud compute instances start`. "
        f"If too many disks are lost: {RESTORE}."
    )
    standing = {master.identity for master in present.masters}
    if joining := sorted(set(wanted) - standing):
        yield f"{listed(joining)} can't join before that: a member joins by etcd's own decision."
