"""What a stack takes of quotas."""

from __future__ import annotations

from typing import Any

import pytest

from components.config import StackConfig
from components.preflight.facts import MachineType, Made
from components.preflight.quotas import needs
from tests.components.preflight.projects import stack

KNOWN = ("CPUS", "N2_CPUS", "SSD_TOTAL_GB")


def needed(config: StackConfig, standing: Any = ()) -> dict[str, int]:
    types: Any = {(each.zone, each.machine_type): MachineType(2) for each in config.replicas}
    return dict(needs(config, Made(frozenset(standing), bucket=bool(standing)), types, KNOWN))


@pytest.mark.parametrize(
    ("config", "standing", "some"),
    [
        pytest.param(
            stack(3), (),
            {"CPUS": 6, "CPUS_ALL_REGIONS": 6, "SSD_TOTAL_GB": 120, "INSTANCES": 3, "STATIC_ADDRESSES": 2, "FIREWALLS": 6},
            id="three",
        ),
        pytest.param(stack(1), (), {"TARGET_INSTANCES": 1, "FIREWALLS": 5, "CPUS": 2}, id="one"),
        pytest.param(stack(3), ("m1-b",), {"CPUS": 4, "SSD_TOTAL_GB": 80, "INSTANCES": 2}, id="two more"),
        pytest.param(
            stack(3, masters={"machineType": "n2-standard-2"}), (), {"N2_CPUS": 6, "CPUS_ALL_REGIONS": 6}, id="n2"
        ),
        pytest.param(
            stack(3, masters={"machineType": "t2d-standard-2"}), (), {"CPUS": 6}, id="a family without a metric of its own"
        ),
        pytest.param(
            stack(3, masters={"publicAddresses": True}), (), {"IN_USE_ADDRESSES": 3, "STATIC_ADDRESSES": 1}, id="public"
        ),
    ],
)  # fmt: skip
def test_needs(config: StackConfig, standing: Any, some: dict[str, int]) -> None:
    found = needed(config, standing)
    assert {metric: found.get(metric) for metric in some} == some


def test_of_what_stands_nothing_is_needed() -> None:
    assert not any(needed(stack(3), ("m1-b", "m2-c", "m3-d")).values())
