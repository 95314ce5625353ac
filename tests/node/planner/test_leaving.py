"""A machine that is told to stop: who leaves etcd, who only stops, and who looks again. Notation as in `test_planner`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.desired import Retained
from node.contract.status import DataDirectory
from node.planner.leaving import departure
from node.planner.observed import Desired, Report
from tests.node.planner.test_plan import FORMED, etcd, full, health, said, wanted


@pytest.mark.parametrize(
    ("desired", "members", "expected"),
    [
        pytest.param(wanted("a b", "a b"), "a b", "Nothing it is asked for", id="wanted"),
        pytest.param(wanted("a", "a b"), "a b", "Nothing it may stay", id="retained"),
        pytest.param(wanted("a", "a"), "a b", "Remove b-b", id="one-of-two"),
        pytest.param(wanted("a", "a"), "a b-", "Remove b-b", id="drained"),
        pytest.param(wanted("a"), "a b", "Remove b-b", id="retained-was-never-written"),
        pytest.param(wanted("a", "a"), "a b~", "Remove b-b", id="learner"),
        pytest.param(wanted("a c", "a c"), "a b c", "Remove b-b", id="one-of-three"),
        pytest.param(wanted("a", "a"), "b a", "MoveLeader a-b", id="leader-hands-over-first"),
        pytest.param(wanted("a c", "a c"), "b a! c", "MoveLeader c-b", id="to-one-that-is-well"),
        pytest.param(wanted("a", "a"), "b c a!", "Wait b-b leads and leaves", id="nobody-who-stays-is-well"),
        pytest.param(wanted("a d", "a"), "a b", "Remove b-b", id="does-not-wait-for-growth"),
        pytest.param(wanted("a c", "a c"), "a b c!", "Wait the voters that remain", id="others-need-it"),
        pytest.param(wanted("a", "a"), "a! b", "Wait no etcd with a quorum", id="quorum-is-lost"),
        pytest.param(wanted("a", "a"), "b", "Wait b-b leads and leaves", id="never-the-last-voter"),
        pytest.param(wanted("a", "a"), "", "Wait no etcd with a quorum", id="no-etcd-answers"),
        pytest.param(wanted("", "a"), "a b", "Wait desired/members.json is empty", id="empty-list"),
        pytest.param(Desired(None, None, "403"), "a b", "Wait 403", id="unreadable-list"),
    ],
)
def test_of_a_voter(desired: Desired, members: str, expected: str) -> None:
    seen = health(members, "b")
    if full("b") not in seen.reports:
        seen = replace(seen, reports={full("b"): Report(DataDirectory("member", "62", "c1"))})
    assert said(departure(desired, etcd(members), seen)).startswith(expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"leader": ""}, "Wait etcd is electing", id="election"),
        pytest.param({"marker": None, "marker_problem": "503"}, "Wait 503", id="unreadable-marker"),
        pytest.param(
            {"marker": BootstrapMarker("other", "a-b", "1", "c1")}, "Wait bootstrap.json is of", id="other-stack"
        ),
        pytest.param({"reports": {"b-b": Report(DataDirectory("blank"))}}, "Nothing no member's data", id="blank"),
        pytest.param({"reports": {"b-b": Report(DataDirectory())}}, "Nothing no member's data", id="no-disk"),
        pytest.param(
            {"reports": {"b-b": Report(DataDirectory("member", "ff", "c1"))}}, "Nothing it is no member", id="removed"
        ),
        pytest.param({"marker": FORMED}, "Remove b-b", id="nothing-amiss"),
    ],
)  # fmt: skip
def test_what_keeps_an_unwanted_voter(changes: dict[str, Any], expected: str) -> None:
    seen = replace(health("a b", "b"), **changes)
    assert said(departure(wanted("a", "a"), etcd("a b"), seen)).startswith(expected)


def test_lists_of_two_clusters_move_nobody() -> None:
    desired = replace(wanted("a"), retained=Retained("other", ()))
    assert said(departure(desired, etcd("a b"), health("a b", "b"))).startswith("Wait desired/retained.json")
