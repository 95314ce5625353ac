"""What befalls live machines in use, and how `pulumi up` mends it: a full zone, a stopped machine, one deleted by hand,
a disk and a database that are too small. `make live` runs it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.history import BOOT_SECONDS, come_to_an_end, history, settled, standing, voters
from tests.e2e.lab import on_machines
from tests.e2e.site import THREE, Site, identity, site, vm
from tests.stack.harness import REGION
from tests.stack.test_full_zone import FULL, OTHER_IMAGE
from tests.waiting import until

pytestmark = [*on_machines(timeout=2400), pytest.mark.live]

VOTERS = voters(THREE)
GROWN_GB, GB = 40, 1 << 30
SMALL_QUOTA, LARGER_QUOTA = 1 << 28, 1 << 30
FILLING_BYTES, FILLINGS_AT_ONCE = 900_000, 10
MOUNTED_DISK = "/mnt/disks/etcd"
CAP_SYS_RESOURCE = 24


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("mended")) as made:
        yield made


@pytest.fixture
def three(life: Site) -> Site:
    standing(life, THREE)
    return life


def test_a_stopped_master_is_started_where_it_stands(three: Site) -> None:
    with history(three, "a stopped master"):
        before = three.instance(vm("m2/c"))["id"]
        _by_hand(three, "POST", "m2/c", "/stop")
        assert "m2-c is TERMINATED: `pulumi up` starts it." in three.stack.preview(THREE).output
        come_to_an_end(three, THREE)
        settled(three, THREE)
    assert three.instance(vm("m2/c"))["id"] == before
    assert three.members() == VOTERS


def test_a_machine_that_was_deleted_by_hand_is_made_again(three: Site) -> None:
    with history(three, "a machine deleted by hand"):
        member = three.statuses()["m3-d"]["etcd"]["memberId"]
        _by_hand(three, "DELETE", "m3/d")
        come_to_an_end(three, THREE)
        settled(three, THREE)
    assert three.members() == VOTERS
    assert three.statuses()["m3-d"]["etcd"]["memberId"] == member


@pytest.mark.parametrize("way", ["on", "back"])
def test_a_roll_that_meets_a_full_zone_goes(three: Site, way: str) -> None:
    """It begins anew from what the module's masters run, and what it came to is what they run then."""
    image, other = three.stack.config.get("masters"), OTHER_IMAGE
    with history(three, f"a full zone in the middle of a roll, gone {way}"):
        three.cloud.fault(
            method="compute.instances.insert", resource=".*europe-west1-c.*", times=1, action=FULL
        )
        failed = three.stack.up(THREE, check=False, masters=other if image is None else {})
        assert failed.code != 0
        assert FULL["message"] in failed.output
        assert set(three.cloud.facts()["instances"]) == {vm("m1/b"), vm("m3/d")}
        if way == "on":
            three.stack.config["masters"] = other
        come_to_an_end(three, THREE)
        settled(three, THREE)
    assert three.members() == VOTERS


def test_a_data_disk_grows_and_its_filesystem_with_it(three: Site) -> None:
    """Mounted, where this computer lets machines do that; else when the machine is replaced on its disk."""
    before = {replica: _room(three, replica) for replica in THREE}
    three.stack.config["etcd"] = {"dataDiskSizeGb": GROWN_GB}
    with history(three, f"data disks grown to {GROWN_GB} GB"):
        come_to_an_end(three, THREE)
        for replica in THREE:
            if not _may_grow_mounted():
                three.up(THREE, "--replace", f"**::{identity(replica)}-turn")
            until(f"room on {replica}", lambda r=replica: _room(three, r) > 0.9 * GROWN_GB * GB, BOOT_SECONDS)
        settled(three, THREE)
    grown = "mounted" if _may_grow_mounted() else "before they were mounted: no CAP_SYS_RESOURCE here"
    three.tell(
        f"filesystems grew from {max(before.values()) / GB:.1f} to {_room(three, 'm1/b') / GB:.1f} GiB, {grown}"
    )
    assert three.members() == VOTERS


def test_a_full_database_is_told_and_a_larger_quota_ends_it(life: Site) -> None:
    three, room = life, {"dataDiskSizeGb": GROWN_GB}
    three.stack.config["etcd"] = {**room, "quotaBytes": SMALL_QUOTA}
    three.up(THREE)
    three.ready(THREE, BOOT_SECONDS)
    with history(three, "NOSPACE and back"):
        _fill(three)
        until("NOSPACE in a status", lambda: "NOSPACE" in json.dumps(three.statuses()), 120)
        reasons = [status["reason"] for status in three.statuses().values()]
        assert any("out of space (NOSPACE)" in reason for reason in reasons), reasons
        plan = three.stack.preview(THREE).output
        assert "has the alarm NOSPACE" in plan
        assert "Raise etcd.quotaBytes" in plan
        three.stack.config["etcd"] = {**room, "quotaBytes": LARGER_QUOTA}
        come_to_an_end(three, THREE)
        until("no alarm in any status", lambda: "NOSPACE" not in json.dumps(three.statuses()), 120)
        settled(three, THREE)
    assert three.members() == VOTERS


def _by_hand(life: Site, method: str, replica: str, action: str = "") -> None:
    """As somebody in the console does it; until its operation is done."""
    zone = f"zones/{REGION}-{replica[-1]}"
    path = f"{zone}/instances/{vm(replica)}{action}"
    operation = life.cloud.compute(method, path, headers={"authorization": "Bearer lab-somebody"})["name"]

    def done() -> bool:
        return bool(life.cloud.compute("GET", f"{zone}/operations/{operation}")["status"] == "DONE")

    until(f"{method} of {path} done", done, BOOT_SECONDS)


def _fill(life: Site) -> None:
    """Until etcd refuses to take more."""
    for batch in range(2 * SMALL_QUOTA // FILLING_BYTES // FILLINGS_AT_ONCE):
        items = [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": f"filling-{batch}-{number}", "namespace": "default"},
                "data": {"x": secrets.token_hex(FILLING_BYTES // 2)},
            }
            for number in range(FILLINGS_AT_ONCE)
        ]
        document = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        made = life.kubectl("create", "-f", "-", check=False, stdin=document)
        if made.count("created") == 0 and batch:
            return
    raise AssertionError("etcd took twice its quota")


def _room(life: Site, replica: str) -> int:
    """Bytes of the filesystem that etcd's data is on; none where it isn't mounted, or the machine is down."""
    if vm(replica) not in life.machines():
        return 0
    said = life.inside(vm(replica), "findmnt", "--bytes", "-no", "SIZE", MOUNTED_DISK, check=False)
    return int(said.split()[-1]) if said.strip() else 0


def _may_grow_mounted() -> bool:
    """Machines have the capabilities of the tests that start them."""
    status = Path("/proc/self/status").read_text()
    effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    return bool(int(effective, 16) >> CAP_SYS_RESOURCE & 1)
