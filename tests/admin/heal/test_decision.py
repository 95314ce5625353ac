"""When a master is healed, and what it says when it isn't."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.heal.decision import Limits, Seen, command, decide
from admin.heal.ledger import Heal, Ledger
from components.gates.cluster_status import Claim, ClusterStatus
from components.google.machine import Machine
from components.present.facts import Master, Present, Report, Unseen
from node.planner.quorum import quorum
from tests.components.present.masters import NOW, master, one, three, view

LONG = 1200.0
NAMES = frozenset({"m1-b", "m2-c", "m3-d"})


def seen(present: Present, **more: Any) -> Seen:
    """What the gates see of the same masters; `cluster` are fields of that."""
    names = frozenset(each.identity for each in present.masters)
    status = ClusterStatus(
        fresh={each.identity: each.status for each in present.masters if each.status},
        machines={
            each.identity: Machine("7", each.machine) if each.machine else None for each in present.masters
        },
        may_stay=names,
    )
    own = more.pop("cluster", {})
    return replace(Seen(present, replace(status, **own), Ledger(), names, names), **more)


def gone(name: str = "m2-c", **more: Any) -> Master:
    return master(name, age=LONG, **{"machine": "", **more})


def silent(name: str = "m2-c", **more: Any) -> Master:
    return master(name, age=LONG, **more)


def healed(name: str, hours: float, outcome: Any = "healed") -> Heal:
    return Heal(NOW - timedelta(hours=hours), name, "start", outcome)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        pytest.param(three(m2=gone()), (), id="its machine is gone"),
        pytest.param(three(m2=gone(machine="TERMINATED")), (), id="its machine is stopped"),
        pytest.param(three(m2=silent()), ("--replace", "**::m2-c-turn"), id="its machine runs, silent"),
    ],
)
def test_a_master_is_healed(now: Present, words: tuple[str, ...]) -> None:
    found = decide(seen(now), Limits())
    assert (found.kind, found.replica, command(found)) == ("heal", "m2-c", words)


@pytest.mark.parametrize(
    ("present", "kind", "says"),
    [
        pytest.param(three(), "nothing", "Every master's machine runs, and reports.", id="all are well"),
        pytest.param(
            three(m2=master("m2-c", age=100)),
            "wait",
            "m2-c reported 100 s ago for the last time; it is healed once that is 15 min ago.",
            id="silent for two minutes",
        ),
        pytest.param(
            three(m2=gone(machine="STAGING")),
            "wait",
            "m2-c is STAGING, which passes by itself.",
            id="it boots",
        ),
        pytest.param(
            three(m2=silent(machine=None)),
            "unknown",
            "Google did not tell of the machine of m2-c.",
            id="Google said nothing",
        ),
        pytest.param(
            three(m2=gone(), m3=silent("m3-d")),
            "refuse",
            "m2-c and m3-d are gone or silent at once: what they have in common is the likelier cause, and a person has to "
            "look. `python -m admin status` says how they are.",
            id="two at once",
        ),
        pytest.param(
            one(machine="TERMINATED"),
            "refuse",
            "m1-b is the only master: nothing goes on without it, and its disk has the only copy. `pulumi up` is yours.",
            id="the only one",
        ),
        pytest.param(
            three(m1=silent("m1-b")),
            "refuse",
            "m1-b is ill, and no master reports to be etcd's leader: quorum may be lost, or the leader is m1-b itself. "
            "`python -m admin status` says what to do.",
            id="the leader is silent",
        ),
        pytest.param(
            three(m1=master("m1-b", "m1-b m2-c m3-d!"), m2=gone()),
            "refuse",
            "etcd's leader doesn't see m3-d healthy either: two failures are for a person.",
            id="another voter is ill",
        ),
        pytest.param(
            three(m2=gone(), m3=master("m3-d", phase="failed", reason="the disk is full")),
            "refuse",
            "m3-d doesn't serve, beside m2-c: two failures are for a person.",
            id="another master is failed",
        ),
        pytest.param(
            three(m1=master("m1-b", "m1-b m2-c m3-d m4-b~"), m2=gone()),
            "refuse",
            "m4-b joins etcd just now: one change at a time.",
            id="a learner",
        ),
        pytest.param(
            three(m2=gone(report=None)),
            "refuse",
            "m2-c has never reported: it is no master that was well once. Its serial port tells how it starts.",
            id="it was never well",
        ),
    ],
)
def test_a_master_is_not_healed(present: Present, kind: str, says: str) -> None:
    found = decide(seen(present), Limits())
    assert (found.kind, found.says) == (kind, says)


def test_a_bucket_that_cannot_be_read_tells_nothing() -> None:
    found = decide(replace(seen(three()), present=Unseen("403")), Limits())
    assert (found.kind, found.says) == ("unknown", "The cluster's bucket can't be read: 403.")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            {"cluster": {"ended": True}}, "A destroy was begun: the guards have let go.", id="a destroy"
        ),
        pytest.param(
            {"pending": 2},
            "The last update was cut off in 2 operations: see docs/guides/interrupted-updates.md.",
            id="operations that never ended",
        ),
        pytest.param(
            {"wanted": frozenset({"m1-b", "m3-d", "m9-c"})},
            "The list asks for m1-b, m3-d and m9-c and m1-b, m2-c and m3-d stand: that change comes first, by a person's "
            "`pulumi up`.",
            id="an edit that wasn't applied",
        ),
        pytest.param(
            {"cluster": {"may_stay": NAMES | {"m4-b"}}},
            "The lists in the cluster's bucket aren't those of the config: an update was begun and didn't end.",
            id="members in transition",
        ),
        pytest.param(
            {"cluster": {"may_stay": None}},
            "The lists in the cluster's bucket aren't those of the config: an update was begun and didn't end.",
            id="no lists",
        ),
        pytest.param(
            {"unsettled": frozenset({"m1-b"})},
            "The last change of m1-b did not come through: a person's `pulumi up` comes first.",
            id="a change that did not come through",
        ),
        pytest.param(
            {"cluster": {"claim": Claim("m3-d", "7", 20, "5")}},
            "m3-d was allowed to go down 20 s ago: an update is under way.",
            id="a claim",
        ),
        pytest.param(
            {"ledger": Ledger((healed("m1-b", 0.5, "begun"),))},
            "A heal of m1-b began 30 min ago and has not ended: one at a time.",
            id="another heal",
        ),
        pytest.param(
            {"ledger": Ledger((healed("m2-c", 20),))},
            "m2-c was healed within the last day and is ill again: a person has to look why.",
            id="the same one twice",
        ),
        pytest.param(
            {"ledger": Ledger((healed("m1-b", 20), healed("m3-d", 3, "failed")))},
            "2 heals within the last day, and 2 are allowed: a person has to look why.",
            id="the budget is spent",
        ),
    ],
)
def test_another_change_or_the_budget_refuses(change: dict[str, Any], says: str) -> None:
    found = decide(seen(three(m2=gone()), **change), Limits())
    assert (found.kind, found.says) == ("refuse", says)


def test_heals_of_yesterday_and_one_that_was_cut_off_do_not_count() -> None:
    ledger = Ledger((healed("m1-b", 25), healed("m2-c", 30), healed("m3-d", 3, "begun")))
    assert decide(seen(three(m2=gone()), ledger=ledger), Limits()).kind == "heal"


@st.composite
def worlds(draw: st.DrawFn) -> Seen:
    """One to five masters, of whom one is gone or silent, and up to three of whom are ill besides, each in its own way."""
    names = [f"m{number}-{'bcd'[number % 3]}" for number in range(1, draw(st.integers(1, 5)) + 1)]
    marks = dict.fromkeys(names, "")
    masters = {}
    victim = draw(st.sampled_from(names))
    troubles = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(TROUBLES)), max_size=3))
    for name, trouble in troubles:
        marks[name] = {"ill": "!", "learner": "~"}.get(trouble, marks[name])
    known = [f"{name}{mark}" for name, mark in marks.items()]
    known += ["m9-b"] if draw(st.integers(0, 5)) == 0 else []
    leader = draw(st.sampled_from(names))
    for name in names:
        masters[name] = master(name, etcd=view(" ".join(known), leader))
    for name, trouble in [*troubles, (victim, draw(st.sampled_from(["gone", "stopped", "silent"])))]:
        masters[name] = troubled(masters[name], trouble)
    return seen(Present(NOW, tuple(masters.values())))


TROUBLES = (
    "ill",
    "learner",
    "gone",
    "stopped",
    "silent",
    "hushed",
    "unasked",
    "unreadable",
    "never",
    "failed",
)


def troubled(each: Master, trouble: str) -> Master:
    report = each.report or Report(LONG, None)
    match trouble:
        case "gone" | "stopped":
            machine = "" if trouble == "gone" else "TERMINATED"
            return replace(each, machine=machine, report=replace(report, age_seconds=LONG))
        case "silent" | "hushed":
            return replace(each, report=replace(report, age_seconds=LONG if trouble == "silent" else 100))
        case "unasked":
            return replace(each, machine=None)
        case "unreadable":
            return replace(each, report=replace(report, status=None))
        case "never":
            return replace(each, report=None)
        case "failed" if report.status:
            return replace(
                each, report=replace(report, status=replace(report.status, phase="failed", reason="full"))
            )
    return each


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_no_heal_ever_takes_quorum(world: Seen) -> None:
    found = decide(world, Limits())
    if found.kind != "heal":
        return
    assert isinstance(world.present, Present)
    leader = world.present.leader
    assert leader is not None
    assert leader.etcd is not None
    voters = [each for each in leader.etcd.members if each.role == "voter"]
    runs = {each.identity for each in world.present.masters if each.machine == "RUNNING" and each.status}
    up = {each.name for each in voters if each.healthy} & runs
    assert len(up - {found.replica}) >= quorum(len(voters))
    assert len(world.present.masters) >= 3


@settings(max_examples=100, deadline=None)
@given(worlds(), st.integers(1, 3), st.lists(st.integers(0, 40), max_size=4))
def test_no_more_than_the_budget_is_ever_healed(world: Seen, per_day: int, hours: list[int]) -> None:
    ledger = Ledger(tuple(healed("m8-b", each) for each in hours))
    found = decide(replace(world, ledger=ledger), Limits(per_day))
    assert found.kind != "heal" or sum(each < 24 for each in hours) < per_day
