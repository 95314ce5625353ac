"""`python -m admin status`: from a look to rows, to a verdict and to an object for programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from admin.status.rows import (
    EXIT,
    PoolRow,
    authorities,
    backup,
    deprecated_apis,
    document,
    pool_rows,
    rows,
    verdict,
)
from components.present.facts import Master, Present, Unseen
from components.present.findings import tell
from components.standing.facts import KnownMaster
from node.contract.status import (
    AuthoritiesView,
    AuthorityView,
    Backup,
    Certificates,
    Database,
    DeprecatedApi,
    PoolsView,
    Versions,
    ZoneView,
)
from tests.components.present.masters import NOW, master, one, three, view

WANTED = frozenset({"m1-b", "m2-c", "m3-d"})
STANDING = [
    KnownMaster(name, f"europe-west1-{name[-1]}", settings={"kubernetesVersion": "1.36.3"})
    for name in sorted(WANTED)
]
TAKEN = Backup("snapshots/2026.db", "2026-11-25T11:30:00Z", 10, 7, "2026-11-25T11:31:00Z", "")
BACKED_UP = {"backup": TAKEN}
OFF = Master("m2-c", "TERMINATED")
RUNS = Versions("1.36.3", "1.35.2", "3.7.0", "3.6")
FLOWS = DeprecatedApi("flowschemas", "flowcontrol.apiserver.k8s.io/v1beta3", "1.37", 3)


def well() -> Present:
    return three(m1=master("m1-b", **BACKED_UP))


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        pytest.param(well(), "well", id="well"),
        pytest.param(
            three(m1=master("m1-b", "m1-b m2-c! m3-d", **BACKED_UP), m2=OFF), "mend", id="one is off"
        ),
        pytest.param(three(m2=OFF, m3=replace(OFF, identity="m3-d")), "lost", id="two are off"),
        pytest.param(
            Present(NOW, tuple(master(name, "") for name in sorted(WANTED))),
            "unknown",
            id="no leader reports",
        ),
        pytest.param(Unseen("403"), "unknown", id="bucket can't be read"),
    ],
)
def test_verdicts(present: Present | Unseen, expected: str) -> None:
    assert verdict(present, tell(present, WANTED, "dev", 3600)) == expected


def test_an_authority_in_rotation_has_a_line() -> None:
    def lives(name: str, trusted: tuple[int, ...], issued: tuple[int, ...]) -> Master:
        return master(name, authorities=AuthoritiesView((AuthorityView("etcdPeers", trusted, issued),)))

    present = three(
        m1=lives("m1-b", (1, 2), (2,)), m2=lives("m2-c", (1, 2), (1,)), m3=lives("m3-d", (1,), (1,))
    )
    assert authorities(present) == (
        "etcdPeers trusts 1 and 2, issued by 1: m2-c; etcdPeers trusts 1 and 2, issued by 2: m1-b"
    )
    assert authorities(well()) == ""


def test_each_verdict_has_an_exit_status_of_its_own() -> None:
    assert list(EXIT.values()) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("of", "column", "expected"),
    [
        pytest.param(master("m1-b"), "serves", "serving", id="serves"),
        pytest.param(master("m1-b", apiserver_ready=False), "serves", "not ready", id="apiserver isn't ready"),
        pytest.param(master("m1-b", phase="joining"), "serves", "joining", id="joins"),
        pytest.param(master("m1-b", age=90), "serves", "silent", id="silent"),
        pytest.param(master("m1-b", machine="TERMINATED"), "serves", "-", id="its last word is of before it stopped"),
        pytest.param(master("m1-b", age=90), "said", "90 s ago", id="its last word"),
        pytest.param(Master("m1-b", "RUNNING"), "said", "never", id="no word"),
        pytest.param(Master("m1-b", ""), "machine", "none", id="no machine"),
        pytest.param(Master("m1-b"), "machine", "-", id="machine couldn't be asked"),
        pytest.param(master("m1-b"), "etcd", "leader", id="leads"),
        pytest.param(master("m1-b"), "balancer", "healthy", id="balanced"),
        pytest.param(master("m1-b", grouped=False), "balancer", "not in its group", id="out of its group"),
        pytest.param(master("m1-b", grouped=None), "balancer", "-", id="no balancer"),
        pytest.param(
            master("m1-b", database=Database(120 * 2**20, 1, 240 * 2**20, ())), "database", "120 MiB 50%", id="half full"
        ),
        pytest.param(
            master("m1-b", database=Database(240 * 2**20, 1, 240 * 2**20, ("NOSPACE",))),
            "database",
            "240 MiB 100% NOSPACE",
            id="full",
        ),
        pytest.param(
            master("m1-b", certificates=Certificates("kubelet", "2026-12-25T12:00:00Z")),
            "certificates",
            "30 days",
            id="certificates",
        ),
        pytest.param(
            master("m1-b", certificates=Certificates("kubelet", "2026-11-25T11:00:00Z")),
            "certificates",
            "ended",
            id="certificates that ended",
        ),
        pytest.param(master("m1-b"), "kubernetes", "(1.36.3)", id="nobody says which version runs"),
        pytest.param(master("m1-b", versions=RUNS), "kubernetes", "1.35.2 → 1.36.3", id="is to run another version"),
        pytest.param(master("m1-b", versions=RUNS), "kubelet", "1.36.3", id="a kubelet's version"),
        pytest.param(master("m1-b", versions=RUNS), "etcd_version", "3.7.0, data 3.6", id="data of an earlier minor"),
        pytest.param(
            master("m1-b", versions=Versions(etcd="3.6.8", etcd_data="3.6")), "etcd_version", "3.6.8", id="its own data"
        ),
    ],
)  # fmt: skip
def test_words_of_a_row(of: Master, column: str, expected: str) -> None:
    assert getattr(rows(three(m1=of), STANDING)[0], column) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param("m1-b m2-c! m3-d", "voter, ill", id="ill"),
        pytest.param("m1-b m2-c~ m3-d", "learner", id="learns"),
        pytest.param("m1-b m3-d", "no member", id="no member"),
    ],
)
def test_the_leaders_view_tells_the_role(members: str, expected: str) -> None:
    assert rows(three(m1=master("m1-b", members)), STANDING)[1].etcd == expected


def test_a_view_of_nobody_who_leads_is_not_taken() -> None:
    present = three(m1=master("m1-b", "", etcd=view("m1-b", leader="")))
    assert {row.etcd for row in rows(replace(present, masters=present.masters[:1]), STANDING)} == {"-"}


def test_a_machine_that_the_state_does_not_have_has_no_row() -> None:
    assert [row.master for row in rows(three(), STANDING[:1])] == ["m1-b"]


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        pytest.param(TAKEN, "snapshots/2026.db, 30 min old, revision 7, verified", id="verified"),
        pytest.param(
            replace(TAKEN, verified_at=""), "snapshots/2026.db, 30 min old, revision 7, not verified yet", id="new"
        ),
        pytest.param(
            replace(TAKEN, unchanged_at="2026-11-25T11:56:00Z"),
            "snapshots/2026.db, 30 min old, revision 7, verified, nothing written since (4 min ago)", id="unchanged"
        ),
        pytest.param(None, "", id="none"),
    ],
)  # fmt: skip
def test_the_newest_backup_in_one_line(taken: Backup | None, expected: str) -> None:
    assert backup(one(backup=taken)) == expected


def test_deprecated_apis_are_told_of_all_masters_together() -> None:
    seen = three(
        m2=master("m2-c", deprecated=(FLOWS,)), m3=master("m3-d", deprecated=(replace(FLOWS, objects=-1),))
    )
    assert (
        deprecated_apis(seen) == "flowschemas of flowcontrol.apiserver.k8s.io/v1beta3 (3 objects) until 1.37"
    )


def test_a_zone_of_a_pool_has_a_row() -> None:
    view = PoolsView(
        "7",
        (
            ZoneView("web", "europe-west1-b", 3, 4, 2, 1, doing="drains dev-web-b-aaaa"),
            ZoneView("web", "europe-west1-c", 3, 3, 3, 0),
        ),
    )
    present = three(m1=master("m1-b", pools=view, **BACKED_UP))
    assert pool_rows(present) == (
        PoolRow("web", "europe-west1-b", "2 of 3", "4", "1", "drains dev-web-b-aaaa"),
        PoolRow("web", "europe-west1-c", "3 of 3", "3", "-", "-"),
    )
    assert verdict(present, tell(present, WANTED, "dev", 3600)) == "well"
    assert (
        document(present, tell(present, WANTED, "dev", 3600), STANDING, "")["pools"][1]["zone"]
        == "europe-west1-c"
    )


def test_without_pools_there_is_no_row_of_one() -> None:
    assert pool_rows(three()) == pool_rows(Unseen("403")) == ()


def test_programs_get_the_same() -> None:
    present = well()
    found = document(present, tell(present, WANTED, "dev", 3600), STANDING, "203.0.113.10")
    assert (found["verdict"], found["failuresTolerated"], found["failuresToleratedByDesign"]) == (
        "well",
        1,
        1,
    )
    assert found["address"] == "203.0.113.10"
    assert [each["master"] for each in found["masters"]] == sorted(WANTED)


def test_an_hour_later_the_backup_is_an_hour_older() -> None:
    present = one(backup=TAKEN)
    assert "90 min old" in backup(replace(present, at=NOW + timedelta(hours=1)))
