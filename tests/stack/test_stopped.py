"""A master that somebody stopped: the next `pulumi up` starts it where it stands, with its disks and its member."""

from __future__ import annotations

import pytest

from tests.conftest import Living

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1, M2, M3 = "m1/b", "m2/c", "m3/d"
PATH = "zones/europe-west1-c/instances/dev-m2-c"


@pytest.mark.parametrize("how", ["stop", pytest.param("suspend", marks=pytest.mark.matrix)])
def test_a_master_that_is_down_is_started_in_place(living: Living, how: str) -> None:
    stack = living([M1, M2, M3])
    before = stack.cloud.compute("GET", PATH)["id"]
    stack.cloud.compute("POST", f"{PATH}/{how}")
    assert "m2-c-vm update" in stack.preview([M1, M2, M3]).output
    stack.up([M1, M2, M3])
    after = stack.cloud.compute("GET", PATH)
    assert (after["status"], after["id"]) == ("RUNNING", before)
    stack.settled()
    assert stack.cloud.voters() == ["m1-b", "m2-c", "m3-d"]


@pytest.mark.matrix
def test_a_master_that_is_down_is_changed_and_started(living: Living) -> None:
    """What takes a stop of its own finds it stopped already."""
    stack = living([M1, M2, M3])
    stack.cloud.compute("POST", f"{PATH}/stop")
    bigger = {"m2": {"machineType": "e2-standard-4"}}
    listed = [
        {"name": name, "zone": f"europe-west1-{letter}", **bigger.get(name, {})}
        for name, letter in (replica.split("/") for replica in (M1, M2, M3))
    ]
    stack.config["replicas"] = listed
    stack.up([])
    after = stack.cloud.compute("GET", PATH)
    assert (after["status"], after["machineType"].rpartition("/")[2]) == ("RUNNING", "e2-standard-4")
    stack.settled()
