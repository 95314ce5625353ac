"""What quorum alone can't bring back, on live machines: from the bucket into another zone; from the one disk that is left.

A client writes until the loss; what it was told is there is counted afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import pytest
import requests

from tests.e2e import gaps
from tests.e2e.lab import on_machines
from tests.e2e.site import ONE, THREE, Site, identity, site, vm
from tests.stack.harness import REGION
from tests.stack.invariants import BUCKET
from tests.stack.losses import silent
from tests.waiting import until

pytestmark = [*on_machines(timeout=1200), pytest.mark.live]

ELSEWHERE = ["m2/c"]


@pytest.fixture
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("restore")) as made:
        yield made
        for line in made.seen:
            print(line)


def test_a_sole_master_lost_with_its_zone_is_restored_into_another(life: Site) -> None:
    life.up(ONE)
    life.ready(ONE)
    with life.load() as client:
        time.sleep(10)
        snapshot = _snapshot_now(life, ONE[0])
        time.sleep(5)
        answered = client.stop()
    began = time.monotonic()
    _lose(life, ONE[0])
    silent(life.stack, identity(ONE[0]))
    etcd = {"restoreFrom": snapshot}
    plan = life.stack.preview(ELSEWHERE, etcd=etcd).output
    assert f"its etcd begins anew from {snapshot}, on m2-c" in plan
    assert "Lost: all that was written in the" in plan
    seconds = life.up(ELSEWHERE, etcd=etcd)
    life.ready(ELSEWHERE)
    life.kubectl("create", "configmap", "afterwards")
    life.tell(
        f"sole master lost, restored into another zone: up {seconds:.0f} s, served again after "
        f"{time.monotonic() - began:.0f} s"
    )
    lost, acknowledged = life.lost(answered), gaps.acknowledged(answered)
    taken = datetime.fromisoformat(snapshot.removeprefix("snapshots/")[:19] + "+00:00").timestamp()
    late = {each.name for each in answered if each.kind == "write" and not each.problem and each.end >= taken}
    life.tell(
        f"{len(acknowledged)} writes acknowledged, {len(lost)} lost, {len(late)} were made after the snapshot"
    )
    assert len(acknowledged) > 50
    assert lost <= late
    assert [each["from"] for each in life.stack.outputs()["restored"]] == [snapshot]


def test_two_of_three_disks_lost_are_made_good_from_the_survivor(life: Site) -> None:
    """The survivor is the one beside etcd's leader, which holds all that was ever acknowledged."""
    life.up(THREE)
    life.ready(THREE)
    survivor = life.beside_etcds("leader", THREE)
    with life.load() as client:
        time.sleep(10)
        began = time.monotonic()
        for replica in THREE:
            if replica != survivor:
                life.fault(vm(replica), "halt")
        answered = client.stop()
    for replica in THREE:
        if replica != survivor:
            _lose(life, replica)
    for replica in THREE:
        if replica != survivor:
            silent(life.stack, identity(replica))
    seconds = life.up(THREE, etcd={"survivor": identity(survivor)})
    life.ready(THREE)
    life.tell(
        f"two of three disks lost, made good from {survivor}: up {seconds:.0f} s, all Ready after "
        f"{time.monotonic() - began:.0f} s"
    )
    life.tell(f"{len(gaps.acknowledged(answered))} writes acknowledged, {len(life.lost(answered))} lost")
    assert life.lost(answered) == set()
    assert life.members() == dict.fromkeys([identity(each) for each in THREE], "voter")


def _snapshot_now(life: Site, replica: str) -> str:
    """An agent that begins anew and finds no snapshot takes one, and has etcdutl read it."""
    objects = f"{life.cloud.url}/storage/v1/b/{BUCKET}/o"
    for name in _snapshots(life):
        requests.delete(f"{objects}/{quote(name, safe='')}", timeout=10).raise_for_status()
    life.inside(vm(replica), "systemctl", "restart", "ha-masters-agent.service")

    def verified() -> bool:
        backup = life.statuses()[identity(replica)].get("backup")
        return bool(backup and backup["newest"] in _snapshots(life) and backup["verifiedAt"])

    until("a verified snapshot", verified, 90, lambda: (_snapshots(life), life.statuses()))
    return _snapshots(life)[-1]


def _snapshots(life: Site) -> list[str]:
    objects = f"{life.cloud.url}/storage/v1/b/{BUCKET}/o"
    listed = requests.get(objects, params={"prefix": "snapshots/"}, timeout=10).json().get("items", [])
    return sorted(str(each["name"]) for each in listed)


def _lose(life: Site, replica: str) -> None:
    """Machine and data disk, by hand, as a zone that burns down."""
    zone = f"zones/{REGION}-{replica[-1]}"
    life.cloud.compute("DELETE", f"{zone}/instances/{vm(replica)}")
    until(f"{vm(replica)} gone", lambda: vm(replica) not in life.cloud.facts()["instances"], 120)
    life.cloud.compute("DELETE", f"{zone}/disks/{vm(replica)}-data")
