"""A restore, one rule a line: what each replica does about a request, in the words of `test_planner`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.fields import FormatError
from node.contract.restore import Restore, Restored, Source, again
from node.contract.status import DataDirectory
from node.planner.observed import Desired, Report
from node.planner.plan import plan
from tests.node.planner.test_plan import FORMED, etcd, health, said, wanted

SNAPSHOT = "snapshots/2026-01-02T03:04:05Z-47-a-b.db"
CLAIM = BootstrapMarker("dev", "a-b", "1", restoring=SNAPSHOT)
DONE = replace(FORMED, restored=(Restored(SNAPSHOT, "c1", "2026-01-02T03:04:05Z"),))


def asked(names: str, founder: str, request: str = SNAPSHOT, over: str = "") -> Desired:
    return replace(wanted(names), restore=Restore("dev", request, f"{founder}-b", over))


@pytest.mark.parametrize(
    ("desired", "members", "local", "changes", "expected"),
    [
        pytest.param(asked("a b c", "a"), "a b! c!", "a", {}, "Restore", id="quorum-lost"),
        pytest.param(asked("a b c", "a"), "b a! c!", "b", {}, "Wait quorum is lost", id="only-the-founder"),
        pytest.param(asked("a", "a"), None, "a", {"blank": "a"}, "Restore", id="blank-founder"),
        pytest.param(asked("a", "a"), None, "a", {"blank": "a", "marker": None}, "Restore", id="no-marker"),
        pytest.param(asked("a b", "a"), None, "b", {"blank": "b", "marker": None}, "Wait a-b is to", id="nobody-founds"),
        pytest.param(asked("a b c", "a"), "a b c!", "a", {}, "Wait c-b is not healthy", id="living-goes-on"),
        pytest.param(asked("a b c", "a"), "a b c", "a", {}, "Wait nothing is restored", id="a-quorum-lives"),
        pytest.param(asked("a b c", "a", over="c1"), "a b c", "a", {}, "Restore", id="over-that-quorum"),
        pytest.param(asked("a b c", "a", over="c0"), "a b c", "a", {}, "Wait nothing is restored", id="over-another"),
        pytest.param(asked("a b c", "a"), "a b! c!", "a", {"elsewhere": "c1"}, "Wait quorum is", id="elsewhere"),
        pytest.param(asked("a b c", "a"), "a b c", "a", {"marker": DONE}, "Nothing", id="done"),
        pytest.param(asked("a b c", "a"), "a b! c!", "a", {"marker": DONE}, "Wait quorum is lost", id="done-once"),
        pytest.param(asked("a b c", "a", "a-b"), "a b! c!", "a", {}, "Restore", id="survivor"),
        pytest.param(asked("a", "a", "a-b"), None, "a", {"blank": "a"}, "Wait the data disk of a-b", id="no-survivor"),
        pytest.param(
            asked("a", "a", "a-b"), None, "a", {"data": "c0"}, "Wait the disk of a-b is of cluster c0", id="stranger"
        ),
        pytest.param(asked("a b", "a"), None, "a", {"blank": "a", "marker": CLAIM}, "Restore", id="goes-on"),
        pytest.param(wanted("a b"), None, "a", {"blank": "a", "marker": CLAIM}, "Restore", id="taken-back-too-late"),
        pytest.param(
            wanted("a b"), "a", "a", {"marker": CLAIM, "disk": SNAPSHOT, "quorum": "c1"}, "Confirm", id="confirms"
        ),
        pytest.param(
            asked("a b", "a"), None, "a", {"data": "c2", "marker": CLAIM, "disk": SNAPSHOT}, "Start 61", id="starts"
        ),
        pytest.param(asked("a b", "a"), "a b", "b", {"marker": CLAIM}, "StandBack a-b restores", id="others-stop"),
        pytest.param(asked("a b", "a"), None, "b", {"blank": "b", "marker": CLAIM}, "Wait a-b restores", id="blank-waits"),
        pytest.param(
            asked("b c", "b"), None, "b", {"blank": "b", "marker": CLAIM}, "Restore", id="claimer-taken-off"
        ),
        pytest.param(
            wanted("b c"), None, "b", {"blank": "b", "marker": CLAIM}, "Wait a-b began to restore", id="nobody-founds-anew"
        ),
        pytest.param(
            asked("a b", "b", "b-b"), "a b", "a", {"marker": CLAIM}, "StandBack b-b restores", id="another-request"
        ),
        pytest.param(asked("a b", "b", "b-b"), "a! b", "b", {"marker": CLAIM, "quorum": ""}, "Restore", id="takes-over"),
        pytest.param(
            wanted("a b"), None, "b", {"data": "c0", "marker": DONE}, "Discard", id="former-data-is-set-aside"
        ),
    ],
)  # fmt: skip
def test_a_restore(
    desired: Desired, members: str | None, local: str, changes: dict[str, str], expected: str
) -> None:
    seen = health(members or "", local, blank=str(changes.get("blank", "")))
    reports = dict(seen.reports)
    if "data" in changes:
        reports[f"{local}-b"] = Report(DataDirectory("member", format(ord(local), "x"), changes["data"]))
    if "elsewhere" in changes:
        reports["c-b"] = Report(DataDirectory(), quorum_of=changes["elsewhere"])
    seen = replace(
        seen,
        reports=reports,
        marker=changes.get("marker", FORMED),  # type: ignore[arg-type]
        disk_restored=changes.get("disk", ""),
        etcd_running=members is not None,
    )
    step = plan(desired, None if members is None else etcd(members), seen)
    assert (said(step) if expected != "Restore" else type(step).__name__).startswith(expected)


@pytest.mark.parametrize(
    ("request_id", "source"),
    [
        pytest.param(SNAPSHOT, Source(snapshot=SNAPSHOT), id="snapshot"),
        pytest.param(f"{SNAPSHOT}#2", Source(snapshot=SNAPSHOT), id="snapshot-again"),
        pytest.param("m1-b", Source(survivor="m1-b"), id="survivor"),
        pytest.param("m1-b#12", Source(survivor="m1-b"), id="survivor-again"),
    ],
)
def test_a_request_names_its_source(request_id: str, source: Source) -> None:
    assert Source.of(request_id) == source
    assert again(request_id) != request_id
    assert Source.of(again(request_id)) == source


@pytest.mark.parametrize("request_id", ["", "snapshots/", "snapshots/../x", "M1", "m1-b#0", "gs://x/y"])
def test_other_requests_are_refused(request_id: str) -> None:
    with pytest.raises(FormatError):
        Source.of(request_id)


@pytest.mark.parametrize("value", [CLAIM, DONE, Restore("dev", "m1-b#2", "m1-b", "1f")])
def test_what_is_written_is_read(value: BootstrapMarker | Restore) -> None:
    assert type(value).parse(value.to_json()) == value


def test_a_marker_without_a_restore_is_as_it_ever_was() -> None:
    assert "restor" not in FORMED.to_json()


def test_only_the_survivor_itself_has_its_disk() -> None:
    with pytest.raises(FormatError, match="only m1-b has the disk"):
        Restore("dev", "m1-b", "m2-c")
