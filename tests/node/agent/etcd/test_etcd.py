"""Agents with real etcd processes, on a network of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.agent.etcd.gateway import EtcdError
from tests.node.agent.world import CONFIG, REAL_PROGRAMS, World

MIB = 1 << 20

pytestmark = [*REAL_PROGRAMS]


def test_grows_replaces_a_blank_disk_and_shrinks_although_the_leader_leaves(world: World) -> None:
    world.ask_for("m1-b")
    world.replica("m1-b").boot()
    world.wait("one master serves", lambda: _serving(world, "m1-b"))
    world.put("m1-b", "written", "before")

    world.ask_for("m1-b", "m2-b", "m3-b")
    world.replica("m2-b").boot()
    world.replica("m3-b").boot()
    world.wait("three vote", lambda: world.voters() == {"m1-b", "m2-b", "m3-b"})
    world.wait("three serve", lambda: _serving(world, "m1-b", "m2-b", "m3-b"))
    assert world.snapshots() >= 4, "one before each of two additions and two promotions"

    lost = world.replica("m3-b")
    former = world.status("m3-b")
    assert former is not None
    lost.power_cut()
    lost.new_disks()
    lost.boot()
    world.wait("it joins anew", lambda: _joined_anew(world, "m3-b", former.data_directory.member_id))
    world.wait("three vote again", lambda: world.voters() == {"m1-b", "m2-b", "m3-b"})

    leader = world.leader()
    stays = next(name for name in ("m2-b", "m3-b") if name != leader)
    world.ask_for(stays)
    world.release_all_but(stays)
    world.wait("one votes", lambda: world.voters() == {stays})
    others = {"m1-b", "m2-b", "m3-b"} - {stays}
    world.wait("the others are gone", lambda: {_phase(world, name) for name in others} == {"gone"})
    assert all(status.drained for name in others if (status := world.status(name)))
    assert world.get(stays, "written") == "before"


def test_a_sole_master_is_swapped_for_one_that_is_told_of_nobody_else(world: World) -> None:
    world.ask_for("m1-b")
    world.replica("m1-b").boot()
    world.wait("one master serves", lambda: _serving(world, "m1-b"))
    world.put("m1-b", "written", "before")
    world.ask_for("m2-b")
    world.replica("m2-b").boot()
    world.wait("both vote", lambda: world.voters() == {"m1-b", "m2-b"})
    world.release_all_but("m2-b")
    world.wait("only the new one votes", lambda: world.voters() == {"m2-b"})
    world.wait("the former is gone", lambda: _phase(world, "m1-b") == "gone")
    assert world.get("m2-b", "written") == "before"


@pytest.mark.parametrize("goes", ["leader", "follower"])
def test_a_machine_that_nobody_wants_leaves_as_it_shuts_down_and_the_other_goes_on(
    world: World, goes: str
) -> None:
    world.ask_for("m1-b", "m2-b")
    world.replica("m1-b").boot()
    world.replica("m2-b").boot()
    world.wait("both vote", lambda: world.voters() == {"m1-b", "m2-b"})
    leader = world.leader()
    follower = "m2-b" if leader == "m1-b" else "m1-b"
    gone, stays = (leader, follower) if goes == "leader" else (follower, leader)
    world.put(stays, "written", "before")
    world.ask_for(stays)
    world.replica(gone).shut_down()
    assert _phase(world, gone) == "gone"
    world.wait("the other is alone", lambda: world.voters() == {stays})
    assert world.get(stays, "written") == "before"


def test_a_machine_that_is_wanted_only_stops_and_comes_back(world: World) -> None:
    world.ask_for("m1-b", "m2-b")
    for name in ("m1-b", "m2-b"):
        world.replica(name).boot()
    world.wait("both vote", lambda: world.voters() == {"m1-b", "m2-b"})
    before = world.status("m2-b")
    world.replica("m2-b").shut_down()
    world.replica("m2-b").boot()
    world.wait("both vote again", lambda: world.voters() == {"m1-b", "m2-b"})
    after = world.status("m2-b")
    assert before
    assert after
    assert before.data_directory == after.data_directory


def test_serves_again_while_the_bucket_is_away(world: World) -> None:
    world.ask_for("m1-b")
    sole = world.replica("m1-b").boot()
    world.wait("one master serves", lambda: _serving(world, "m1-b"))
    world.put("m1-b", "written", "before")
    sole.power_cut()
    world.bucket._endpoint, endpoint = "http://127.0.0.1:1", world.bucket._endpoint
    sole.boot()
    world.wait("etcd answers", lambda: world.get("m1-b", "written") == "before")
    world.bucket._endpoint = endpoint


def test_a_changed_configuration_restarts_etcd_as_the_same_member(world: World) -> None:
    world.ask_for("m1-b")
    sole = world.replica("m1-b").boot()
    world.wait("one master serves", lambda: _serving(world, "m1-b"))
    world.put("m1-b", "written", "before")
    sole.agent.reconfigure(replace(sole.machine("other"), config=replace(CONFIG, etcd_quota_bytes=2**29)))
    world.wait("it runs that", lambda: (status := world.status("m1-b")) and status.config_hash == "other")
    world.wait("etcd answers", lambda: world.get("m1-b", "written") == "before")
    assert sole.gateway._call(sole.address, "maintenance/status", {}, 5)["dbSizeQuota"] == str(2**29)


def test_of_two_masters_etcd_follows_its_configuration_too(world: World) -> None:
    """Neither can ever go on without the other: success without it would be none."""
    world.ask_for("m1-b", "m2-b")
    first = world.replica("m1-b").boot()
    world.replica("m2-b").boot()
    world.wait("both vote", lambda: world.voters() == {"m1-b", "m2-b"})
    first.agent.reconfigure(replace(first.machine("other"), config=replace(CONFIG, etcd_quota_bytes=2**29)))
    world.wait("it says so", lambda: (status := world.status("m1-b")) and status.config_hash == "other")
    world.wait("both vote again", lambda: world.voters() == {"m1-b", "m2-b"})
    assert first.gateway._call(first.address, "maintenance/status", {}, 5)["dbSizeQuota"] == str(2**29)


def test_a_master_whose_etcd_has_to_wait_does_not_say_that_it_follows(world: World) -> None:
    names = ("m1-b", "m2-b", "m3-b")
    world.ask_for(*names)
    for name in names:
        world.replica(name).boot()
    world.wait("three vote", lambda: world.voters() == set(names))
    world.replica("m3-b").power_cut()
    first = world.replica("m1-b")
    world.wait("one is missed", lambda: world.voters() == set())
    first.agent.reconfigure(replace(first.machine("other"), config=replace(CONFIG, etcd_quota_bytes=2**29)))
    world.wait("it says why", lambda: "once the others have a quorum without it" in _reason(world, "m1-b"))
    assert (world.status("m1-b") or first).config_hash != "other"
    world.replica("m3-b").boot()
    world.wait("it follows", lambda: (status := world.status("m1-b")) and status.config_hash == "other")
    assert first.gateway._call(first.address, "maintenance/status", {}, 5)["dbSizeQuota"] == str(2**29)


def test_a_larger_quota_ends_the_read_only_state(world: World) -> None:
    world.ask_for("m1-b")
    sole = world.replica("m1-b").boot()
    world.wait("one master serves", lambda: _serving(world, "m1-b"))
    _quota(world, 16 * MIB)
    _fill(world, "m1-b", rewrite=False)
    world.wait("its status tells", lambda: "(NOSPACE) and refuses writes" in _reason(world, "m1-b"))
    _quota(world, 64 * MIB)
    world.wait("it takes writes again", lambda: _writes(world, "m1-b"))
    world.wait("its status is quiet", lambda: _reason(world, "m1-b") == "")
    status = world.status("m1-b")
    assert status is not None
    assert status.database is not None
    assert (status.database.quota_bytes, status.database.alarms) == (64 * MIB, ())
    assert any("lifts the alarm NOSPACE" in line for line in sole.lines)


def test_members_that_hold_room_are_rewritten_one_after_another_and_take_writes_again(world: World) -> None:
    names = ("m1-b", "m2-b", "m3-b")
    world.ask_for(*names)
    for name in names:
        world.replica(name).boot()
    world.wait("three serve", lambda: world.voters() == set(names) and _serving(world, *names))
    _quota(world, 16 * MIB)
    world.wait("three vote", lambda: world.voters() == set(names))
    _fill(world, "m1-b", rewrite=True)
    world.wait("the leader's status tells", lambda: "(NOSPACE)" in _reason(world, world.leader()))
    world.compact("m1-b")
    world.wait("it takes writes again", lambda: _writes(world, "m1-b"))
    world.wait("everyone has room", lambda: all(_size(world, name) < 12 * MIB for name in names))
    said = [line for replica in world.replicas.values() for line in replica.lines]
    rewritten = [line.partition("the database of ")[2][:4] for line in said if "defragments" in line]
    assert rewritten, said
    assert len(rewritten) == len(set(rewritten)), "nobody twice"


def _quota(world: World, quota: int) -> None:
    """One after another, as the program has it."""
    for name, replica in world.replicas.items():
        config = replace(CONFIG, etcd_quota_bytes=quota)
        replica.agent.reconfigure(replace(replica.machine(f"quota-{quota}"), config=config))
        world.wait(f"{name} runs that", lambda name=name: _runs_quota(world, name, quota))  # type: ignore[misc]
        world.wait("all vote", lambda: world.voters() == set(world.replicas))


def _runs_quota(world: World, name: str, quota: int) -> bool:
    status = world.status(name)
    return bool(status and status.database and status.database.quota_bytes == quota)


def _fill(world: World, name: str, *, rewrite: bool) -> None:
    """Until etcd refuses it: many keys, or many revisions of one."""
    for number in range(64):
        try:
            world.put(name, "filled" if rewrite else f"filled-{number}", "x" * MIB)
        except EtcdError as error:
            if "space" in str(error):
                return
    raise AssertionError("64 MiB did not fill etcd")


def _writes(world: World, name: str) -> bool:
    world.put(name, "small", "value")
    return True


def _size(world: World, name: str) -> int:
    status = world.status(name)
    return status.database.size_bytes if status and status.database else 16 * MIB


def _reason(world: World, name: str) -> str:
    status = world.status(name)
    return status.reason if status else ""


def _serving(world: World, *names: str) -> bool:
    return all(_phase(world, name) == "serving" for name in names)


def _phase(world: World, name: str) -> str:
    status = world.status(name)
    return status.phase if status else ""


def _joined_anew(world: World, name: str, former: str) -> bool:
    status = world.status(name)
    return bool(status and status.data_directory.member_id not in ("", former))
