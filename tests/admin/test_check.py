"""`python -m admin check`: from lines to what is printed and to an exit status."""

from __future__ import annotations

import pytest

from admin.check import last_state, permissions, stack_config, status, table
from components.preflight import Line
from components.standing.facts import Standing

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
    made = {
        "urn": "urn:pulumi:dev::ha-masters::gcp:compute/instance:Instance::m1-b-vm",
        "type": "gcp:compute/instance:Instance",
        "outputs": {"metadata": {"replica": "m1-b"}, "zone": "europe-west1-b"},
    }
    assert last_state({"deployment": {"resources": [made]}}).identities == {"m1-b"}
    assert not last_state({"deployment": {}}).lives


def test_the_config_is_that_of_the_stack() -> None:
    assert stack_config(SETTINGS, Standing()).replicas[0].identity == "m1-b"


def test_the_role_names_what_is_asked_for() -> None:
    assert "compute.instances.create" in permissions()
