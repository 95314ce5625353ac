"""When a gate opens, and what it says while it doesn't."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from components.gates import verdicts
from components.gates.verdicts import Claim, ClusterStatus
from components.google.balancer import Balancer
from components.google.machine import Machine
from node.contract.status import Database, EtcdView, MemberView, Observed, ReplicaStatus

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


def cluster(*names: str, ill: tuple[str, ...] = (), learners: tuple[str, ...] = ()) -> ClusterStatus:
    members = [
        member(name, role="learner" if name in learners else "voter", healthy=name not in ill)
        for name in names
    ]
    leader = next(name for name in names if name not in ill)
    fresh = {name: status(name, members, leader) for name in names if name not in ill}
    return ClusterStatus(fresh, frozenset(ill), "7", "8")


THREE = ("m1-b", "m2-c", "m3-d")
RUNNING, OFF = Machine("2", "RUNNING"), Machine("2", "TERMINATED")


def without_leader(*names: str, silent: tuple[str, ...] = (), **more: object) -> ClusterStatus:
    """Three voters that have lost their leader: nobody lists members any more, but in `more`."""
    fresh = {name: replace(cluster(*THREE).fresh[name], etcd=None, phase="starting") for name in names}
    return ClusterStatus(fresh, frozenset(silent), "7", "8", **more)  # type: ignore[arg-type]


EARLIER, LATER = datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 20, tzinfo=UTC)


def nameless_learner() -> ClusterStatus:
    members = [member("m1-b"), MemberView("", "a2", "learner", healthy=False, started=False)]
    joining = status("m2-c", members, phase="joining")
    return ClusterStatus({"m1-b": status("m1-b", members), "m2-c": joining}, frozenset(), "7", "8")


def contradicted() -> ClusterStatus:
    """The leader has said that all is well, and died; a voter has said later that nobody leads."""
    seen = cluster(*THREE)
    alone = status("m3-d", [member(name) for name in THREE], leader="")
    return replace(seen, fresh={**seen.fresh, "m3-d": alone}, written={"m1-b": EARLIER, "m3-d": LATER})


@pytest.mark.parametrize(
    ("seen", "replica"),
    [
        pytest.param(ClusterStatus({}, formed=False), "m1-b", id="nothing was ever created"),
        pytest.param(cluster(*THREE), "m2-c", id="one of three well ones"),
        pytest.param(cluster("m1-b"), "m1-b", id="a sole master"),
        pytest.param(without_leader("m1-b"), "m1-b", id="one that by its own word isn't of use"),
        pytest.param(
            replace(
                cluster(*THREE),
                fresh={"m1-b": cluster(*THREE).fresh["m1-b"]},
                stale=frozenset({"m2-c", "m3-d"}),
            ),
            "m2-c",
            id="a silent one that the leader can do without",
        ),
        pytest.param(cluster(*THREE, ill=("m2-c",)), "m2-c", id="the dead one itself"),
        pytest.param(
            cluster(*THREE, "m4-b", learners=("m4-b",)), "m4-b", id="a learner whose vote nobody needs"
        ),
    ],
)
def test_turn_is_given(seen: ClusterStatus, replica: str) -> None:
    assert verdicts.turn(seen, replica, RUNNING).open


@pytest.mark.parametrize(
    "machine", [pytest.param(None, id="no machine"), pytest.param(OFF, id="a machine that is off")]
)
def test_turn_is_given_to_what_does_not_run(machine: Machine | None) -> None:
    assert verdicts.turn(without_leader(silent=THREE), "m2-c", machine).open


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
            cluster("m1-b", "m2-c", learners=("m2-c",)),
            "m2-c",
            "lose its quorum without m2-c",
            id="a learner that may vote by the time it has stopped",
        ),
        pytest.param(
            nameless_learner(),
            "m2-c",
            "lose its quorum without m2-c",
            id="a learner that has not started yet",
        ),
        pytest.param(
            replace(cluster(*THREE), may_stay=frozenset({"m1-b", "m3-d"})),
            "m3-d",
            "m2-c is leaving etcd",
            id="one of the two that another one leaves behind",
        ),
        pytest.param(
            replace(
                cluster(*THREE),
                machines={"m1-b": Machine("1", "RUNNING", "", LATER)},
                written={"m1-b": EARLIER},
            ),
            "m2-c",
            "m1-b is not healthy",
            id="another one was started again since the leader wrote",
        ),
        pytest.param(
            contradicted(),
            "m2-c",
            "no master reports to be etcd's leader",
            id="a leader that lost its voters",
        ),
        pytest.param(
            ClusterStatus({"m2-c": cluster(*THREE).fresh["m2-c"]}),
            "m2-c",
            "in the eyes of m2-c",
            id="no leader known",
        ),
        pytest.param(
            without_leader("m1-b", silent=("m2-c", "m3-d")),
            "m2-c",
            "may be what etcd still has",
            id="silent, no leader",
        ),
        pytest.param(
            without_leader("m1-b", unreadable=frozenset({"m2-c"})),
            "m2-c",
            "doesn't understand",
            id="a status of another release, no leader",
        ),
        pytest.param(
            cluster("m1-b", "m2-c", "m3-d", ill=("m2-c",)),
            "m1-b",
            "m2-c is not healthy",
            id="a healthy voter while another is ill",
        ),
        pytest.param(
            replace(
                cluster("m1-b", "m2-c", "m3-d", ill=("m2-c",)),
                fresh={
                    "m3-d": status(
                        "m3-d", [member("m1-b"), member("m2-c", healthy=False), member("m3-d")], "m3-d"
                    )
                },
                stale=frozenset({"m1-b", "m2-c"}),
            ),
            "m1-b",
            "lose its quorum without m1-b",
            id="its agent is silent and the leader needs it",
        ),
        pytest.param(
            replace(cluster(*THREE), machines={"m3-d": OFF}),
            "m2-c",
            "m3-d is not healthy",
            id="another one's machine was stopped a moment ago",
        ),
    ],
)
def test_turn_is_refused(seen: ClusterStatus, replica: str, reason: str) -> None:
    verdict = verdicts.turn(seen, replica, RUNNING)
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
        pytest.param(
            replace(cluster(*THREE), machines={"m3-d": OFF}), "m3-d is TERMINATED", id="one was just stopped"
        ),
        pytest.param(
            replace(cluster(*THREE), machines={"m3-d": None}), "m3-d is not there", id="one was just deleted"
        ),
        pytest.param(
            replace(
                cluster(*THREE),
                machines={"m3-d": replace(RUNNING, started=LATER)},
                written={"m3-d": EARLIER},
            ),
            "m3-d has not reported since its machine was started",
            id="one was stopped and started",
        ),
    ],
)
def test_joined_waits(seen: ClusterStatus, reason: str) -> None:
    verdict = verdicts.joined(seen, THREE, INSTANCES)
    assert not verdict.open
    assert reason in verdict.reason


def test_joined_opens_when_all_are_healthy_voters() -> None:
    assert verdicts.joined(cluster(*THREE), THREE, INSTANCES).open


def test_left_names_who_is_still_there() -> None:
    verdict = verdicts.left(cluster(*THREE), ["m1-b"])
    assert verdict.reason == "m2-c, m3-d are still a member of etcd"


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        pytest.param(cluster(*THREE, ill=("m3-d",)), "m3-d has not reported for more than 30 s", id="silent"),
        pytest.param(
            replace(cluster(*THREE), machines={"m3-d": OFF}), "the machine of m3-d is TERMINATED", id="off"
        ),
        pytest.param(cluster(*THREE, learners=("m3-d",)), "m3-d is not yet a voter", id="learns anew"),
        pytest.param(
            replace(
                cluster("m1-b"),
                fresh={"m1-b": replace(cluster("m1-b").fresh["m1-b"], apiserver_ready=False)},
            ),
            "the apiserver of m1-b is not ready",
            id="no apiserver",
        ),
    ],
)
def test_left_waits_for_those_who_stay(seen: ClusterStatus, reason: str) -> None:
    """What `joined` and `api` have seen may be minutes ago when this gate, an update's last one, opens."""
    verdict = verdicts.left(seen, list(seen.fresh) + sorted(seen.stale))
    assert not verdict.open
    assert reason in verdict.reason


def test_left_opens_when_only_the_wanted_are_members() -> None:
    assert verdicts.left(cluster("m1-b"), ["m1-b"]).open


def test_api_waits_for_the_load_balancers_word() -> None:
    seen = replace(cluster("m1-b", "m2-c"), health={"dev-m1-b": "HEALTHY", "dev-m2-c": "UNHEALTHY"})
    assert "dev-m2-c" in verdicts.api(seen, ["m1-b", "m2-c"]).reason


def test_api_waits_until_the_load_balancer_has_looked_at_everyone() -> None:
    """A health check says nothing of a backend at first: kubernetes/ingress-gce#554."""
    seen = replace(cluster("m1-b", "m2-c"), health={"dev-m1-b": "HEALTHY"})
    assert "m2-c" in verdicts.api(seen, ["m1-b", "m2-c"], balanced=True).reason
    assert not verdicts.api(replace(seen, health={}), ["m1-b", "m2-c"], balanced=True).open


def test_api_waits_for_writes() -> None:
    seen = cluster("m1-b")
    full = replace(
        seen.fresh["m1-b"], database=Database(4, 4, 4, ("NOSPACE",)), reason="etcd is out of space"
    )
    assert (
        verdicts.api(replace(seen, fresh={"m1-b": full}), ["m1-b"]).reason
        == "nothing can be written: etcd is out of space"
    )


def test_api_opens_when_every_apiserver_is_ready() -> None:
    assert verdicts.api(cluster("m1-b"), ["m1-b"]).open


@pytest.mark.parametrize(
    ("seen", "replica"),
    [
        pytest.param(ClusterStatus({}, formed=False), "m1-b", id="nothing was ever created"),
        pytest.param(cluster(*THREE), "m2-c", id="one of three well ones"),
        pytest.param(cluster(*THREE, ill=("m2-c",)), "m2-c", id="the dead one itself"),
        pytest.param(cluster("m1-b"), "m4-b", id="a newcomer"),
    ],
)
def test_a_disk_may_go(seen: ClusterStatus, replica: str) -> None:
    assert verdicts.disk_turn(seen, replica, there=True).open


def test_a_disk_that_is_gone_keeps_nobody_waiting() -> None:
    assert verdicts.disk_turn(without_leader(silent=THREE), "m2-c", there=False).open


@pytest.mark.parametrize(
    ("seen", "replica", "reason"),
    [
        pytest.param(cluster("m1-b"), "m1-b", "the only copy", id="a sole master's"),
        pytest.param(cluster(*THREE, ill=("m3-d",)), "m2-c", "lose its quorum", id="another one is dead"),
        pytest.param(
            ClusterStatus({}, frozenset({"m1-b"})), "m1-b", "brings the quorum back", id="all are silent"
        ),
    ],
)
def test_a_disk_must_stay(seen: ClusterStatus, replica: str, reason: str) -> None:
    verdict = verdicts.disk_turn(seen, replica, there=True)
    assert not verdict.open
    assert reason in verdict.reason


def test_a_guard_lets_go_of_a_machine_that_is_another_one_already() -> None:
    assert verdicts.machine_guard(cluster("m1-b", "m2-c"), "m2-c", "1", RUNNING).open


def test_a_guard_keeps_a_voter_that_is_needed() -> None:
    assert not verdicts.machine_guard(cluster("m1-b", "m2-c"), "m2-c", "2", RUNNING).open


def test_guards_let_go_at_the_cluster_s_end() -> None:
    seen = replace(cluster("m1-b"), ended=True)
    assert verdicts.machine_guard(seen, "m1-b", "2", RUNNING).open
    assert verdicts.data_guard(seen, "m1-b", there=True).open


def claim(replica: str = "m1-b", instance_id: str = "1", age: float = 20.0) -> Claim:
    return Claim(replica, instance_id, age, "5")


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(cluster(*THREE), id="nobody goes down"),
        pytest.param(replace(cluster(*THREE), claim=claim("m2-c")), id="its own"),
        pytest.param(replace(cluster(*THREE), claim=claim(age=301)), id="one that came to nothing"),
        pytest.param(replace(cluster("m2-c", "m3-d"), claim=claim()), id="of one that has left"),
        pytest.param(
            replace(cluster(*THREE, ill=("m1-b",)), claim=claim()), id="of one that the leader counts as ill"
        ),
        pytest.param(
            replace(cluster(*THREE), claim=claim(instance_id="9")),
            id="of a machine that another one has followed",
        ),
    ],
)
def test_a_claim_does_not_stand_in_the_way(seen: ClusterStatus) -> None:
    assert verdicts.claimed_by_another(seen, "m2-c").open


def test_the_last_status_of_a_former_machine_ends_no_claim() -> None:
    """m1-b's next machine may go down, and what the one before it wrote is half a minute old at most."""
    seen = replace(cluster(*THREE), claim=claim(instance_id="9"), machines={"m1-b": Machine("9", "RUNNING")})
    assert not verdicts.claimed_by_another(seen, "m2-c").open


def test_one_goes_down_at_a_time() -> None:
    verdict = verdicts.claimed_by_another(replace(cluster(*THREE), claim=claim()), "m2-c")
    assert verdict.reason == "m1-b was allowed to go down 20 s ago and is not back yet: one at a time"


EXPIRED = {"phase": "starting", "etcd": None, "config_hash": "old", "applied_hash": "new"}


def test_where_quorum_was_lost_a_machine_with_its_configuration_lets_the_next_one_take_its_own() -> None:
    fresh = {"m2-c": replace(cluster(*THREE).fresh["m2-c"], **EXPIRED)}  # type: ignore[arg-type]
    verdict = verdicts.ready(ClusterStatus(fresh), "m2-c", "2", "new", quorum_was_lost=True)
    assert verdict.open
    assert "once etcd has a quorum again" in verdict.reason


def test_quorum_that_is_lost_by_this_update_keeps_the_next_one_waiting() -> None:
    fresh = {"m2-c": replace(cluster(*THREE).fresh["m2-c"], **EXPIRED)}  # type: ignore[arg-type]
    assert not verdicts.ready(ClusterStatus(fresh), "m2-c", "2", "new", quorum_was_lost=False).open


def test_a_status_of_its_former_life_is_not_a_machine_s_word() -> None:
    started, before = (
        datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC),
        datetime(2026, 11, 25, 12, 0, 10, tzinfo=UTC),
    )
    seen = replace(
        cluster(*THREE), machines={"m2-c": Machine("2", "RUNNING", "", started)}, written={"m2-c": before}
    )
    assert "since its machine was started" in verdicts.ready(seen, "m2-c", "2", "new").reason


def test_the_newest_of_two_leaders_counts() -> None:
    members = [member(name) for name in THREE]
    seen = ClusterStatus(
        {"m1-b": status("m1-b", members, "m1-b"), "m2-c": status("m2-c", members, "m2-c")},
        written={
            "m1-b": datetime(2026, 11, 25, 12, 0, 10, tzinfo=UTC),
            "m2-c": datetime(2026, 11, 25, 12, 0, 20, tzinfo=UTC),
        },
    )
    assert seen.leader is seen.fresh["m2-c"]


def test_a_cluster_goes_when_no_load_balancer_is_left() -> None:
    assert verdicts.services_leave([]).open


def test_a_cluster_stays_while_a_load_balancer_stands() -> None:
    verdict = verdicts.services_leave([Balancer("", "k8s-hc"), Balancer("default/shop", "k8s-fw-a1")])
    assert not verdict.open
    assert "load balancers of Services (default/shop) stand in the project" in verdict.reason
