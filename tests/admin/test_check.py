"""`python -m admin check`: from lines to what is printed and to an exit status."""

from __future__ import annotations

import pytest

from admin.check import masters, permissions, stack_config, status, table
from components.preflight import Line

WELL = Line("ok", "zones", "europe-west1-b is up.")
UNKNOWN = Line("unknown", "policies", "They could not be read.")
STOP = Line("stop", "quotas", "Too few.")
SETTINGS = {
    "gcp:project": "lab-project",
    "gcp:region": "europe-west1",
    "ha-masters:clusterName": "dev",
    "ha-masters:replicas": '[{"name": "m1", "zone": "europe-west1-b"}]',
}


@pytest.mark.parametrize(
    ("lines", "code", "last"),
    [
        pytest.param([WELL], 0, "Nothing stands in the way of `pulumi up`.", id="well"),
        pytest.param(
            [UNKNOWN, WELL],
            2,
            "Nothing is known to stand in the way of `pulumi up`; 1 of 2 checks could not be made.",
            id="unknown",
        ),
        pytest.param(
            [STOP, UNKNOWN, WELL], 1, "`pulumi up` would fail: 1 of 3 checks say so.", id="would fail"
        ),
    ],
)
def test_verdicts(lines: list[Line], code: int, last: str) -> None:
    assert status(lines) == code
    assert table(lines).splitlines()[-1] == last


def test_lines_stand_in_columns() -> None:
    assert table([STOP, UNKNOWN]).splitlines()[:2] == [
        "stop     quotas    Too few.",
        "unknown  policies  They could not be read.",
    ]


def test_masters_that_the_stack_has_are_known() -> None:
    config = stack_config(SETTINGS)
    made = {"type": "gcp:compute/instance:Instance", "inputs": {"name": "dev-m1-b"}}
    assert masters({"deployment": {"resources": [made]}}, config) == {"m1-b"}
    assert masters({"deployment": {}}, config) == set()


def test_the_role_names_what_is_asked_for() -> None:
    assert "compute.instances.create" in permissions()
