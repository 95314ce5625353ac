"""What will hurt later unless somebody cares."""

from __future__ import annotations

from typing import Any

import pytest

from components.present.upkeep import upkeep
from node.contract.status import Backup, Certificates, Database, PoolsView, ZoneView
from tests.components.present.masters import one

GIB = 1024**3
HOUR = 3600
TAKEN = {"newest": "snapshots/one.db", "verified_at": "2026-11-25T11:30:00Z"}


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        pytest.param({}, [], id="nothing reported"),
        pytest.param({"database": Database(GIB, GIB, 2 * GIB)}, [], id="half full"),
        pytest.param(
            {"database": Database(17 * GIB // 10, GIB, 2 * GIB)},
            [
                "etcd's database on m1-b fills 85% of its quota (1.7 of 2.0 GiB): raise etcd.quotaBytes before writes are "
                "refused."
            ],
            id="over 80 %",
        ),
        pytest.param(
            {"database": Database(2 * GIB, GIB, 2 * GIB, ("NOSPACE",))},
            [
                "etcd on m1-b has the alarm NOSPACE (2.0 of 2.0 GiB): the cluster refuses every write. Raise "
                "etcd.quotaBytes; the alarm goes once there is room."
            ],
            id="full",
        ),
        pytest.param(
            {"database": Database(GIB, GIB, 2 * GIB, ("CORRUPT",))},
            [
                "etcd on m1-b has the alarm CORRUPT: replace m1-b and its disk, `--replace '**::m1-b-disk-turn'`."
            ],
            id="corrupt",
        ),
        pytest.param({"certificates": Certificates("etcd-peer", "2027-01-25T12:00:00Z")}, [], id="61 days"),
        pytest.param(
            {"certificates": Certificates("etcd-peer", "2027-01-23T12:00:00Z")},
            ["The certificate etcd-peer of m1-b ends in 59 days, on 2027-01-23: `pulumi up` renews it."],
            id="59 days",
        ),
        pytest.param(
            {"certificates": Certificates("etcd-peer", "2026-11-24T12:00:00Z")},
            ["The certificate etcd-peer of m1-b ended on 2026-11-24: `pulumi up` renews it."],
            id="ended",
        ),
        pytest.param({"pools": PoolsView()}, [], id="workers join"),
        pytest.param(
            {
                "pools": PoolsView(
                    waiting=("dev-web-b-x1z9 waits for its serving certificate: it is STAGING",)
                )
            },
            ["Workers: dev-web-b-x1z9 waits for its serving certificate: it is STAGING."],
            id="a worker waits",
        ),
        pytest.param({"backup": Backup(taken_at="2026-11-25T10:30:00Z", **TAKEN)}, [], id="backup in time"),
        pytest.param(
            {"backup": Backup(taken_at="2026-11-25T09:00:00Z", problem="the bucket refuses.", **TAKEN)},
            ["The newest backup of etcd is 3 h old, and one is due every 60 min: the bucket refuses."],
            id="backup late",
        ),
        pytest.param(
            {"backup": Backup(taken_at="2026-11-25T02:00:00Z", unchanged_at="2026-11-25T11:30:00Z", **TAKEN)},
            [],
            id="nothing written since the last one",
        ),
        pytest.param(
            {"backup": Backup(taken_at="2026-11-25T02:00:00Z", unchanged_at="2026-11-25T06:00:00Z", **TAKEN)},
            ["The newest backup of etcd is 6 h old, and one is due every 60 min."],
            id="nobody has looked since",
        ),
        pytest.param(
            {"backup": Backup(taken_at="2026-11-25T11:30:00Z", problem="its hash is wrong", **TAKEN)},
            ["The newest backup of etcd, snapshots/one.db, is not known to be good: its hash is wrong."],
            id="backup not verified",
        ),
        pytest.param(
            {"backup": Backup(problem="the bucket refuses")},
            ["No backup of etcd has been taken yet: the bucket refuses."],
            id="no backup",
        ),
    ],
)
def test_upkeep(parts: dict[str, Any], told: list[str]) -> None:
    assert list(upkeep(one(**parts), HOUR)) == told


def test_a_master_that_is_down_is_not_judged_by_what_it_said() -> None:
    full = Database(2 * GIB, GIB, 2 * GIB, ("NOSPACE",))
    assert list(upkeep(one(database=full, machine="TERMINATED"), HOUR)) == []


def test_a_pool_that_stands_still_is_told() -> None:
    stuck = ZoneView("web", "europe-west1-b", 2, 3, 2, 1, stuck="default/x is kept by the budget default/web")
    present = one(pools=PoolsView("7", (stuck,)), backup=None)
    assert list(upkeep(present, 3600)) == [
        "The pool web in europe-west1-b has 2 of 2 ready: default/x is kept by the budget default/web."
    ]


def test_pools_that_cant_be_seen_to_are_told() -> None:
    present = one(pools=PoolsView("7", problem="403"), backup=None)
    assert list(upkeep(present, 3600)) == ["Workers can't be seen to: 403."]
