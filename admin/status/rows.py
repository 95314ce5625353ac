"""From a look at the cluster to a line for each master and one for all of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from components.google.moments import moment
from components.present.facts import Master, Present, Unseen
from components.present.findings import Told
from components.present.tolerance import tolerance_now
from components.present.versions import deprecated
from components.standing.facts import KnownMaster
from components.wording import count, duration
from node.contract.status import EtcdView, Versions
from node.planner.quorum import tolerance

Verdict = Literal["well", "mend", "unknown", "lost"]
"""`lost`: etcd has no quorum, so the API takes no writes."""

EXIT: Mapping[Verdict, int] = {"well": 0, "mend": 1, "unknown": 2, "lost": 3}
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One master in the words of the screen. What isn't known is `-`; `said` is the age of its last report. `kubernetes` is
    what its apiserver runs, with what it shall run behind an arrow where that is another; `etcd_version` has the minor of
    etcd's data behind it where they are of an earlier one.
    """

    master: str
    zone: str
    machine: str
    serves: str
    etcd: str
    balancer: str
    kubernetes: str
    kubelet: str
    etcd_version: str
    database: str
    certificates: str
    said: str


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A zone of a pool, by the leader's word. `old` are machines of a former template; `now` is what is done about it, or
    why nothing can be.
    """

    pool: str
    zone: str
    ready: str
    machines: str
    old: str
    now: str


def pool_rows(present: Present | Unseen) -> tuple[PoolRow, ...]:
    """Returns an empty tuple where there are no pools, or nobody leads who could tell."""
    leader = None if isinstance(present, Unseen) else present.leader
    if leader is None or leader.pools is None:
        return ()
    return tuple(
        PoolRow(
            pool=zone.pool,
            zone=zone.zone,
            ready=f"{zone.ready} of {zone.wanted}",
            machines=str(zone.machines),
            old=str(zone.old) if zone.old else NOTHING,
            now=zone.stuck or zone.doing or NOTHING,
        )
        for zone in leader.pools.zones
    )


def verdict(present: Present | Unseen, told: Told) -> Verdict:
    if isinstance(present, Unseen):
        return "unknown"
    seen = tolerance_now(present)
    if seen.lost:
        return "lost"
    if seen.now is None:
        return "unknown"
    return "well" if told.well else "mend"


def rows(present: Present | Unseen, standing: Sequence[KnownMaster]) -> tuple[Row, ...]:
    """Returns one for each master whose machine stands in the stack's state, in the order of their names."""
    if isinstance(present, Unseen):
        return ()
    known = {each.identity: each for each in standing}
    leader = present.leader
    view = leader.etcd if leader else None
    return tuple(
        _row(master, known[master.identity], view, present.at)
        for master in sorted(present.masters, key=lambda each: each.identity)
        if master.identity in known
    )


def backup(present: Present | Unseen) -> str:
    """Returns one line on the newest snapshot, by the leader's word; empty where nobody has one to give."""
    leader = None if isinstance(present, Unseen) else present.leader
    found = leader.backup if leader else None
    if isinstance(present, Unseen) or found is None or not found.taken_at:
        return ""
    age = duration((present.at - moment(found.taken_at)).total_seconds())
    proof = "verified" if found.verified_at else "not verified yet"
    if found.unchanged_at > found.taken_at:
        seen = duration((present.at - moment(found.unchanged_at)).total_seconds())
        proof += f", nothing written since ({seen} ago)"
    return f"{found.newest}, {age} old, revision {found.revision}, {proof}"


def encryption(present: Present | Unseen) -> str:
    """Returns a line on the key by which Secrets are stored, while two are there; empty otherwise."""
    leader = None if isinstance(present, Unseen) else present.leader
    if leader is None or leader.encryption is None:
        return ""
    said = [f"{found} by key {key}" for key, found in leader.encryption.counts]
    return ", ".join(
        [*said, *([f"{leader.encryption.other} by no key of ours"] if leader.encryption.other else [])]
    )


def authorities(present: Present | Unseen) -> str:
    """Returns a line on authorities of which two generations are trusted somewhere; empty where there is none."""
    told: dict[str, list[str]] = {}
    for master in () if isinstance(present, Unseen) else present.masters:
        seen = master.status.authorities if master.status else None
        for each in seen.views if seen else ():
            if len(each.trusted) > 1:
                trusted, held = (" and ".join(map(str, numbers)) for numbers in (each.trusted, each.issued))
                told.setdefault(f"{each.name} trusts {trusted}, issued by {held}", []).append(master.identity)
    return "; ".join(f"{said}: {', '.join(masters)}" for said, masters in sorted(told.items()))


def deprecated_apis(present: Present | Unseen) -> str:
    """What somebody asks for that a later minor doesn't serve; empty if there is nothing."""
    return ", ".join(
        f"{each.resource} of {each.api}"
        + (f" ({count(each.objects, 'object')})" if each.objects >= 0 else "")
        + f" until {each.removed}"
        for each in deprecated(present)
    )


def document(
    present: Present | Unseen, told: Told, standing: Sequence[KnownMaster], address: str
) -> dict[str, Any]:
    """Returns the same for programs: `verdict` is one of `well`, `mend`, `unknown`, `lost`."""
    return {
        "verdict": verdict(present, told),
        "title": told.title,
        "findings": list(told.findings),
        "failuresTolerated": told.tolerated,
        "failuresToleratedByDesign": tolerance(len(standing)) if standing else 0,
        "address": address,
        "backup": backup(present),
        "secrets": encryption(present),
        "authorities": authorities(present),
        "deprecated": deprecated_apis(present),
        "masters": [asdict(row) for row in rows(present, standing)],
        "pools": [asdict(row) for row in pool_rows(present)],
    }


def _row(master: Master, known: KnownMaster, view: EtcdView | None, now: datetime) -> Row:
    status = master.status
    versions = (status.versions if status else None) or Versions()
    return Row(
        master=master.identity,
        zone=known.zone,
        machine=NOTHING if master.machine is None else master.machine or "none",
        serves=_serves(master),
        etcd=_role(master.identity, view),
        balancer=_balancer(master),
        kubernetes=_towards(versions.apiserver, known.settings.get("kubernetesVersion")),
        kubelet=versions.kubelet or NOTHING,
        etcd_version=_towards(versions.etcd, known.settings.get("etcdVersion")) + _data(versions),
        database=_database(master),
        certificates=_days(status.certificates.expires, now) if status and status.certificates else NOTHING,
        said=f"{duration(master.report.age_seconds)} ago" if master.report else "never",
    )


def _towards(runs: str, asked: object) -> str:
    """What runs, and what shall; what shall alone, in brackets, where nobody says what runs."""
    if not runs:
        return f"({asked})" if asked else NOTHING
    return runs if asked in (None, runs) else f"{runs} → {asked}"


def _data(versions: Versions) -> str:
    """A patch release doesn't change what data are of, nor is there anything to say before etcd has decided on it."""
    data = versions.etcd_data
    return "" if not data or versions.etcd.startswith(f"{data}.") else f", data {data}"


def _serves(master: Master) -> str:
    if master.down:
        return NOTHING
    status = master.status
    if status is None:
        return "silent" if master.report and not master.report.fresh else NOTHING
    if status.phase != "serving":
        return status.phase
    return "serving" if status.apiserver_ready else "not ready"


def _role(identity: str, view: EtcdView | None) -> str:
    if view is None:
        return NOTHING
    member = next((each for each in view.members if each.name == identity), None)
    if member is None:
        return "no member"
    role = "leader" if view.leader == identity else member.role
    return role if member.healthy else f"{role}, ill"


def _balancer(master: Master) -> str:
    """Returns the load balancer's health, in its own word."""
    if master.grouped is None:
        return NOTHING
    return (master.health or "not probed").lower() if master.grouped else "not in its group"


def _database(master: Master) -> str:
    database = master.status.database if master.status else None
    if database is None or not database.quota_bytes:
        return NOTHING
    alarms = "".join(f" {alarm}" for alarm in database.alarms)
    return f"{database.size_bytes / 2**20:.0f} MiB {database.size_bytes / database.quota_bytes:.0%}{alarms}"


def _days(expires: str, now: datetime) -> str:
    left = moment(expires) - now
    return f"{left.days} days" if left.total_seconds() > 0 else "ended"
