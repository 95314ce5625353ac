"""What is known of machine families, and the disks that follow from them."""

from __future__ import annotations

from typing import Any

import pytest

from components.config import families
from tests.components.config.test_parse import parsed


@pytest.mark.parametrize(
    ("machine_type", "boot", "data"),
    [
        pytest.param("e2-standard-2", "pd-balanced", "pd-ssd", id="second generation"),
        pytest.param("custom-2-4096", "pd-balanced", "pd-ssd", id="custom of N1"),
        pytest.param("c3-standard-4", "pd-balanced", "pd-ssd", id="takes both"),
        pytest.param("c3-standard-192-metal", "hyperdisk-balanced", "hyperdisk-balanced", id="bare metal"),
        pytest.param("c4-standard-2", "hyperdisk-balanced", "hyperdisk-balanced", id="fourth generation"),
        pytest.param("n4d-custom-2-4096", "hyperdisk-balanced", "hyperdisk-balanced", id="custom of N4D"),
        pytest.param("m3-ultramem-32", "pd-balanced", "pd-ssd", id="unknown, third generation"),
        pytest.param("x4-megamem-960", "hyperdisk-balanced", "hyperdisk-balanced", id="unknown, fourth"),
        pytest.param("n11q-standard-2", "hyperdisk-balanced", "hyperdisk-balanced", id="of years to come"),
    ],
)
def test_disks_follow_the_machine(machine_type: str, boot: str, data: str) -> None:
    assert (families.boot_disk(machine_type), families.data_disk(machine_type)) == (boot, data)
    [replica] = parsed(masters={"machineType": machine_type}).replicas
    assert (replica.boot_disk_type, replica.data_disk_type) == (boot, data)


@pytest.mark.parametrize(
    ("masters", "own", "boot"),
    [
        pytest.param({}, {}, "pd-balanced", id="by the masters' machine"),
        pytest.param({}, {"machineType": "n4-standard-2"}, "hyperdisk-balanced", id="by its own machine"),
        pytest.param({"bootDiskType": "pd-ssd"}, {}, "pd-ssd", id="the masters'"),
        pytest.param(
            {"bootDiskType": "pd-ssd"}, {"bootDiskType": "pd-balanced"}, "pd-balanced", id="its own"
        ),
    ],
)
def test_a_boot_disks_type_is_the_replicas_own_or_the_masters_or_the_machines(
    masters: dict[str, Any], own: dict[str, Any], boot: str
) -> None:
    m1 = {"name": "m1", "zone": "europe-west1-b", **own}
    assert parsed(masters=masters, replicas=[m1]).replicas[0].boot_disk_type == boot
