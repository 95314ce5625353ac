"""Rules on what must not be lost by a slip."""

from __future__ import annotations

from typing import Any

import pytest

from policies.protection import address_protected, data_disk_protected, snapshot_schedule
from policies.resource_inputs import ADDRESS, DISK, DISK_SCHEDULE
from tests.policies.judging import ENDPOINT, MASTER, UNKNOWN, judged, judged_stack, resource


def test_the_apis_address_is_protected() -> None:
    assert judged(address_protected, [ENDPOINT, ADDRESS], {"name": "dev-api"}, protect=True) == []


def test_an_unprotected_address_is_told_the_setting() -> None:
    assert judged(address_protected, [ENDPOINT, ADDRESS], {"name": "dev-api"}) == [
        "The API's address is not protected. Every kubeconfig, certificate and kubelet names it; once released, it can't be "
        "had again. Set api.protectAddress to true, or leave it out."
    ]


def test_a_masters_own_address_needs_no_protection() -> None:
    assert judged(address_protected, [MASTER, ADDRESS], {"name": "dev-m1-b"}) == []


@pytest.mark.parametrize(
    ("inputs", "protect", "speaks"),
    [
        pytest.param({"createSnapshotBeforeDestroy": True}, False, False, id="snapshot"),
        pytest.param({"createSnapshotBeforeDestroy": False}, True, False, id="protected"),
        pytest.param({"createSnapshotBeforeDestroy": False}, False, True, id="neither"),
        pytest.param({"name": "dev-m1-b-data", "labels": UNKNOWN}, False, True, id="nothing said"),
    ],
)
def test_data_disks(inputs: dict[str, Any], protect: bool, speaks: bool) -> None:
    assert bool(judged(data_disk_protected, [MASTER, DISK], inputs, protect=protect)) == speaks


def test_a_disk_of_others_is_theirs() -> None:
    assert judged(data_disk_protected, [DISK], {}) == []


def test_a_disk_without_schedule_is_told() -> None:
    first, second = resource("m1-b-data", MASTER, DISK), resource("m2-c-data", MASTER, DISK)
    schedule = resource("m1-b-data-snapshots", MASTER, DISK_SCHEDULE, inputs={"disk": UNKNOWN}, disk=first)
    assert [
        message.split(".")[0] for message in judged_stack(snapshot_schedule, [first, second, schedule])
    ] == ["m2-c-data has no snapshot schedule"]
