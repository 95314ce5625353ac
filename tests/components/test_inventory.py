"""What a stack registers, scenario by scenario: `inventory/*.yaml`. `python -m tests.components.test_inventory` renews them.

Types, logical names and parents make the URNs by which a living stack knows its resources: another one here is another
resource there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.components.recording import Run, run_program
from tests.components.stacks import EXISTING, stack

FOLDER = Path(__file__).with_name("inventory")
SCENARIOS = {
    "one": stack(1),
    "three": stack(3),
    "existing-network": stack(1, network=EXISTING),
    "pools": stack(1, pools=[{"name": "web", "zones": ["europe-west1-b", "europe-west1-c"], "size": 2}]),
    "services": stack(
        1,
        cloudController="services",
        pools=[{"name": "web", "zones": ["europe-west1-b"], "size": 2}],
    ),
    "addons": stack(
        1,
        addons=[
            {"name": "web", "manifests": "tests/components/addons/files/*.yaml"},
            {"name": "more", "program": "tests/components/addons/files/program.py"},
        ],
    ),
    "internal-beside": stack(1, api={"internal": "beside"}),
    "internal-only": stack(
        3, api={"internal": "only", "dnsName": "k8s.example.com", "managedZone": "example"}
    ),
    "dns": stack(1, api={"dnsName": "k8s.example.com", "managedZone": "example"}),
}


def inventory(run: Run) -> dict[str, Any]:
    """How many of each type there are, and each parent's children as logical name: type."""
    counts: dict[str, int] = {}
    children: dict[str, dict[str, str]] = {}
    made = {each.name: each for each in run.resources.values() if each.type != "pulumi:pulumi:Stack"}
    for each in made.values():
        counts[each.type] = counts.get(each.type, 0) + 1
        children.setdefault(each.parent if each.parent in made else "(the stack)", {})[each.name] = each.type
    return {"counts": counts, "children": children}


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_registers_what_the_inventory_has(scenario: str) -> None:
    expected = yaml.safe_load((FOLDER / f"{scenario}.yaml").read_text())
    assert inventory(run_program(SCENARIOS[scenario])) == expected


if __name__ == "__main__":
    for scenario, config in SCENARIOS.items():
        text = yaml.safe_dump(inventory(run_program(config)), sort_keys=True, width=120)
        (FOLDER / f"{scenario}.yaml").write_text(text)
