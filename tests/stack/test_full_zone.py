"""A roll that meets a zone without machines is gone on with, and gone back from, by `pulumi up` (case 04)."""

from __future__ import annotations

import pytest

from tests.conftest import Living
from tests.stack.harness import Stack
from tests.stack.invariants import broken_promises

pytestmark = [pytest.mark.toolchain, pytest.mark.slow, pytest.mark.matrix]

THREE = ["m1/b", "m2/c", "m3/d"]
OTHER_IMAGE = {"image": "projects/debian-cloud/global/images/debian-12-bookworm-v20251111"}
FULL = {
    "type": "op_error",
    "code": "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS",
    "message": "The zone does not have enough resources available to fulfill the request.",
}


@pytest.fixture
def cut_off(living: Living) -> Stack:
    """Of three, the first has another image, the second is deleted and not made again, the third is as it was."""
    stack = living(THREE)
    stack.cloud.fault(method="compute.instances.insert", resource=".*europe-west1-c.*", times=1, action=FULL)
    failed = stack.up(THREE, check=False, masters=OTHER_IMAGE)
    assert failed.code != 0
    assert sorted(stack.cloud.facts()["instances"]) == ["dev-m1-b", "dev-m3-d"]
    return stack


@pytest.mark.parametrize("masters", [pytest.param(OTHER_IMAGE, id="on"), pytest.param({}, id="back")])
def test_a_roll_that_met_a_full_zone_goes(cut_off: Stack, masters: dict[str, str]) -> None:
    cut_off.up(THREE, masters=masters)
    cut_off.settled()
    assert sorted(cut_off.cloud.facts()["instances"]) == ["dev-m1-b", "dev-m2-c", "dev-m3-d"]
    assert broken_promises(cut_off.cloud.entries()) == []
