"""From a look at the cluster to series of Prometheus. Pure.

Names, units and labels are an interface, which `docs/guides/monitoring.md` lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from admin.status.rows import EXIT, verdict
from components.google.moments import moment
from components.present.facts import Master, Present, Unseen
from components.present.findings import Told
from components.present.tolerance import tolerance_now
from node.planner.quorum import tolerance

PREFIX = "ha_masters"


def series(
    present: Present | Unseen, told: Told, cluster: str, expected: int, backup_interval_seconds: float
) -> Iterator[Metric]:
    """What isn't known has no sample: a zero would be a word on it. `expected` are the masters on the list.

    A rule that waits for a value that nobody gives never fires; `ha_masters_verdict{verdict="unknown"}` tells of it.
    """
    of = _Cluster(cluster)
    found = verdict(present, told)
    holds = [((each,), each == found) for each in EXIT]
    yield of.each("verdict", "1 for what holds: well, mend, unknown or lost", holds, "verdict")
    yield of.one("findings", "Things that need somebody", len(told.findings))
    yield of.one("masters_expected", "Masters on the list, each of which shall be a voter", expected)
    yield of.one(
        "failures_tolerated_by_design", "Masters that may fail when all are well", tolerance(expected)
    )
    if isinstance(present, Unseen):
        return
    yield from _etcd(of, present)
    yield from _masters(of, present)
    yield from _backup(of, present, backup_interval_seconds)
    yield from _pools(of, present)


class _Cluster:
    """Makes the series of one cluster."""

    def __init__(self, name: str) -> None:
        self._name = name

    def one(self, name: str, told: str, value: float) -> Metric:
        return self.each(name, told, [((), value)])

    def each(
        self, name: str, told: str, samples: Iterable[tuple[tuple[str, ...], float]], *labels: str
    ) -> Metric:
        """`samples` are what the `labels` of each say, and its value."""
        made = GaugeMetricFamily(f"{PREFIX}_{name}", told, labels=["cluster", *labels])
        for said, value in samples:
            made.add_metric([self._name, *said], float(value))
        return made

    def info(self, name: str, told: str, values: dict[str, str]) -> Metric:
        return InfoMetricFamily(f"{PREFIX}_{name}", told, {"cluster": self._name, **values})


def _etcd(of: _Cluster, present: Present) -> Iterator[Metric]:
    seen = tolerance_now(present)
    if seen.now is not None:
        yield of.one(
            "failures_tolerated",
            "Masters that may fail now; see ha_masters_verdict for a lost quorum",
            seen.now,
        )
        yield of.one("voters", "Voters of etcd, whoever they are", len(seen.voters))
        yield of.one("voters_healthy", "Voters that work, by the leader's view and Google's", len(seen.up))
    leader = present.leader
    if leader:
        yield of.info("etcd_leader", "Which master etcd's leader is on", {"master": leader.replica})


def _masters(of: _Cluster, present: Present) -> Iterator[Metric]:
    masters = sorted(present.masters, key=lambda master: master.identity)
    serving = [((each.identity,), _serves(each)) for each in masters]
    yield of.each(
        "master_serving", "1 where a master reports to serve, and its machine runs", serving, "master"
    )
    ages = [((each.identity,), each.report.age_seconds) for each in masters if each.report]
    yield of.each("master_report_age_seconds", "Since a master last wrote its status", ages, "master")
    statuses = [((each.identity,), each.status) for each in masters if each.status]
    databases = [(name, status.database) for name, status in statuses if status.database]
    for name, told, samples in (
        ("database_bytes", "etcd's file", [(n, d.size_bytes) for n, d in databases]),
        ("database_in_use_bytes", "What of it is in use", [(n, d.in_use_bytes) for n, d in databases]),
        ("database_quota_bytes", "How large it may grow", [(n, d.quota_bytes) for n, d in databases]),
        (
            "database_alarms",
            "Alarms that are raised: NOSPACE, CORRUPT",
            [(n, len(d.alarms)) for n, d in databases],
        ),
    ):
        yield of.each(name, told, samples, "master")
    ends = [(n, _seconds(s.certificates.expires)) for n, s in statuses if s.certificates]
    yield of.each(
        "certificate_expiry_timestamp_seconds", "When a master's first certificate ends", ends, "master"
    )


def _backup(of: _Cluster, present: Present, interval_seconds: float) -> Iterator[Metric]:
    yield of.one("backup_interval_seconds", "Between two snapshots, as it is asked for", interval_seconds)
    leader = present.leader
    found = leader.backup if leader else None
    if found and found.taken_at:
        yield of.one(
            "backup_timestamp_seconds",
            "When the newest snapshot was taken, or last found to have all that there is",
            _seconds(found.complete_at),
        )
    if found and found.verified_at:
        yield of.one(
            "backup_verified_timestamp_seconds", "When one was last read back", _seconds(found.verified_at)
        )


def _pools(of: _Cluster, present: Present) -> Iterator[Metric]:
    zones = present.leader.pools.zones if present.leader and present.leader.pools else ()
    if not zones:
        return
    labels = [(each.pool, each.zone) for each in zones]
    for name, told, values in (
        ("pool_workers_wanted", "Workers that a zone of a pool shall have", [z.wanted for z in zones]),
        (
            "pool_workers_ready",
            "Workers that are Ready there, of the wanted template",
            [z.ready for z in zones],
        ),
        (
            "pool_stuck",
            "1 where nothing can be done: a budget, a pod, a quota",
            [bool(z.stuck) for z in zones],
        ),
    ):
        yield of.each(name, told, zip(labels, values, strict=True), "pool", "zone")


def _serves(master: Master) -> bool:
    status = master.status
    return bool(status and status.phase == "serving" and status.apiserver_ready and not master.down)


def _seconds(text: str) -> float:
    """Since 1970, of a moment in RFC 3339."""
    return moment(text).timestamp()
