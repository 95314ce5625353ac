"""`python -m admin metrics`: from a look to series."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from admin.metrics.command import LastLook, main
from admin.metrics.series import series
from components.present.facts import Master, Present, Unseen
from components.present.findings import tell
from node.contract.status import Backup, Certificates, Database, PoolsView, ZoneView
from tests.components.present.masters import NOW, master, three

WANTED = frozenset({"m1-b", "m2-c", "m3-d"})
TAKEN = Backup("snapshots/2026.db", "2026-11-25T11:30:00Z", 10, 7, "2026-11-25T11:31:00Z", "")
ZONES = (
    ZoneView("web", "europe-west1-b", wanted=3, machines=3, ready=2, old=0, stuck="a budget allows none"),
)
LEADER = master(
    "m1-b",
    backup=replace(TAKEN, verified_at="2026-11-25T11:40:00Z"),
    pools=PoolsView("1", ZONES),
    database=Database(80, 60, 100, ("NOSPACE",)),
    certificates=Certificates("kubelet", "2027-11-25T00:00:00Z"),
)
OFF = Master("m2-c", "TERMINATED")


class _Once(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def samples(present: Present | Unseen) -> dict[str, float]:
    """By what Prometheus reads, without the cluster's name: `voters`, `verdict well`."""
    told = tell(present, WANTED, "dev", 1800)
    registry = CollectorRegistry()
    registry.register(_Once(list(series(present, told, "dev", 3, 1800))))
    found = {}
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            labels = [value for key, value in sample.labels.items() if key != "cluster"]
            assert sample.labels["cluster"] == "dev"
            found[" ".join([sample.name.removeprefix("ha_masters_"), *labels])] = sample.value
    return found


def everything() -> set[str]:
    """The name of each series that there can be."""
    names = {f"ha_masters_{name.split()[0]}" for name in samples(three(m1=LEADER))}
    return names | {"ha_masters_look_timestamp_seconds"}


@pytest.mark.parametrize(
    ("present", "name", "value"),
    [
        pytest.param(three(m1=LEADER), "voters", 3, id="voters"),
        pytest.param(three(m1=LEADER), "failures_tolerated", 1, id="tolerated"),
        pytest.param(three(m1=LEADER), "master_serving m2-c", 1, id="serves"),
        pytest.param(three(m1=LEADER), "etcd_leader_info m1-b", 1, id="leader"),
        pytest.param(three(m1=LEADER), "database_alarms m1-b", 1, id="an alarm"),
        pytest.param(three(m1=LEADER), "database_in_use_bytes m1-b", 60, id="bytes"),
        pytest.param(three(m1=LEADER), "backup_interval_seconds", 1800, id="interval"),
        pytest.param(three(m1=LEADER), "pool_stuck web europe-west1-b", 1, id="a pool that is stuck"),
        pytest.param(three(m1=LEADER), "pool_workers_ready web europe-west1-b", 2, id="workers"),
        pytest.param(three(m1=LEADER, m2=OFF), "master_serving m2-c", 0, id="one is off"),
        pytest.param(three(m2=OFF, m3=replace(OFF, identity="m3-d")), "verdict lost", 1, id="two are off"),
        pytest.param(Unseen("403"), "verdict unknown", 1, id="bucket can't be read"),
        pytest.param(Unseen("403"), "masters_expected", 3, id="the list is known all the same"),
    ],
)
def test_a_sample(present: Present | Unseen, name: str, value: float) -> None:
    assert samples(present)[name] == value


@pytest.mark.parametrize(
    ("present", "absent"),
    [
        pytest.param(Unseen("403"), "voters", id="of a cluster that nobody sees"),
        pytest.param(
            Present(NOW, tuple(master(name, "") for name in sorted(WANTED))),
            "failures_tolerated",
            id="without a leader",
        ),
        pytest.param(three(), "backup_timestamp_seconds", id="without a snapshot"),
        pytest.param(three(), "pool_stuck web europe-west1-b", id="without pools"),
    ],
)
def test_what_is_not_known_has_no_sample(present: Present | Unseen, absent: str) -> None:
    assert absent not in samples(present)


def test_verdicts_exclude_each_other() -> None:
    found = samples(three(m1=LEADER))
    assert sum(value for name, value in found.items() if name.startswith("verdict ")) == 1


def test_a_scrape_gets_the_last_look_while_it_is_young() -> None:
    looks, now = [0], [100.0]

    def look() -> list[Metric]:
        looks[0] += 1
        return []

    collector = LastLook("dev", look, every=30, clock=lambda: now[0])
    for at, expected in ((100.0, 1), (129.0, 1), (130.0, 2)):
        now[0] = at
        list(collector.collect())
        assert looks[0] == expected


@pytest.mark.parametrize(
    "words", [["--listen", "9464"], ["--listen", ":9464"], ["--every", "0"], ["--every", "soon"]]
)
def test_nonsense_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(words)
    assert done.value.code == 2
    assert repr(words[1]) in capsys.readouterr().err
