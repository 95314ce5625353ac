"""Rules on what an update takes away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import PolicyResource
from pulumi_policy.policy import _NotApplicableError

from policies import last_state
from policies.last_state import asked_for
from policies.resource_inputs import ADDRESS, DISK
from policies.transitions import (
    address_deleted,
    address_replaced,
    data_disk_deleted,
    data_disk_replaced,
    voters_leave_one_by_one,
)
from tests.policies.judging import (
    CONTROL_PLANE,
    ENDPOINT,
    MASTER,
    UNKNOWN,
    judged,
    judged_stack,
    resource,
    urn,
)

API = {"name": "dev-api", "region": "europe-west1", "addressType": "EXTERNAL"}
DATA = {"name": "dev-m1-b-data", "zone": "europe-west1-b", "type": "pd-ssd", "size": 20}
STACK = resource("ha-masters-dev", "pulumi:pulumi:Stack")
Config = dict[str, str]


def masters(text: str) -> dict[str, Any]:
    return {"replicas": [{"identity": word, "zone": f"europe-west1-{word[-1]}"} for word in text.split()]}


def state(masters_: str) -> dict[str, Any]:
    """An exported state of these masters."""
    resources = [
        {"urn": urn("control-plane", CONTROL_PLANE), "type": CONTROL_PLANE, "inputs": masters("m0-b")},
        *(
            {"urn": urn(each["identity"], CONTROL_PLANE, MASTER), "type": MASTER, "inputs": each}
            for each in masters(masters_)["replicas"]
        ),
        {"urn": urn("api-address", ENDPOINT, ADDRESS), "type": ADDRESS, "inputs": API},
        *(
            {
                "urn": urn(f"{master}-data", MASTER, DISK),
                "type": DISK,
                "inputs": {**DATA, "createSnapshotBeforeDestroy": True},
            }
            for master in masters_.split()
        ),
        {"urn": urn("m0-b-data", MASTER, DISK), "type": DISK, "inputs": DATA, "delete": True},
    ]
    return {"version": 3, "deployment": {"resources": resources}}


@pytest.fixture
def known(tmp_path: Path) -> Callable[[str], Config]:
    """Writes a last state of these masters, and returns the configuration that names it."""

    def write(masters_: str) -> Config:
        path = tmp_path / "state.json"
        path.write_text(json.dumps(state(masters_) if masters_ else {"version": 3}))
        return {"stateFile": str(path)}

    return write


Known = Callable[[str], Config]


@pytest.mark.parametrize(
    ("before", "after", "speaks"),
    [
        pytest.param("", "m1-b m2-c m3-d", False, id="first creation"),
        pytest.param("m1-b", "m1-b m2-c m3-d", False, id="growth"),
        pytest.param("m1-b m2-c m3-d", "m1-b m2-c m4-d", False, id="swap of one"),
        pytest.param("m1-b m2-c m3-d", "m1-b", True, id="two leave"),
        pytest.param("m1-b m2-c m3-d", "m1-c m2-d m3-b", True, id="all move"),
    ],
)
def test_voters_leave_one_by_one(known: Known, before: str, after: str, speaks: bool) -> None:
    assert (
        bool(judged(voters_leave_one_by_one, [CONTROL_PLANE], masters(after), config=known(before))) == speaks
    )


def test_leaving_voters_are_named(known: Known) -> None:
    [message] = judged(
        voters_leave_one_by_one, [CONTROL_PLANE], masters("m1-b"), config=known("m1-b m2-c m3-d")
    )
    assert message.startswith("m2-c and m3-d would leave in one update. ")


def test_leaving_voters_are_named_in_order(known: Known) -> None:
    [message] = judged(
        voters_leave_one_by_one, [CONTROL_PLANE], masters("m1-b"), config=known("m3-d m1-b m2-c")
    )
    assert message.startswith("m2-c and m3-d would leave in one update. ")


@pytest.mark.parametrize(
    ("inputs", "changed"),
    [
        pytest.param(API, None, id="the same"),
        pytest.param({**API, "labels": {"team": "a"}}, None, id="other labels"),
        pytest.param({**API, "region": UNKNOWN}, None, id="a region that is not known yet"),
        pytest.param({**API, "region": "europe-west4"}, "region", id="another region"),
        pytest.param(
            {**API, "name": "prod-api", "region": "us-east1"}, "name and region", id="another cluster"
        ),
    ],
)
def test_the_address_is_not_replaced(known: Known, inputs: dict[str, Any], changed: str | None) -> None:
    config = known("m1-b")
    said = judged(address_replaced, [ENDPOINT, ADDRESS], inputs, name="api-address", config=config)
    assert [message.split(".")[0] for message in said] == (
        [f"The API's address would be replaced, for its {changed}"] if changed else []
    )


@pytest.mark.parametrize(
    ("inputs", "changed"),
    [
        pytest.param(DATA, None, id="the same"),
        pytest.param({**DATA, "size": 40.0}, None, id="larger"),
        pytest.param({**DATA, "size": 10.0}, "size", id="smaller"),
        pytest.param({**DATA, "type": "pd-balanced"}, "type", id="another type"),
    ],
)
def test_a_data_disk_is_not_replaced(known: Known, inputs: dict[str, Any], changed: str | None) -> None:
    said = judged(data_disk_replaced, [MASTER, DISK], inputs, name="m1-b-data", config=known("m1-b"))
    assert [message.split(",")[0] for message in said] == (
        ["m1-b-data would be replaced by an empty disk"] if changed else []
    )


def test_a_new_disk_replaces_nothing(known: Known) -> None:
    assert judged(data_disk_replaced, [MASTER, DISK], DATA, name="m2-c-data", config=known("m1-b")) == []


def disks(masters_: str) -> list[PolicyResource]:
    return [resource(f"{master}-data", MASTER, DISK) for master in masters_.split()]


def test_a_disk_that_goes_with_its_replica_is_told(known: Known) -> None:
    said = judged_stack(data_disk_deleted, [STACK, *disks("m1-b")], known("m1-b m2-c"))
    assert [message.split(":")[0] for message in said] == ["m2-c-data would be deleted, after a snapshot"]


def test_the_address_is_not_deleted(known: Known) -> None:
    [message] = judged_stack(address_deleted, [STACK, *disks("m1-b")], known("m1-b"))
    assert message.startswith("The API's address, api-address, would be deleted. ")


def test_what_was_only_read_is_not_asked_for(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_state, "_asked", set())
    assert judged(asked_for, ["pulumi:pulumi:Stack"], {}, name="ha-masters-dev") == []
    assert judged(asked_for, [MASTER, DISK], DATA, name="m1-b-data") == []
    said = judged_stack(data_disk_deleted, [STACK, *disks("m1-b m2-c")], known("m1-b m2-c"))
    assert [message.split(" would")[0] for message in said] == ["m2-c-data"]


def test_a_stack_that_goes_as_a_whole_was_meant_to(known: Known) -> None:
    assert judged_stack(address_deleted, [], known("m1-b")) == []


def test_without_a_last_state_the_rule_does_not_apply() -> None:
    with pytest.raises(_NotApplicableError) as raised:
        judged(
            voters_leave_one_by_one,
            [CONTROL_PLANE],
            masters("m1-b"),
            config={"stateFile": "/nowhere/state.json"},
        )
    assert str(raised.value.reason).startswith("the stack's last state can't be read: ")
