"""What can't be saved comes back by one declaration: previewed, refused while a quorum lives, done once."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import requests

from node.contract.bootstrap_marker import BootstrapMarker
from tests.conftest import Living
from tests.stack.harness import Stack
from tests.stack.invariants import BUCKET
from tests.stack.losses import lose, put_snapshot, silent

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1, M2, M3 = "m1/b", "m2/c", "m3/d"


def test_a_sole_master_lost_with_its_zone_is_restored_into_another_once(living: Living) -> None:
    stack = living([M1])
    snapshot = put_snapshot(stack, "snapshots/2026-01-02T03:04:05Z-47-m1-b.db", 47)
    former = _marker(stack).cluster_id
    lose(stack, "m1-b")

    silent(stack, "m1-b")

    etcd = {"restoreFrom": snapshot}
    plan = stack.preview([M2], etcd=etcd)
    assert f"its etcd begins anew from {snapshot}, on m2-c" in plan.output
    assert "revision 47" in plan.output
    stack.up([M2], etcd=etcd)
    assert stack.cloud.voters() == ["m2-c"]
    marker = _marker(stack)
    assert marker.cluster_id != former
    assert [(each.id, each.cluster_id) for each in marker.restored] == [(snapshot, marker.cluster_id)]
    assert [each["from"] for each in stack.outputs()["restored"]] == [snapshot]

    assert "was done at" in stack.preview([M2], etcd=etcd).output
    stack.settled()
    stack.up([M2])
    assert _marker(stack) == marker, "taking the key out changes nothing"
    stack.up([M2], etcd=etcd)
    assert _marker(stack) == marker, "an older commit is not done again"


def test_two_of_three_disks_lost_are_made_good_from_the_survivor(living: Living) -> None:
    stack = living([M1, M2, M3])
    former = _marker(stack).cluster_id
    lose(stack, "m2-c")
    lose(stack, "m3-d")
    silent(stack, "m2-c")
    silent(stack, "m3-d")
    stack.up([M1, M2, M3], etcd={"survivor": "m1-b"})
    assert stack.cloud.voters() == ["m1-b", "m2-c", "m3-d"]
    assert _marker(stack).cluster_id != former
    stack.settled()


def test_a_restore_is_refused_while_a_quorum_lives_unless_it_is_named(living: Living) -> None:
    stack = living([M1, M2, M3])
    snapshot = put_snapshot(stack, "snapshots/2026-01-02T03:04:05Z-47-m1-b.db", 47)
    former, start = _marker(stack), stack.cloud.last()
    refused = stack.up([M1, M2, M3], check=False, etcd={"restoreFrom": snapshot})
    assert refused.code != 0
    assert f"a quorum of cluster {former.cluster_id} lives" in refused.output
    assert _marker(stack) == former
    called = {str(each.get("methodId", "")) for each in stack.cloud.entries(start)}
    changes = (".insert", ".delete", ".patch", ".update", ".stop", ".start", ".setMetadata")
    assert not [each for each in called if each.startswith("compute.") and each.endswith(changes)]

    missing = stack.preview([M1, M2, M3], check=False, etcd={"restoreFrom": "snapshots/other.db"})
    assert "there is no such object in the bucket. The newest one is snapshots/" in missing.output

    stack.up([M1, M2, M3], etcd={"restoreFrom": snapshot, "restoreOverQuorum": former.cluster_id})
    assert stack.cloud.voters() == ["m1-b", "m2-c", "m3-d"]
    assert _marker(stack).cluster_id != former.cluster_id
    stack.settled()


def _marker(stack: Stack) -> BootstrapMarker:
    url = f"{stack.cloud.url}/storage/v1/b/{BUCKET}/o/{quote('bootstrap.json', safe='')}"
    headers: dict[str, Any] = {"authorization": "Bearer lab-owner"}
    reply = requests.get(url, params={"alt": "media"}, headers=headers, timeout=10)
    reply.raise_for_status()
    return BootstrapMarker.parse(reply.content)
