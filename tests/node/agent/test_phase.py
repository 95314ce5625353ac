"""Phase, and which pods belong on a machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.agent.etcd.failing_since import FailingSince
from node.agent.phase import Situation, belongs, is_gone, must_drain, phase_of, standing
from node.contract.desired import Member, Members, Retained
from node.contract.status import DataDirectory
from node.planner.observed import Desired, EtcdMember, Health, MemberHealth, Report
from node.planner.steps import Drain, Nothing, Wait

ME = "m1-b"
MINE = EtcdMember("2a", ME, "https://10.0.0.2:2380", "voter", True)
LEARNER = replace(MINE, role="learner")
DATA = DataDirectory("member", "2a", "1f")
WANTED = Desired(Members("dev", (Member(ME, "10.0.0.2", "europe-west1-b"),)), Retained("dev", (ME,)))
ELSEWHERE = Desired(
    Members("dev", (Member("m2-b", "10.0.0.3", "europe-west1-b"),)), Retained("dev", ("m2-b",))
)


def situation(
    member: EtcdMember | None = MINE, *, data: DataDirectory = DATA, well: bool = True
) -> Situation:
    health = Health(ME, {ME: Report(data)}, ME, {"2a": MemberHealth(well)}, cluster_id="1f")
    return Situation(ME, Wait(ME, "…"), WANTED, (member,) if member else (), health, formed="1f")


SERVING = replace(situation(), ready=True)
BLANK = situation(None, data=DataDirectory("blank"))
GONE = replace(situation(None), step=Nothing(ME, "removed"))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(situation(), "starting", id="a voter before its apiserver is ready"),
        pytest.param(SERVING, "serving", id="ready"),
        pytest.param(replace(situation(), served=True), "serving", id="not ready for a moment"),
        pytest.param(situation(well=False), "starting", id="etcd doesn't answer"),
        pytest.param(situation(LEARNER), "joining", id="a learner"),
        pytest.param(BLANK, "joining", id="a blank disk"),
        pytest.param(replace(SERVING, draining=True), "leaving", id="on its way out"),
        pytest.param(GONE, "gone", id="removed"),
        pytest.param(replace(SERVING, failed=True), "failed", id="failed"),
    ],
)
def test_phase(now: Situation, expected: str) -> None:
    assert phase_of(now) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(situation(), True, id="beside a voter"),
        pytest.param(replace(situation(), formed=""), None, id="a cluster that nobody confirmed"),
        pytest.param(replace(situation(), formed="2b"), None, id="another cluster was confirmed"),
        pytest.param(situation(LEARNER), False, id="beside a learner"),
        pytest.param(situation(well=False), None, id="through etcd's troubles"),
        pytest.param(replace(SERVING, draining=True), False, id="on its way out"),
        pytest.param(BLANK, False, id="a blank disk"),
        pytest.param(GONE, False, id="removed"),
    ],
)
def test_whether_the_control_plane_belongs_here(now: Situation, expected: bool | None) -> None:
    assert belongs(now) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(situation(), False, id="wanted"),
        pytest.param(replace(situation(), step=Drain(ME)), True, id="asked to"),
        pytest.param(replace(situation(), draining=True, desired=ELSEWHERE), True, id="until it is gone"),
        pytest.param(replace(situation(), draining=True), False, id="asked back"),
        pytest.param(
            replace(situation(), draining=True, desired=Desired(None)), False, id="nobody asks it to leave"
        ),
    ],
)
def test_leaving_service(now: Situation, expected: bool) -> None:
    assert must_drain(now) is expected


def test_a_machine_without_a_place_and_with_nothing_to_do_is_gone() -> None:
    assert is_gone(GONE)
    assert not is_gone(replace(situation(), step=Nothing(ME, "all is well")))


def test_only_the_leader_with_the_whole_list_says_whose_nodes_may_be_there() -> None:
    assert standing(situation()) == {ME}
    assert standing(replace(situation(), desired=replace(WANTED, retained=None))) is None
    assert standing(situation(well=False)) is None


def test_trouble_counts_from_when_it_was_first_seen_and_ends_when_it_ends() -> None:
    failing = FailingSince()
    assert failing.note(10, {"a": True, "b": True}, {"b"}) == {"a": 0, "b": 0}
    assert failing.note(13, {"a": True, "b": True}, {"b"}) == {"a": 3, "b": 0}
    failing.note(14, {"a": True, "b": True}, {"a", "b"})
    assert failing.note(15, {"a": True, "b": True}, {"b"})["a"] == 0


def test_trouble_begins_anew_when_a_member_starts() -> None:
    failing = FailingSince()
    failing.note(10, {"a": False}, set())
    assert failing.note(15, {"a": True}, set()) == {"a": 0}
