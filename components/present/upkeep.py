"""What will hurt later unless somebody cares: a full database, certificates that end, backups that don't come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from components.google.moments import moment
from components.pki.authority import LEAF_EARLY_RENEWAL_DAYS
from components.present.facts import Present
from components.wording import because, duration
from node.contract.authorities import is_authority
from node.contract.status import Backup, Certificates, Database, PoolsView

MUCH = 0.8
"""Of the quota: etcd takes no more writes at all once it is reached, and a defragmentation needs time to be planned."""

LATE_INTERVALS = 2
"""A backup that is older than so many intervals has missed one, and not just waited for a leader."""

GIB = 1024**3


def upkeep(present: Present, backup_interval_seconds: float) -> Iterator[str]:
    """Yields what is amiss by masters' reports of now; a part that a master's release doesn't report says nothing."""
    for master in present.masters:
        status = None if master.down else master.status
        if status is None:
            continue
        if status.database:
            yield from _of_database(status.replica, status.database)
        if status.certificates:
            yield from _of_certificates(status.replica, status.certificates, present.at)
    if present.leader and present.leader.pools:
        yield from _of_pools(present.leader.pools)
    if present.leader and present.leader.backup:
        yield from _of_backup(present.leader.backup, present.at, backup_interval_seconds)


def _of_pools(pools: PoolsView) -> Iterator[str]:
    """Yields what stands still; what is on its way to what was asked for is no finding."""
    if pools.problem:
        yield f"Workers can't be seen to: {pools.problem}."
    for zone in pools.zones:
        if zone.stuck:
            yield f"The pool {zone.pool} in {zone.zone} has {zone.ready} of {zone.wanted} ready: {zone.stuck}."
    yield from (f"Workers: {waiting}." for waiting in pools.waiting)


def _of_database(name: str, database: Database) -> Iterator[str]:
    used = f"{database.size_bytes / GIB:.1f} of {database.quota_bytes / GIB:.1f} GiB"
    for alarm in database.alarms:
        if alarm == "NOSPACE":
            yield (
                f"etcd on {name} has the alarm NOSPACE ({used}): the cluster refuses every write. Raise etcd.quotaBytes; "
                "the alarm goes once there is room."
            )
        else:
            yield f"etcd on {name} has the alarm {alarm}: replace {name} and its disk, `--replace '**::{name}-disk-turn'`."
    if not database.alarms and database.quota_bytes and database.size_bytes > MUCH * database.quota_bytes:
        yield (
            f"etcd's database on {name} fills {database.size_bytes / database.quota_bytes:.0%} of its quota ({used}): raise "
            "etcd.quotaBytes before writes are refused."
        )


def _renewed(stem: str) -> str:
    """What is to be done about it: no update makes an authority anew by itself."""
    return "rotate it: docs/guides/rotate-an-authority.md" if is_authority(stem) else "`pulumi up` renews it"


def _of_certificates(name: str, certificates: Certificates, now: datetime) -> Iterator[str]:
    left = moment(certificates.expires) - now
    if left < timedelta():
        yield (
            f"The certificate {certificates.first} of {name} ended on {certificates.expires[:10]}: "
            f"{_renewed(certificates.first)}."
        )
    elif left < timedelta(days=LEAF_EARLY_RENEWAL_DAYS):
        yield (
            f"The certificate {certificates.first} of {name} ends in {duration(left.total_seconds())}, on "
            f"{certificates.expires[:10]}: {_renewed(certificates.first)}."
        )


def _of_backup(backup: Backup, now: datetime, interval_seconds: float) -> Iterator[str]:
    why = because(backup.problem)
    if not backup.taken_at:
        yield f"No backup of etcd has been taken yet{why}."
        return
    age = (now - moment(backup.complete_at)).total_seconds()
    if age > LATE_INTERVALS * interval_seconds:
        yield (
            f"The newest backup of etcd is {duration(age)} old, and one is due every {duration(interval_seconds)}{why}."
        )
    elif backup.problem:
        yield f"The newest backup of etcd, {backup.newest}, is not known to be good{why}."
