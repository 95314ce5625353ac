"""One rule of upkeep a line: members in a few words, the first one leads; who defragments whom, and when the alarm goes.

A member is `a:90/40`: its file takes 90 of a quota of 100, 40 of it in use. `a:90/40!` is down, `~` a learner, `…` behind,
`?` doesn't tell.
"""

from __future__ import annotations

import re

import pytest

from node.contract.peers import peer_url
from node.contract.status import Database, DataDirectory
from node.planner.maintenance import Databases, upkeep, warning
from node.planner.observed import EtcdMember, Health, MemberHealth, Report

WORD = re.compile(r"(?P<name>[a-z]):(?P<size>\d+)/(?P<used>\d+)(?P<mark>[!~…?]?)")
GIB = 1 << 30


def world(text: str, local: str = "a") -> tuple[Health, list[EtcdMember], dict[str, Database]]:
    found = [WORD.fullmatch(word) for word in text.split()]
    members, states, databases = [], {}, {}
    for each in found:
        assert each
        name, mark = each["name"], each["mark"]
        members.append(
            EtcdMember(
                name, name, peer_url(f"10.0.0.{ord(name)}"), "learner" if mark == "~" else "voter", True
            )
        )
        states[name] = MemberHealth(mark != "!", lag=5000 if mark == "…" else 0)
        if mark != "?":
            databases[name] = Database(int(each["size"]), int(each["used"]), 100)
    report = Report(DataDirectory("member", local, "c1"))
    return Health(local, {local: report}, leader=members[0].name, members=states), members, databases


@pytest.mark.parametrize(
    ("members", "options", "expected"),
    [
        pytest.param("a:30/9 b:30/9 c:30/9", {}, "", id="nothing-to-do"),
        pytest.param("a:90/85 b:90/85 c:90/85", {}, "", id="full-of-what-is-needed"),
        pytest.param("a:79/9 b:79/9 c:79/9", {}, "", id="free-pages-that-nobody-misses"),
        pytest.param("a:90/40 b:90/40 c:90/40", {}, "Defragment b", id="a-follower-first"),
        pytest.param("a:90/40 b:90/40 c:90/40", {"rested": "b"}, "Defragment c", id="then-the-next"),
        pytest.param("a:90/40 b:40/40 c:90/40", {}, "Defragment c", id="only-who-needs-it"),
        pytest.param("a:90/40 b:40/40 c:40/40", {}, "MoveLeader b", id="the-leader-hands-over-first"),
        pytest.param("a:90/40 b:40/40 c:40/40", {"rested": "a"}, "", id="tried-a-moment-ago"),
        pytest.param("a:90/40 b:90/40 c:90/40", {"local": "b"}, "", id="not-beside-the-leader"),
        pytest.param("a:90/40 b:90/40 c:90/40!", {}, "", id="one-is-down"),
        pytest.param("a:90/40 b:90/40 c:90/40…", {}, "", id="one-still-catches-up"),
        pytest.param("a:90/40 b:90/40 c:90/40 d:40/40~", {}, "", id="one-is-joining"),
        pytest.param("a:90/40 b:90/40", {}, "", id="neither-of-two-can-be-spared"),
        pytest.param("a:90/40", {}, "", id="nor-a-sole-one"),
        pytest.param("a:100/40", {"full": "a"}, "Defragment a", id="unless-nothing-is-written-anyway"),
        pytest.param("a:100/40 b:100/40", {"full": "b"}, "Defragment b", id="nor-by-two"),
        pytest.param("a:100/40 b:40/40", {"full": "b"}, "MoveLeader b", id="of-two-the-leader-last"),
        pytest.param("a:100/95 b:100/95 c:100/95", {"full": "a"}, "", id="only-a-larger-quota-helps"),
        pytest.param("a:40/40 b:40/40 c:40/40", {"full": "ac"}, "LiftNoSpace a c", id="everyone-has-room-again"),
        pytest.param("a:40/40 b:40/40 c:95/95", {"full": "a"}, "", id="one-has-no-room"),
        pytest.param("a:40/40 b:40/40 c:40/40?", {"full": "a"}, "", id="one-does-not-tell"),
        pytest.param("a:40/40 b:40/40", {"full": "z"}, "LiftNoSpace z", id="of-one-who-is-no-member-any-more"),
        pytest.param("a:100/40 b:100/40 c:100/40", {"full": "a"}, "Defragment b", id="makes-room-before-it-lifts"),
    ],
)  # fmt: skip
def test_the_next_step(members: str, options: dict[str, str], expected: str) -> None:
    health, listed, databases = world(members, options.get("local", "a"))
    raised = frozenset(options.get("full", ""))
    step = upkeep(health, listed, Databases(databases, raised), options.get("rested", ""))
    said = getattr(step, "name", None) or " ".join(getattr(step, "member_ids", ()))
    assert (f"{type(step).__name__} {said}" if step else "") == expected


@pytest.mark.parametrize("voters", range(1, 6))
def test_a_full_cluster_takes_writes_again_after_each_file_was_rewritten_once(voters: int) -> None:
    names = "abcde"[:voters]
    sizes, leader, raised, written = dict.fromkeys(names, 100), "a", frozenset("b"), []
    for _ in range(4 * voters):
        order = sorted(names, key=lambda name: name != leader)
        health, listed, databases = world(" ".join(f"{name}:{sizes[name]}/40" for name in order), leader)
        step = upkeep(health, listed, Databases(databases, raised))
        match type(step).__name__:
            case "Defragment":
                written.append(step.name)  # type: ignore[union-attr]
                sizes[written[-1]] = 40
            case "MoveLeader":
                leader = step.name  # type: ignore[union-attr]
            case "LiftNoSpace":
                raised = frozenset()
            case _:
                break
    assert not raised
    assert sorted(written) == list(names)


@pytest.mark.parametrize(
    ("database", "refuses", "says"),
    [
        pytest.param(None, True, "", id="not-known"),
        pytest.param(Database(GIB, GIB, 0), True, "", id="quota-not-known"),
        pytest.param(Database(GIB, GIB, 4 * GIB), False, "", id="well"),
        pytest.param(
            Database(34 * GIB // 10, 3 * GIB, 4 * GIB),
            False,
            "etcd's database takes 3.40 GiB (3.00 GiB in use) of its quota of 4.00 GiB, 85%; at 100% it refuses "
            "writes. Raise `etcd.quotaBytes` (8 GiB at most), or delete what isn't needed (docs/guides/etcd-space.md)",
            id="nearly-full",
        ),
        pytest.param(
            Database(8 * GIB, 3 * GIB, 8 * GIB),
            False,
            "etcd's database takes 8.00 GiB (3.00 GiB in use) of its quota of 8.00 GiB, 100%; at 100% it refuses "
            "writes. Delete what isn't needed (docs/guides/etcd-space.md)",
            id="largest-quota",
        ),
        pytest.param(
            Database(GIB, GIB, 4 * GIB),
            True,
            "etcd is out of space (NOSPACE) and refuses writes: etcd's database takes 1.00 GiB (1.00 GiB in use) of its "
            "quota of 4.00 GiB. To mend it, raise `etcd.quotaBytes` (8 GiB at most), or delete what isn't needed "
            "(docs/guides/etcd-space.md)",
            id="full-elsewhere",
        ),
    ],
)  # fmt: skip
def test_what_people_are_told(database: Database | None, refuses: bool, says: str) -> None:
    assert warning(database, refuses_writes=refuses) == says
