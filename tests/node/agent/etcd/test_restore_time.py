"""How long a restore takes, from the word to the first answered write: `HA_MASTERS_RESTORE_MIB=1024 pytest -s` on this file.

A real etcd, etcdutl and agent, and the bucket over loopback: what a network and a cloud's disk cost comes on top.
"""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import replace

import pytest

from node.agent.etcd.gateway import EtcdError
from node.host.web import WebError
from tests.node.agent.world import CONFIG, REAL_PROGRAMS, World

MIB = int(os.environ.get("HA_MASTERS_RESTORE_MIB", "0"))
"""Of etcd's database."""

pytestmark = [
    *REAL_PROGRAMS,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        not MIB, reason="a figure: HA_MASTERS_RESTORE_MIB asks for it; test_restore has what must hold"
    ),
]

VALUE_BYTES = 1 << 20
QUOTA_BYTES = 4 << 30


def test_a_database_of_some_size_comes_back_elsewhere(world: World) -> None:
    for name in ("m1-b", "m2-b"):
        world.replica(name).config = replace(CONFIG, etcd_quota_bytes=QUOTA_BYTES)
    world.ask_for("m1-b")
    world.replica("m1-b").boot()
    world.wait("it votes", lambda: world.voters() == {"m1-b"}, 60)
    for number in range(MIB):
        # A quarter less than 1 MiB: what etcd takes in one request, written as base64.
        world.put("m1-b", f"key-{number}", secrets.token_hex(VALUE_BYTES * 3 // 8))
    began = time.monotonic()
    agent, machine = world.replica("m1-b").agent, world.replica("m1-b").machine()
    before = world.newest_snapshot() if world.snapshots() else ""
    agent._snapshots._newest = None
    agent._snapshots.backup = None  # Else it is skipped where nothing was written since the last one.
    agent.reconfigure(replace(machine, config=replace(machine.config, backup_interval_seconds=0)))

    def there() -> bool:
        try:
            return world.snapshots() > 0 and world.newest_snapshot() != before
        except WebError:
            return False  # The simulator takes in what is large at one go.

    world.wait("a snapshot is there", there, 900)
    saved = time.monotonic() - began
    snapshot = world.newest_snapshot()
    world.replica("m1-b").power_cut()

    world.ask_for("m2-b")
    world.restore(snapshot, "m2-b")
    began = time.monotonic()
    world.replica("m2-b").boot()

    def writes() -> bool:
        try:
            world.put("m2-b", "first", "write")
        except (EtcdError, WebError, OSError):
            return False
        return True

    world.wait("the first write is answered", writes, 900)
    seconds = time.monotonic() - began
    assert world.get("m2-b", f"key-{MIB - 1}")
    print(f"{MIB} MiB: saved in {saved:.1f} s, restored to the first answered write in {seconds:.1f} s")
