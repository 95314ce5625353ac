"""What a stack takes of quotas."""

from __future__ import annotations

from typing import Any

import pytest

from components.config import StackConfig
from components.preflight.facts import MachineType, Made
from components.preflight.quotas import needs
from tests.components.preflight.projects import stack

KNOWN = ("CPUS", "N2_CPUS", "SSD_TOTAL_GB")


POOL = {"name": "web", "zones": ["europe-west1-b", "europe-west1-c"], "size": 3}


def needed(config: StackConfig, standing: Any = ()) -> dict[str, int]:
    types: Any = {(each.zone, each.machine_type): MachineType(2) for each in config.replicas}
    types |= {(zone, pool.machine_type): MachineType(4) for pool in config.pools for zone in pool.zones}
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
        pytest.param(
            stack(1, api={"internal": "beside"}), (),
            {"FORWARDING_RULES": 2, "INTERNAL_ADDRESSES": 2, "STATIC_ADDRESSES": 2, "FIREWALLS": 6, "HEALTH_CHECKS": 1,
             "TARGET_INSTANCES": 1},
            id="an internal address beside",
        ),
        pytest.param(
            stack(3, api={"internal": "only"}), (),
            {"FORWARDING_RULES": 1, "INTERNAL_ADDRESSES": 4, "STATIC_ADDRESSES": 1, "FIREWALLS": 6, "HEALTH_CHECKS": 1},
            id="an internal address alone",
        ),
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
        pytest.param(
            stack(1, pools=[POOL]), (), {"CPUS": 2 + 2 * 3 * 4, "INSTANCES": 1 + 2 * 3, "SSD_TOTAL_GB": 40 + 2 * 3 * 50},
            id="a pool in two zones",
        ),
    ],
)  # fmt: skip
def test_needs(config: StackConfig, standing: Any, some: dict[str, int]) -> None:
    found = needed(config, standing)
    assert {metric: found.get(metric) for metric in some} == some


def test_of_a_pool_that_grows_only_the_new_are_needed() -> None:
    made = Made(frozenset({"m1-b"}), True, {("web", "europe-west1-b"): 2, ("web", "europe-west1-c"): 3})
    types = {("europe-west1-b", "e2-standard-4"): MachineType(4)}
    found = needs(stack(1, pools=[POOL]), made, types, KNOWN)
    assert {metric: found[metric] for metric in ("CPUS", "INSTANCES")} == {"CPUS": 4, "INSTANCES": 1}


@pytest.mark.parametrize(
    ("inside", "rules"), [pytest.param(False, 1, id="it comes"), pytest.param(True, 0, id="it stands")]
)
def test_an_internal_address_is_counted_until_it_stands(inside: bool, rules: int) -> None:
    made = Made(frozenset({"m1-b"}), bucket=True, inside=inside)
    found = needs(stack(1, api={"internal": "beside"}), made, {}, KNOWN)
    assert (found["FORWARDING_RULES"], found["INTERNAL_ADDRESSES"]) == (rules, rules)


def test_of_what_stands_nothing_is_needed() -> None:
    assert not any(needed(stack(3), ("m1-b", "m2-c", "m3-d")).values())
