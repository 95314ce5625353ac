"""The guest model in a real simulator: masters that join, leave, fail and come back, as the bucket shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.guest_model import GuestModel
from lab.simulator.server import Simulator
from node.contract.status import AuthorityView
from node.planner.quorum import quorum
from tests.lab.guest_model.guest_world import BUCKET, IMAGE, World
from tests.node.host.test_issuers import BOTH, files


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Simulator(tmp_path, guests=GuestModel) as simulator:
        yield World(simulator).prepare()


def grown(world: World, *names: str) -> World:
    world.ask(*names)
    world.create(*names)
    world.release(*names)
    world.serving(*names)
    return world


def test_three_fresh_masters_form_one_cluster(world: World) -> None:
    world.ask("m1-b", "m2-c", "m3-d")
    world.create("m1-b", "m2-c", "m3-d")
    assert world.serving("m1-b", "m2-c", "m3-d") < 5
    statuses = [world.status(name) for name in ("m1-b", "m2-c", "m3-d")]
    assert {status.phase for status in statuses if status} == {"serving"}
    assert len({status.etcd.cluster_id for status in statuses if status and status.etcd}) == 1


def test_one_grows_to_three_and_shrinks_again(world: World) -> None:
    grown(world, "m1-b")
    world.ask("m1-b", "m2-c", "m3-d")
    world.create("m2-c", "m3-d")
    world.serving("m1-b", "m2-c", "m3-d")
    world.release("m1-b", "m2-c", "m3-d")
    world.ask("m3-d")
    world.release("m3-d")
    world.serving("m3-d")
    world.until(lambda: world.status("m1-b").phase == "gone")  # type: ignore[union-attr]
    world.destroy("m1-b", "m2-c")
    assert world.facts()["quorum"]
    for entry in world.journal():
        facts = entry["facts"]["guestModel"].get(BUCKET)
        if facts and facts["voters"]:
            well = len(set(facts["voters"]) & set(facts["healthy"]))
            assert len(facts["learners"]) <= 1
            assert well >= quorum(len(facts["voters"]))


def test_a_sole_master_is_swapped_and_leaves_only_when_released(world: World) -> None:
    grown(world, "m1-b")
    world.ask("m2-c")
    world.create("m2-c")
    world.serving("m1-b", "m2-c")
    world.release("m2-c")
    world.serving("m2-c")
    assert world.facts()["leader"] == "m2-c"


def test_growth_that_is_taken_back_before_promotion_costs_nothing(world: World) -> None:
    grown(world, "m1-b")
    world.ask("m1-b", "m2-c")
    world.create("m2-c")
    world.fault("m2-c", "slow-join", seconds=60)
    world.until(lambda: world.facts()["learners"] == ["m2-c"])
    world.ask("m1-b")
    world.serving("m1-b")


def test_a_blank_disk_under_the_same_name_is_purged_first(world: World) -> None:
    grown(world, "m1-b", "m2-c", "m3-d")
    before = world.status("m3-d")
    world.destroy("m3-d")
    world.create("m3-d")

    def has_purged() -> bool:
        return any("purges the stale member of m3-d" in entry.get("event", "") for entry in world.journal())

    world.until(has_purged)
    world.serving("m1-b", "m2-c", "m3-d")
    after = world.status("m3-d")
    assert before
    assert after
    assert before.data_directory.member_id != after.data_directory.member_id


def test_the_same_disk_rejoins_with_its_data(world: World) -> None:
    grown(world, "m1-b", "m2-c", "m3-d")
    before = world.status("m2-c")
    world.delete_vm("m2-c")
    world.until(lambda: world.facts()["down"] == {"m2-c": "api"})
    assert world.facts()["quorum"]
    world.vm("m2-c")
    world.serving("m1-b", "m2-c", "m3-d")
    after = world.status("m2-c")
    assert before
    assert after
    assert before.data_directory == after.data_directory
    assert before.instance_id != after.instance_id


def test_a_hung_agent_is_silent_while_its_etcd_goes_on(world: World) -> None:
    grown(world, "m1-b", "m2-c", "m3-d")
    world.fault("m2-c", "hang")
    before = world.status("m2-c")
    assert world.facts()["healthy"] == ["m1-b", "m2-c", "m3-d"]
    world.ask("m1-b", "m3-d")
    world.release("m1-b", "m3-d")
    assert world.status("m2-c") == before
    world.fault("m2-c", "clear")
    world.until(lambda: world.status("m2-c") != before)


def test_a_frozen_master_is_down_by_a_fault_and_comes_back(world: World) -> None:
    grown(world, "m1-b", "m2-c", "m3-d")
    world.fault("m1-b", "freeze")
    assert world.facts()["down"] == {"m1-b": "fault"}
    assert world.facts()["leader"] == "m2-c"
    world.fault("m1-b", "clear")
    world.serving("m1-b", "m2-c", "m3-d")


def test_without_quorum_nobody_changes_anything(world: World) -> None:
    grown(world, "m1-b", "m2-c", "m3-d")
    world.fault("m1-b", "disk-blank")
    world.fault("m2-c", "disk-blank")
    world.ask("m3-d")
    world.release("m3-d")
    world.until(lambda: "quorum is lost" in world.status("m3-d").reason)  # type: ignore[union-attr]
    assert world.facts()["voters"] == ["m1-b", "m2-c", "m3-d"]
    assert world.facts()["serving"] == []


def test_changed_metadata_is_reported(world: World) -> None:
    grown(world, "m1-b")
    path = "zones/europe-west1-b/instances/dev-m1-b"
    metadata = world.cloud.get(path)["metadata"]
    items = [item for item in metadata["items"] if item["key"] != "config-hash"]
    items.append({"key": "config-hash", "value": "two"})
    world.cloud.post(f"{path}/setMetadata", {"fingerprint": metadata["fingerprint"], "items": items})
    world.until(lambda: world.status("m1-b").config_hash == "two")  # type: ignore[union-attr]


def test_a_generation_that_is_lived_by_is_reported(world: World) -> None:
    world.add_secret(json.dumps({**files(), **BOTH}).encode())
    world.ask("m1-b")
    world.disk("m1-b")
    world.vm("m1-b", secret="keys/versions/2", authorities='{"etcdPeers":[1,2]}')
    world.serving("m1-b")
    status = world.status("m1-b")
    assert status is not None
    assert status.authorities is not None
    assert status.authorities.of("etcdPeers") == AuthorityView("etcdPeers", (1, 2), (1,))


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        pytest.param("other/versions/1", "403", id="no-access"),
        pytest.param("keys/versions/2", "no JSON", id="not-json"),
        pytest.param("keys/versions/9", "404", id="no-such-version"),
    ],
)
def test_a_secret_that_cannot_be_used_fails_the_start_with_a_reason(
    world: World, secret: str, says: str
) -> None:
    world.add_secret(b"not json")
    world.ask("m1-b")
    world.disk("m1-b")
    world.vm("m1-b", secret=secret)
    world.until(lambda: world.status("m1-b").phase == "failed")  # type: ignore[union-attr]
    status = world.status("m1-b")
    assert status
    assert says in status.reason


def test_a_failed_start_recovers_once_the_fault_is_cleared(world: World) -> None:
    world.ask("m1-b")
    world.create("m1-b")
    world.fault("m1-b", "fail-start")
    world.until(lambda: world.status("m1-b").phase == "failed")  # type: ignore[union-attr]
    world.fault("m1-b", "clear")
    world.serving("m1-b")


def test_the_cluster_outlives_the_simulator(tmp_path: Path) -> None:
    with Simulator(tmp_path, guests=GuestModel) as simulator:
        world = grown(World(simulator).prepare(), "m1-b", "m2-c", "m3-d")
        before = world.status("m1-b")
    with Simulator(tmp_path, guests=GuestModel) as simulator:
        world = World(simulator)
        world.serving("m1-b", "m2-c", "m3-d")
        after = world.status("m1-b")
    assert before
    assert after
    assert before.data_directory == after.data_directory


def test_a_destroyed_cluster_is_forgotten_and_the_next_one_is_new(world: World) -> None:
    grown(world, "m1-b")
    world.destroy("m1-b")
    for name in ("status%2Fm1-b.json", "bootstrap.json"):
        assert world.cloud.delete(f"/storage/v1/b/{BUCKET}/o/{name}").status < 300
    world.until(lambda: not world.facts())
    grown(world, "m2-c")


def test_the_console_speaks_of_a_model(world: World) -> None:
    grown(world, "m1-b")
    output = world.cloud.get("zones/europe-west1-b/instances/dev-m1-b/serialPort")["contents"]
    assert "guest model of m1-b: creates the cluster" in output


def test_a_machine_that_nobody_wants_leaves_etcd_before_it_is_off(world: World) -> None:
    grown(world, "m1-b", "m2-c")
    world.pace(drain=60)
    world.ask("m2-c")
    world.release("m2-c")
    world.delete_vm("m1-b")
    world.until(lambda: world.facts()["voters"] == ["m2-c"])
    assert (world.facts()["quorum"], world.facts()["leader"]) == (True, "m2-c")
    status = world.status("m1-b")
    assert status
    assert (status.phase, status.reason.partition(":")[0]) == ("gone", "leaves etcd")


@pytest.mark.parametrize("kept_by", ["list", "retained"])
def test_a_machine_that_may_stay_only_stops(world: World, kept_by: str) -> None:
    grown(world, "m1-b", "m2-c", "m3-d")
    if kept_by == "retained":
        world.ask("m1-b", "m2-c")
    world.delete_vm("m3-d")
    world.until(lambda: world.facts()["down"] == {"m3-d": "api"})
    assert world.facts()["voters"] == ["m1-b", "m2-c", "m3-d"]


@pytest.mark.parametrize("fault", ["abrupt", "halt"])
def test_a_voter_that_goes_without_leaving_takes_the_quorum_with_it(world: World, fault: str) -> None:
    grown(world, "m1-b", "m2-c")
    world.pace(drain=60)
    world.ask("m1-b")
    world.release("m1-b")
    world.until(lambda: world.status("m2-c").phase == "leaving")  # type: ignore[union-attr]
    world.fault("m2-c", fault)
    world.delete_vm("m2-c")
    world.until(lambda: world.facts()["down"] != {})
    assert (world.facts()["voters"], world.facts()["quorum"]) == (["m1-b", "m2-c"], False)


def test_a_power_cut_shows_in_the_api(world: World) -> None:
    grown(world, "m1-b", "m2-c", "m3-d")
    world.fault("m2-c", "halt")
    assert world.cloud.get("zones/europe-west1-c/instances/dev-m2-c")["status"] == "TERMINATED"
    assert world.facts()["down"] == {"m2-c": "fault"}


def test_a_pace_that_makes_no_sense_is_refused(world: World) -> None:
    for seconds in ({"drian": 20}, {"drain": -1}, {"drain": "long"}):
        assert world.cloud.put("/lab/v1/guests/pace", seconds).status == 400


def test_an_unknown_fault_is_refused(world: World) -> None:
    grown(world, "m1-b")
    reply = world.cloud.post("/lab/v1/guests/dev-m1-b/fault", {"kind": "explode"})
    assert (reply.status, "use one of" in str(reply.body)) == (400, True)


def test_whose_power_is_cut_is_down_by_a_fault_from_the_first_moment_on(world: World) -> None:
    grown(world, "m1-b", "m2-c", "m3-d")
    world.fault("m2-c", "halt")
    downs = [
        entry["facts"]["guestModel"][BUCKET]["down"]
        for entry in world.journal()
        if entry["facts"]["guestModel"]
    ]
    assert {cause for down in downs for cause in down.values()} == {"fault"}


def test_a_worker_just_runs(world: World) -> None:
    """What a managed group makes has a bucket and no replica: no member of etcd, and nobody's business here."""
    grown(world, "m1-b")
    zone, region = "zones/europe-west1-b", "regions/europe-west1"
    properties = {
        "machineType": "e2-standard-2",
        "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}],
        "networkInterfaces": [{"subnetwork": f"{region}/subnetworks/dev"}],
        "metadata": {"items": [{"key": "bucket", "value": BUCKET}, {"key": "cluster-name", "value": "dev"}]},
    }
    world.cloud.made(f"{region}/instanceTemplates", {"name": "dev-web", "properties": properties})
    group = {"name": "dev-web-b", "targetSize": 1}
    group |= {"versions": [{"instanceTemplate": f"{region}/instanceTemplates/dev-web"}]}
    world.cloud.made(f"{zone}/instanceGroupManagers", group)
    (member,) = world.cloud.post(f"{zone}/instanceGroupManagers/dev-web-b/listManagedInstances")[
        "managedInstances"
    ]
    path = f"{zone}/instances/{member['name']}"
    world.cloud.post(f"{path}/stop")
    assert world.cloud.get(path)["status"] == "RUNNING"
    assert world.cloud.get(f"{path}/serialPort")["contents"] == ""
    assert (world.facts()["voters"], world.facts()["serving"]) == (["m1-b"], ["m1-b"])
