"""Quorum is lost, and comes back from a snapshot or from the one disk that is left: agents with real etcd processes."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from node.agent.etcd.restorer import REVISIONS_AHEAD
from node.host import paths
from node.host.files import under
from tests.node.agent.world import ADDRESSES, REAL_PROGRAMS, World

pytestmark = [*REAL_PROGRAMS]

ALL = ("m1-b", "m2-b", "m3-b")


def test_a_lost_sole_master_comes_back_elsewhere_from_its_snapshot_once(world: World) -> None:
    _founded(world, "m1-b")
    world.put("m1-b", "written", "before")
    _snapshot(world, "m1-b")
    former = world.marker().cluster_id
    snapshot = world.newest_snapshot()
    world.wait("it is verified", lambda: _notes(world, snapshot))
    notes = _notes(world, snapshot)
    assert notes["cluster-id"] == former
    assert notes["verified-by"] == "hash and etcdutl"
    world.put("m1-b", "written", "after the snapshot")
    world.replica("m1-b").power_cut()

    world.ask_for("m2-b")
    world.restore(snapshot, "m2-b")
    world.replica("m2-b").boot()
    world.wait("another master serves", lambda: _serving(world, "m2-b"))
    assert world.get("m2-b", "written") == "before"
    marker = world.marker()
    assert [each.id for each in marker.restored] == [snapshot]
    assert former != marker.cluster_id == marker.restored[0].cluster_id
    revision = world.replica("m2-b").gateway.status(ADDRESSES["m2-b"]).revision
    assert revision > REVISIONS_AHEAD

    world.put("m2-b", "written", "afterwards")
    world.replica("m2-b").power_cut()
    world.replica("m2-b").boot()
    world.wait("it serves again", lambda: world.get("m2-b", "written") == "afterwards")
    assert world.marker().restored == marker.restored, "done once, although it is still asked for"


def test_the_disk_that_is_left_has_all_and_the_others_join_anew(world: World) -> None:
    _founded(world, *ALL)
    survivor, *lost = sorted(ALL, key=lambda name: name == world.leader())
    former = world.marker().cluster_id
    for count in range(50):
        world.put(world.leader(), f"key-{count}", "acknowledged")
    for name in lost:
        world.replica(name).power_cut()
    world.replica(survivor).power_cut()
    for name in lost[:1]:
        world.replica(name).new_disks()

    world.restore(survivor, survivor)
    world.replica(survivor).boot()
    world.wait("the survivor is a cluster", lambda: _another(world, former))
    for name in lost:
        world.replica(name).boot()
    world.wait("three vote again", lambda: _all_vote(world))
    assert all(world.get(survivor, f"key-{count}") == "acknowledged" for count in range(50))
    folder = under(world.replica(lost[1]).root, paths.DATA_DISK)
    assert list(folder.glob("data-set-aside-*")), "the former data are kept"


def test_a_quorum_that_lives_is_left_alone_unless_it_is_named(world: World) -> None:
    _founded(world, *ALL)
    world.put("m1-b", "written", "before")
    _snapshot(world, world.leader())
    snapshot, former = world.newest_snapshot(), world.marker().cluster_id
    world.put("m1-b", "written", "by mistake")
    world.restore(snapshot, "m1-b")
    world.wait("it says why not", lambda: f"quorum of cluster {former} lives" in _reason(world, "m1-b"))
    assert world.voters() == set(ALL)
    assert world.get("m2-b", "written") == "by mistake"

    world.restore(snapshot, "m1-b", over=former)
    world.wait("it is another cluster", lambda: _another(world, former))
    world.wait("three vote again", lambda: _all_vote(world))
    assert {world.get(name, "written") for name in ALL} == {"before"}


def _founded(world: World, *names: str) -> None:
    world.ask_for(*names)
    for name in names:
        world.replica(name).boot()
    world.wait("all vote", lambda: world.voters() == set(names))


def _snapshot(world: World, name: str) -> None:
    """Its agent takes one, as the clock has it do."""
    before, agent = world.snapshots(), world.replica(name).agent
    agent._snapshots._newest = None
    agent._snapshots.backup = None  # Else it is skipped where nothing was written since the last one.
    machine = world.replica(name).machine()
    agent.reconfigure(replace(machine, config=replace(machine.config, backup_interval_seconds=0)))
    world.wait("a snapshot is there", lambda: world.snapshots() > before)
    agent.reconfigure(machine)


def _notes(world: World, snapshot: str) -> dict[str, str]:
    """What stands beside a snapshot once it has been read again."""
    found = world.cloud.get(f"/storage/v1/b/dev-lab-bucket/o/{quote(snapshot, safe='')}").body
    return dict(found.get("metadata") or {})


def _serving(world: World, name: str) -> bool:
    status = world.status(name)
    return status is not None and status.phase == "serving"


def _reason(world: World, name: str) -> str:
    status = world.status(name)
    return status.reason if status else ""


def _another(world: World, former: str) -> bool:
    marker = world.marker()
    return marker.formed and marker.cluster_id != former


def _all_vote(world: World) -> bool:
    """In the cluster that the marker names, by each master's own word."""
    statuses, now = [world.status(name) for name in ALL], world.marker().cluster_id
    return world.voters() == set(ALL) and all(
        each and each.etcd and each.etcd.cluster_id == now and each.data_directory.cluster_id == now
        for each in statuses
    )
