"""When a gate opens, and what it says while it doesn't."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.gates import verdicts
from components.gates.verdicts import Seen
from node.formats import EtcdView, MemberView, Observed, ReplicaStatus

IDS = {"m1-b": "a1", "m2-c": "a2", "m3-d": "a3", "m4-b": "a4"}


def member(name: str, *, role: str = "voter", healthy: bool = True) -> MemberView:
    return MemberView(name, IDS[name], role, healthy, started=True)  # type: ignore[arg-type]


def status(name: str, members: list[MemberView], leader: str = "m1-b", **more: object) -> ReplicaStatus:
    view = EtcdView("c1", IDS[name], leader, 12, tuple(members))
    fields: dict[str, object] = {
        "cluster": "dev",
        "replica": name,
        "instance_id": IDS[name][1:],
        "config_hash": "new",
        "phase": "serving",
        "apiserver_ready": True,
        "etcd": view,
        "observed": Observed("7", "8"),
    }
    return ReplicaStatus(**{**fields, **more})  # type: ignore[arg-type]


def cluster(*names: str, ill: tuple[str, ...] = (), learners: tuple[str, ...] = ()) -> Seen:
    members = [
        member(name, role="learner" if name in learners else "voter", healthy=name not in ill)
        for name in names
    ]
    fresh = {name: status(name, members) for name in names if name not in ill}
    return Seen(fresh, frozenset(ill), "7", "8")


THREE = ("m1-b", "m2-c", "m3-d")


@pytest.mark.parametrize(
    ("seen", "replica"),
    [
        pytest.param(Seen({}), "m1-b", id="nothing was ever created"),
        pytest.param(cluster(*THREE), "m2-c", id="one of three well ones"),
        pytest.param(cluster("m1-b"), "m1-b", id="a sole master"),
        pytest.param(cluster(*THREE, ill=("m2-c",)), "m2-c", id="the dead one itself"),
        pytest.param(cluster(*THREE, "m4-b", learners=("m4-b",)), "m4-b", id="a learner"),
    ],
)
def test_turn_is_given(seen: Seen, replica: str) -> None:
    assert verdicts.turn(seen, replica).open


@pytest.mark.parametrize(
    ("seen", "replica", "reason"),
    [
        pytest.param(
            cluster(*THREE, ill=("m3-d",)),
            "m2-c",
            "without m2-c: of 3 voters m3-d is",
            id="another one is dead",
        ),
        pytest.param(cluster("m1-b", "m2-c"), "m2-c", "lose its quorum without m2-c", id="one of two"),
        pytest.param(
            cluster("m1-b", "m2-c", learners=("m2-c",)),
            "m1-b",
            "m2-c is about to join m1-b",
            id="a sole voter whom somebody is joining",
        ),
        pytest.param(
            Seen({"m2-c": cluster(*THREE).fresh["m2-c"]}),
            "m2-c",
            "no master reports to be",
            id="no leader known",
        ),
    ],
)
def test_turn_is_refused(seen: Seen, replica: str, reason: str) -> None:
    verdict = verdicts.turn(seen, replica)
    assert not verdict.open
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"instance_id": "9"}, "new machine of m2-c has not reported", id="the former machine"),
        pytest.param(
            {"config_hash": "old"}, "still runs its former configuration", id="the former configuration"
        ),
        pytest.param(
            {"config_hash": "old", "reason": "kubelet from the mirror has SHA-256 9c"},
            "m2-c still runs its former configuration: kubelet from the mirror has SHA-256 9c",
            id="a configuration that can't be followed",
        ),
        pytest.param({"phase": "failed", "reason": "no disk"}, "m2-c is failed: no disk", id="failed"),
        pytest.param({"phase": "joining"}, "m2-c is joining", id="joining"),
    ],
)
def test_ready_waits(change: dict[str, str], reason: str) -> None:
    seen = cluster(*THREE)
    changed = replace(seen, fresh={**seen.fresh, "m2-c": replace(seen.fresh["m2-c"], **change)})  # type: ignore[arg-type]
    verdict = verdicts.ready(changed, "m2-c", "2", "new")
    assert not verdict.open
    assert reason in verdict.reason


def test_ready_opens_for_this_machine_with_this_configuration() -> None:
    assert verdicts.ready(cluster(*THREE), "m2-c", "2", "new").open


INSTANCES = {"m1-b": "1", "m2-c": "2", "m3-d": "3"}


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        pytest.param(cluster("m1-b", "m2-c"), "m3-d has not reported yet", id="one is missing"),
        pytest.param(cluster(*THREE, ill=("m3-d",)), "not reported for more than 30 s", id="one fell silent"),
        pytest.param(cluster(*THREE, learners=("m3-d",)), "m3-d is not yet a voter", id="one is a learner"),
        pytest.param(
            replace(cluster(*THREE), members_generation="9"), "not read the new list", id="the list is new"
        ),
    ],
)
def test_joined_waits(seen: Seen, reason: str) -> None:
    verdict = verdicts.joined(seen, THREE, INSTANCES)
    assert not verdict.open
    assert reason in verdict.reason


def test_joined_opens_when_all_are_healthy_voters() -> None:
    assert verdicts.joined(cluster(*THREE), THREE, INSTANCES).open


def test_left_names_who_is_still_there() -> None:
    verdict = verdicts.left(cluster(*THREE), ["m1-b"])
    assert verdict.reason == "m2-c, m3-d are still a member of etcd"


def test_left_opens_when_only_the_wanted_are_members() -> None:
    assert verdicts.left(cluster("m1-b"), ["m1-b"]).open


def test_api_waits_for_the_load_balancers_word() -> None:
    seen = replace(cluster("m1-b", "m2-c"), health={"dev-m1-b": "HEALTHY", "dev-m2-c": "UNHEALTHY"})
    assert "dev-m2-c" in verdicts.api(seen, ["m1-b", "m2-c"]).reason


def test_api_opens_when_every_apiserver_is_ready() -> None:
    assert verdicts.api(cluster("m1-b"), ["m1-b"]).open


@pytest.mark.parametrize(
    ("seen", "replica"),
    [
        pytest.param(Seen({}), "m1-b", id="nothing was ever created"),
        pytest.param(cluster(*THREE), "m2-c", id="one of three well ones"),
        pytest.param(cluster(*THREE, ill=("m2-c",)), "m2-c", id="the dead one itself"),
        pytest.param(cluster("m1-b"), "m4-b", id="a newcomer"),
    ],
)
def test_a_disk_may_go(seen: Seen, replica: str) -> None:
    assert verdicts.disk_turn(seen, replica).open


@pytest.mark.parametrize(
    ("seen", "replica", "reason"),
    [
        pytest.param(cluster("m1-b"), "m1-b", "the only copy", id="a sole master's"),
        pytest.param(cluster(*THREE, ill=("m3-d",)), "m2-c", "lose its quorum", id="another one is dead"),
        pytest.param(Seen({}, frozenset({"m1-b"})), "m1-b", "brings the quorum back", id="all are silent"),
    ],
)
def test_a_disk_must_stay(seen: Seen, replica: str, reason: str) -> None:
    verdict = verdicts.disk_turn(seen, replica)
    assert not verdict.open
    assert reason in verdict.reason
