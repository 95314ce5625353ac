"""A cluster that a former release made takes the work tree by one `pulumi up`: in place, one master at a time."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lab.toolchain import Toolchain
from tests.crash.calls import mutating
from tests.stack.harness import ROOT, Cloud, Stack, cloud
from tests.stack.invariants import broken_promises
from tests.stack.releases import is_here, program, releases
from tests.waiting import until

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

THREE, MEMBERS = ["m1/b", "m2/c", "m3/d"], ["m1-b", "m2-c", "m3-d"]
IN_PLACE = {
    "compute.addresses.insert",
    "compute.addresses.setLabels",
    "compute.firewalls.insert",
    "compute.firewalls.patch",
    "compute.routers.patch",
    "compute.disks.setLabels",
    "compute.instances.setLabels",
    "compute.instances.setMetadata",
    "compute.instances.start",  # Of one that runs: `desired_status` is said for the first time.
    "secretmanager.projects.secrets.patch",
    "storage.buckets.patch",
    "storage.objects.delete",
    "storage.objects.insert",
}
"""What an upgrade does to Google: the new agent's object, metadata that name it, labels and claims."""


@pytest.mark.parametrize("commit", list(releases().values()), ids=list(releases()))
def test_a_living_cluster_takes_the_next_release(tmp_path: Path, toolchain: Toolchain, commit: str) -> None:
    if not is_here(commit):
        pytest.skip(f"this clone's history doesn't reach back to {commit}")
    former = program(commit, tmp_path / "former")
    with cloud(tmp_path / "cloud", program=former) as theirs:
        stack = Stack(tmp_path / "stack", theirs, toolchain).create(former)
        stack.up(THREE)
    with cloud(tmp_path / "cloud") as ours:
        stack.cloud = ours
        stack.use(ROOT)
        until("the lab's machines are up again", lambda: ours.etcd()["healthy"] == MEMBERS)
        before, began = _machines(ours), ours.last()
        plan = stack.preview(THREE).output
        assert "+-1 to replace" in plan
        assert "to delete" not in plan
        stack.up(THREE)
        changes = Counter(call.method for call in mutating(ours.entries(began)))
        assert _machines(ours) == before
        assert set(changes) <= IN_PLACE
        assert changes["compute.instances.setMetadata"] == len(THREE)
        assert not any("artifacts" in told for told in _told(ours)), "their image holds all, as it did before"
        assert broken_promises(ours.entries(began)) == []
        stack.settled()


def _machines(running: Cloud) -> dict[str, Any]:
    """Which VMs there are, and with which disks."""
    found = (
        running.compute("GET", f"zones/europe-west1-{member[-1]}/instances/dev-{member}")
        for member in MEMBERS
    )
    return {each["name"]: (each["id"], [disk["source"] for disk in each["disks"]]) for each in found}


def _told(running: Cloud) -> list[dict[str, Any]]:
    """What each VM's agent acts on."""
    instances = (
        running.compute("GET", f"zones/europe-west1-{member[-1]}/instances/dev-{member}")
        for member in MEMBERS
    )
    metadata = [{each["key"]: each["value"] for each in vm["metadata"]["items"]} for vm in instances]
    return [json.loads(attributes["machine-config"]) for attributes in metadata]
