"""A restore is refused, told, or done already: one case a line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from components.restore.facts import Facts, Snapshot
from components.restore.judge import judge
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.restore import Restore, Restored

NAME = "snapshots/2026-01-02T03:04:05Z-47-m1-b.db"
NOW = datetime(2026, 1, 2, 5, 34, 5, tzinfo=UTC)
TAKEN = Snapshot(NOW - timedelta(hours=2, minutes=30), 3 * 2**20, 47, "1f", "2026-01-02T03:04:06Z")
FORMED = BootstrapMarker("dev", "m1-b", "1", "1f")
FACTS = Facts(NOW, FORMED, TAKEN, newest_revision=60)
ASKED = Restore("dev", NAME, "m2-c")
SURVIVOR = Restore("dev", "m1-b", "m1-b")
DONE = replace(FORMED, restored=(Restored(NAME, "1f", "2026-01-02T04:00:00Z"),))


@pytest.mark.parametrize(
    ("request_", "facts", "says"),
    [
        pytest.param(ASKED, replace(FACTS, living=frozenset({"1f"})), "a quorum of cluster 1f lives", id="quorum-lives"),
        pytest.param(
            ASKED, replace(FACTS, living=frozenset({"1f"})), "etcd.restoreOverQuorum 1f`", id="names-the-way"
        ),
        pytest.param(
            replace(ASKED, over_quorum="2e"), replace(FACTS, living=frozenset({"1f"})), "cluster 1f lives", id="over-another"
        ),
        pytest.param(
            ASKED, replace(FACTS, snapshot=None, newest_snapshot="snapshots/b.db"), "The newest one is snapshots/b.db",
            id="no-such-snapshot",
        ),
        pytest.param(ASKED, replace(FACTS, unreadable=frozenset({"m3-d"})), "m3-d reports what", id="unreadable"),
        pytest.param(
            SURVIVOR, replace(FACTS, snapshot=None, living=frozenset({"1f"})), "etcd.survivor: m1-b is", id="survivor"
        ),
    ],
)  # fmt: skip
def test_refused(request_: Restore, facts: Facts, says: str) -> None:
    judgement = judge(request_, facts)
    assert says in judgement.refused
    assert "docs/guides/restore.md" in judgement.refused


@pytest.mark.parametrize(
    ("request_", "facts", "says"),
    [
        pytest.param(ASKED, FACTS, "anew from snapshots/", id="source"),
        pytest.param(ASKED, FACTS, "taken 2 h ago, 3.0 MiB, revision 47, of cluster 1f, verified 2026", id="snapshot"),
        pytest.param(ASKED, FACTS, "in the 2 h since, 13 revisions that masters reported", id="lost"),
        pytest.param(
            ASKED, replace(FACTS, snapshot=Snapshot(NOW, 1)), "taken 0 s ago, 0.0 MiB, never verified", id="without-notes"
        ),
        pytest.param(SURVIVOR, replace(FACTS, snapshot=None), "Kept: all that lies on the disk of m1-b", id="survivor"),
        pytest.param(
            replace(ASKED, over_quorum="1f"), replace(FACTS, living=frozenset({"1f"})), "Cluster 1f lives and is given up",
            id="over-a-quorum",
        ),
    ],
)  # fmt: skip
def test_told(request_: Restore, facts: Facts, says: str) -> None:
    judgement = judge(request_, facts)
    assert (judgement.refused, judgement.under_way) == ("", True)
    assert says in judgement.told


def test_done_once_also_while_a_quorum_lives() -> None:
    judgement = judge(ASKED, replace(FACTS, marker=DONE, living=frozenset({"1f"}), snapshot=None))
    assert (judgement.refused, judgement.under_way) == ("", False)
    assert "was done at 2026-01-02T04:00:00Z, as cluster 1f" in judgement.told
    assert f"'{NAME}#2'" in judgement.told


def test_what_was_begun_goes_on_although_a_former_quorum_is_seen() -> None:
    claimed = replace(FORMED, cluster_id="", restoring=NAME)
    judgement = judge(ASKED, replace(FACTS, marker=claimed, living=frozenset({"1f"})))
    assert judgement.under_way
    assert "m1-b is restoring" in judgement.told
