"""Disks as Google makes and destroys them, on the engine."""

from __future__ import annotations

import pytest

from tests.stack.harness import Stack

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

LONG = "m" * 40
"""With it, a data disk's name has 50 characters."""


def test_masters_of_the_fourth_generation_with_a_long_name_come_and_go(stack: Stack) -> None:
    """They take no Persistent Disk, and the provider refuses to destroy a disk by a long name."""
    masters = {"machineType": "n4-standard-2"}
    stack.up(["m1/b", f"{LONG}/c"], masters=masters)
    kinds = {
        disk["type"].rpartition("/")[2]
        for zone in "bc"
        for disk in stack.cloud.compute("GET", f"zones/europe-west1-{zone}/disks")["items"]
    }
    assert kinds == {"hyperdisk-balanced"}
    stack.settled()
    stack.up(["m1/b"], masters=masters)
    snapshots = stack.cloud.compute("GET", "global/snapshots")["items"]
    assert [each["sourceDisk"].rpartition("/")[2] for each in snapshots] == [f"dev-{LONG}-c-data"]
    stack.settled()
