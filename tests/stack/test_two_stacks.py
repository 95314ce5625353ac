"""Two stacks of one project whose names meet can't take each other's machines.

`dev` with the replica `eu-m1` and `dev-eu` with `m1` both make `dev-eu-m1-b`: machine, disks, address, secret.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from lab.toolchain import Toolchain
from tests.crash.operator import adopt
from tests.stack.harness import PROJECT, Cloud, Stack

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

MEETING = {
    "instances/dev-eu-m1-b": f"compute/v1/projects/{PROJECT}/zones/europe-west1-b/instances/dev-eu-m1-b",
    "disks/dev-eu-m1-b-data": f"compute/v1/projects/{PROJECT}/zones/europe-west1-b/disks/dev-eu-m1-b-data",
    "addresses/dev-eu-m1-b": f"compute/v1/projects/{PROJECT}/regions/europe-west1/addresses/dev-eu-m1-b",
    "secrets/dev-eu-m1-b-pki": f"v1/projects/{PROJECT}/secrets/dev-eu-m1-b-pki",
}


def test_the_older_stack_does_not_adopt_what_a_younger_one_made(
    tmp_path: Path, own_cloud: Cloud, toolchain: Toolchain
) -> None:
    older = Stack(tmp_path / "older", own_cloud, toolchain, name="older").create()
    younger = Stack(tmp_path / "younger", own_cloud, toolchain, name="younger").create()
    older.up(["m2/c"], clusterName="dev-eu")
    younger.up(["eu-m1/b"], clusterName="dev")
    before = _met(own_cloud)
    assert len(before) == len(MEETING)

    refused = older.up(["m2/c", "m1/b"], clusterName="dev-eu", check=False)
    assert refused.code != 0
    assert "already exists" in refused.output
    left_alone = adopt(older)
    assert left_alone.code == 1, left_alone.output
    assert "another cluster's" in left_alone.output
    assert _met(own_cloud) == before

    older.up(["m2/c"], clusterName="dev-eu")
    assert _met(own_cloud) == before
    younger.up(["eu-m1/b"], "--expect-no-changes", clusterName="dev")


def _met(cloud: Cloud) -> dict[str, Any]:
    """What bears the names that meet, without what the machine's own life changes."""
    found = {}
    for name, path in MEETING.items():
        reply = requests.get(f"{cloud.url}/{path}", headers={"Authorization": "Bearer lab-owner"}, timeout=30)
        if reply.ok:
            doc = reply.json()
            found[name] = (doc.get("id", doc.get("createTime")), doc.get("status"), doc.get("labels"))
    return found
