"""What a matrix remembers and tells, without an engine."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from tests.crash.__main__ import summary
from tests.crash.calls import Call
from tests.crash.kinds import KINDS
from tests.crash.ledger import Ledger, claim
from tests.crash.scenarios import SCENARIOS
from tests.crash.trial import CallReport
from tests.crash.world import world

SWAP, QUOTA = SCENARIOS["swap"], KINDS["quota"]
CALL = Call("compute.disks.insert", "projects/p/zones/z/disks/d", 1)
OTHER = Call("compute.disks.insert", "projects/p/zones/z/disks/e", 1)


def report(*complaints: str) -> CallReport:
    return CallReport("swap", "quota", [CALL], typed=["up", "up"], complaints=list(complaints))


def test_what_survived_is_not_tried_again(tmp_path: Path) -> None:
    Ledger(tmp_path / "results").add(SWAP, QUOTA, [CALL], report())
    again = Ledger(tmp_path / "results")
    assert again.survived(SWAP, QUOTA, [CALL]) == report()
    assert again.survived(SWAP, QUOTA, [OTHER]) is None
    assert again.survived(SWAP, KINDS["killed"], [CALL]) is None


def test_what_broke_is_tried_again(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "results")
    ledger.add(SWAP, QUOTA, [CALL], report("leaked"))
    assert ledger.survived(SWAP, QUOTA, [CALL]) is None
    ledger.add(SWAP, QUOTA, [CALL], report())
    assert Ledger(tmp_path / "results").survived(SWAP, QUOTA, [CALL])


def test_the_summary_counts_points_by_scenario_and_kind() -> None:
    told = summary([report(), report("leaked"), CallReport("1-3", "killed", [CALL, OTHER])])
    assert [line.split()[:5] for line in told.splitlines()] == [
        ["1-3", "killed", "2", "of", "2"],
        ["all", "killed", "2", "of", "2"],
        ["swap", "quota", "1", "of", "2"],
        ["all", "quota", "1", "of", "2"],
        ["all", "all", "3", "of", "4"],
    ]


@pytest.mark.parametrize("numbers", [["0000000001"], ["0000000002"]])
def test_versions_are_counted_and_destroyed_ones_are_gone(tmp_path: Path, numbers: list[str]) -> None:
    database = tmp_path / "state"
    with sqlite3.connect(database) as db:
        db.execute("CREATE TABLE docs (kind, key, doc)")
        for number in ("0000000001", "0000000002"):
            state = "ENABLED" if number in numbers else "DESTROYED"
            row = ("secretmanager.versions", f"dev-m1-b-pki/{number}", json.dumps({"state": state}))
            db.execute("INSERT INTO docs VALUES (?,?,?)", row)
    assert world(database) == {"secretmanager.versions": ["dev-m1-b-pki #1"]}


def test_a_name_that_ends_with_the_moment_is_the_same_call_at_another() -> None:
    made, again = (f"projects/p/global/snapshots/dev-data-2026112{day}-145024" for day in (1, 2))
    order = Call("compute.snapshots.insert", made, 1).order({})
    assert re.search(order["resource"], again)
    assert not re.search(order["resource"], again.replace("dev-data", "dev-other"))


def test_another_program_s_folder_is_refused(tmp_path: Path) -> None:
    claim(tmp_path)
    claim(tmp_path)
    (tmp_path / "program").write_text("another")
    with pytest.raises(ValueError, match="another program"):
        claim(tmp_path)
