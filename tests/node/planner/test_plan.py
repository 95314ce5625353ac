"""One rule of the planner a line: a cluster in a few words, who plans, what comes out.

Members are written `a` (a healthy voter, the first one leads), `a!` (down), `a~` (a learner), `a?` (added, never started).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.desired import Member, Members, Retained
from node.contract.peers import peer_url
from node.contract.status import DataDirectory
from node.planner.observed import Desired, EtcdMember, Health, MemberHealth, Report
from node.planner.plan import plan
from node.planner.steps import Step

FORMED = BootstrapMarker("dev", "a-b", "1", "c1")
BLANK = Report(DataDirectory("blank"))
UNREADABLE = Report(DataDirectory(), readable=False)


def full(name: str) -> str:
    return f"{name}-b"


def address(name: str) -> str:
    return f"10.0.0.{ord(name[0])}"


def wanted(names: str, retained: str | None = None) -> Desired:
    listed = tuple(Member(full(name), address(name), "europe-west1-b") for name in names.split())
    stay = None if retained is None else Retained("dev", tuple(full(name) for name in retained.split()))
    return Desired(Members("dev", listed) if listed else None, stay)


def etcd(text: str) -> list[EtcdMember]:
    return [
        EtcdMember(
            format(ord(word[0]), "x"),
            "" if "?" in word else full(word[0]),
            peer_url(address(word)),
            "learner" if {"~", "?"} & set(word) else "voter",
            "?" not in word,
        )
        for word in text.split()
    ]


def health(
    text: str,
    local: str,
    *,
    blank: str = "",
    down_for: float = 20.0,
    lag: int = 0,
    silent: dict[str, float] | None = None,
    unreadable: str = "",
) -> Health:
    states, reports = {}, {}
    for word in text.split():
        well = not {"!", "?"} & set(word)
        member = format(ord(word[0]), "x")
        states[member] = MemberHealth(well, 0.0 if well else down_for, lag if "~" in word else 0)
        if well:
            reports[full(word[0])] = Report(DataDirectory("member", member, "c1"), drained="-" in word)
    reports |= {full(name): BLANK for name in blank.split()}
    reports |= {full(name): UNREADABLE for name in unreadable.split()}
    quiet = {full(name): seconds for name, seconds in (silent or {}).items()}
    reports = {name: report for name, report in reports.items() if name not in quiet}
    return Health(
        full(local),
        reports,
        full(text[0]) if text else "",
        states,
        FORMED,
        "",
        local in text,
        "c1" if text else "",
        quiet,
    )


def said(step: Step) -> str:
    """`Remove b-b`, `Wait …`."""
    detail = getattr(step, "name", None) or getattr(step, "reason", None) or getattr(step, "member_id", "")
    return f"{type(step).__name__} {detail}".strip()


@pytest.mark.parametrize(
    ("desired", "members", "options", "expected"),
    [
        pytest.param(wanted("a"), "a", {}, "Nothing", id="converged"),
        pytest.param(wanted(""), "a b~", {}, "Wait desired/members.json is empty", id="no-list"),
        pytest.param(wanted("a b"), "a", {}, "Wait waiting for the machine of b-b", id="machine-not-there"),
        pytest.param(wanted("a b c"), "a", {"blank": "c b"}, "AddLearner b-b", id="first-joiner"),
        pytest.param(wanted("a b c"), "a b?", {"blank": "b c"}, "Wait b-b is joining", id="one-at-a-time"),
        pytest.param(wanted("a b c"), "a b~", {"lag": 5000}, "Wait b-b is joining as a learner, 5000", id="behind"),
        pytest.param(wanted("a b"), "a b~", {}, "Promote b-b", id="in-sync"),
        pytest.param(wanted("a"), "a b~", {}, "Remove b-b", id="reverted-before-promotion"),
        pytest.param(wanted("a", "b"), "a b~", {}, "Remove b-b", id="learner-is-not-retained"),
        pytest.param(wanted("a", "a"), "a b", {}, "Wait b-b is to perform Drain", id="reverted-after-promotion"),
        pytest.param(wanted("a", "a"), "a b-", {}, "Remove b-b", id="drained"),
        pytest.param(
            wanted("a", "a"), "a b", {"silent": {"b": 40}}, "Wait b-b leaves once it reports", id="leaver-is-silent"
        ),
        pytest.param(wanted("a", "a"), "a b", {"silent": {"b": 120}}, "Remove b-b", id="leaver-is-silent-for-long"),
        pytest.param(
            wanted("a", "a"), "a b", {"unreadable": "b"}, "Wait b-b leaves once its status can be read",
            id="leaver-of-another-release",
        ),
        pytest.param(
            wanted("a b"), "a b!", {"unreadable": "b"}, "Wait quorum is lost", id="unreadable-and-down-waits"
        ),
        pytest.param(wanted("a b c"), "a b c!", {"unreadable": "c"}, "Wait c-b is not healthy", id="unreadable-disk"),
        pytest.param(wanted("a b"), "a", {"unreadable": "b"}, "Wait waiting for", id="unreadable-never-joins"),
        pytest.param(wanted("b", "b"), "a- b", {}, "MoveLeader b-b", id="leader-leaves"),
        pytest.param(wanted("a"), "a b", {}, "Nothing", id="nobody-leaves-before-the-first-release"),
        pytest.param(wanted("a", "b"), "a b", {}, "Nothing", id="retained"),
        pytest.param(wanted("a b", "b"), "a c b?", {}, "Wait b-b is joining", id="grows-before-it-shrinks"),
        pytest.param(wanted("a d", ""), "a b c", {}, "Wait b-b, c-b leaves once d-b votes", id="waits-for-growth"),
        pytest.param(wanted("a b c"), "a b c!", {"blank": "c"}, "PurgeStale c-b", id="disk-lost"),
        pytest.param(
            wanted("a b"), "a b~!", {"blank": "b"}, "Wait b-b is joining as a learner", id="report-written-late"
        ),
        pytest.param(
            wanted("a b"), "a b~!", {"blank": "b", "down_for": 121}, "PurgeStale b-b", id="learner-lost-its-disk"
        ),
        pytest.param(wanted("a b c"), "a b c", {"blank": "c"}, "Nothing", id="stale-report-of-a-healthy-one"),
        pytest.param(wanted("a b"), "a b!", {"blank": "b"}, "Wait quorum is lost: 1 of 2", id="two-one-disk-lost"),
        pytest.param(wanted("a b c"), "a b! c!", {}, "Wait quorum is lost: 1 of 3", id="quorum-lost"),
        pytest.param(wanted("a b c"), "a b c!", {}, "Wait c-b is not healthy", id="down-and-wanted-stays"),
        pytest.param(wanted("a b", "c"), "a b c!", {}, "Remove c-b", id="down-and-unwanted-goes"),
        pytest.param(wanted("a b", "c"), "a b c!", {"down_for": 1}, "Wait c-b is not healthy", id="only-a-blip"),
        pytest.param(wanted("a b d", "c"), "a b c!", {"blank": "d"}, "Remove c-b", id="failed-one-is-swapped"),
        pytest.param(
            wanted("a b c d"), "a b c!", {"blank": "d"}, "Wait d-b waits to join until c-b", id="etcd-would-refuse"
        ),
        pytest.param(
            wanted("a b c d"), "a b c!", {"blank": "d", "down_for": 301}, "Remove c-b", id="failed-makes-room"
        ),
        pytest.param(
            wanted("a b c"), "a b?", {"blank": "c", "down_for": 121}, "Remove b-b", id="learner-never-came"
        ),
        pytest.param(
            wanted("a c", "a c"), "a b c!", {}, "Wait b-b leaves once the voters", id="leaving-would-cost-quorum"
        ),
    ],
)  # fmt: skip
def test_beside_the_leader(desired: Desired, members: str, options: dict[str, object], expected: str) -> None:
    step = plan(desired, etcd(members), health(members, "a", **options))  # type: ignore[arg-type]
    assert said(step).startswith(expected)


@pytest.mark.parametrize(
    ("local", "members", "changes", "expected"),
    [
        pytest.param("b", None, {"marker": None}, "Bootstrap", id="first-of-all"),
        pytest.param("b", None, {"marker_problem": "403"}, "Wait 403", id="marker-unreadable"),
        pytest.param("b", None, {}, "Wait the cluster exists", id="blank-disk-only-joins"),
        pytest.param(
            "b", None, {"marker": replace(FORMED, cluster_id="")}, "Wait a-b claimed", id="another-bootstraps"
        ),
        pytest.param(
            "b",
            None,
            {"marker": BootstrapMarker("dev", "z-b", "1")},
            "Bootstrap",
            id="claim-of-one-taken-off",
        ),
        pytest.param("b", "a", {}, "Wait a-b is to perform AddLearner: add b-b", id="waits-to-be-added"),
        pytest.param("b", "a b?", {}, "Join 62", id="added"),
        pytest.param("b", "a b!", {}, "Wait quorum is lost", id="stale-member"),
        pytest.param("d", "a", {}, "Nothing not asked for", id="not-wanted"),
        pytest.param("b", "a", {"marker": None}, "Wait bootstrap.json is missing", id="marker-lost"),
    ],
)
def test_on_a_blank_disk(local: str, members: str | None, changes: dict[str, object], expected: str) -> None:
    seen = replace(health(members or "", local, blank=local), etcd_running=False, **changes)  # type: ignore[arg-type]
    step = plan(wanted("a b"), None if members is None else etcd(members), seen)
    assert said(step).startswith(expected)


@pytest.mark.parametrize(
    ("desired", "members", "data", "running", "expected"),
    [
        pytest.param(wanted("a b"), "a b!", ("62", "c1"), False, "Start 62", id="starts"),
        pytest.param(wanted(""), None, ("62", "c1"), False, "Start 62", id="starts-without-the-bucket"),
        pytest.param(
            wanted("a b"), None, ("62", "c1"), False, "Start 62", id="starts-although-nobody-answers"
        ),
        pytest.param(wanted("a b"), "a", ("62", "c1"), True, "Discard", id="was-removed"),
        pytest.param(wanted("a"), "a", ("62", "c1"), True, "Nothing not asked for", id="has-left"),
        pytest.param(
            wanted("a b"), "a c! b!", ("99", "c1"), False, "Start 99", id="minority-is-not-believed"
        ),
        pytest.param(wanted("a b"), "a", ("62", "c0"), False, "Discard", id="of-another-cluster"),
    ],
)
def test_with_data(
    desired: Desired, members: str | None, data: tuple[str, str], running: bool, expected: str
) -> None:
    seen = health(members or "", "b")
    reports = {**seen.reports, "b-b": Report(DataDirectory("member", *data))}
    listed = None if members is None else etcd(members)
    step = plan(desired, listed, replace(seen, reports=reports, etcd_running=running))
    assert said(step).startswith(expected)


def test_nobody_founds_a_cluster_beside_a_master_that_it_does_not_understand() -> None:
    seen = replace(health("", "b", blank="b", unreadable="a"), marker=None)
    assert said(plan(wanted("a b"), None, seen)).startswith(
        "Wait bootstrap.json is missing, yet a-b holds or"
    )


def test_a_leaver_of_whom_nothing_is_known_stays() -> None:
    seen = health("a b", "a")
    nothing = replace(seen, reports={"a-b": seen.reports["a-b"]})
    assert said(plan(wanted("a", "a"), etcd("a b"), nothing)).startswith("Wait b-b leaves once it reports")


def test_the_leaver_drains_itself() -> None:
    assert said(plan(wanted("a", "a"), etcd("a b"), health("a b", "b"))) == "Drain"


def test_serves_again_when_the_list_is_put_back() -> None:
    assert said(plan(wanted("a b", "a"), etcd("a b"), health("a b-", "b"))) == "Undrain"


def test_the_sole_voter_confirms_its_cluster_before_anyone_joins() -> None:
    seen = replace(health("a", "a", blank="b"), marker=replace(FORMED, cluster_id=""))
    assert said(plan(wanted("a b"), etcd("a"), seen)) == "Confirm"
