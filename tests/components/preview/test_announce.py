"""What a preview warns of."""

from __future__ import annotations

from typing import Any

import pytest

from components.config import parse
from components.edits import Findings
from components.preview.announce import announce, warnings
from components.standing.facts import Standing


def warned(**more: Any) -> list[str]:
    raw = {"clusterName": "dev", "replicas": [{"name": "m1", "zone": "europe-west1-b"}], **more}
    return warnings(Standing(), parse(raw, region="europe-west1", project="lab-project"))


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param({}, id="not set"),
        pytest.param({"leaseDurationSeconds": 3600, "renewIntervalSeconds": 10}, id="set to the defaults"),
    ],
)
def test_the_api_servers_own_lease_is_nothing_to_warn_of(identity: dict[str, int]) -> None:
    assert warned(identity=identity) == []


def test_another_lease_has_no_effect() -> None:
    [warning] = warned(identity={"renewIntervalSeconds": 20})
    assert warning.startswith(
        "ha-masters:identity has no effect: no kube-apiserver of 1.34 to 1.37 has a flag"
    )


@pytest.mark.parametrize(
    ("machine_type", "warnings"),
    [
        pytest.param("n4-standard-2", [], id="known"),
        pytest.param(
            "n5-standard-2",
            [
                "n5-standard-2 is of a family that this release doesn't know: whether it takes hyperdisk-balanced isn't "
                "checked."
            ],
            id="of years to come",
        ),
    ],
)
def test_a_machine_of_an_unknown_family_is_not_checked(machine_type: str, warnings: list[str]) -> None:
    assert warned(masters={"machineType": machine_type}) == warnings


@pytest.mark.parametrize(("dry_run", "count"), [(True, 1), (False, 0)], ids=["preview", "update"])
def test_previews_warn_and_updates_do_not(monkeypatch: pytest.MonkeyPatch, dry_run: bool, count: int) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: dry_run)
    monkeypatch.setattr("pulumi.log.info", lambda text: None)
    monkeypatch.setattr("pulumi.log.warn", said.append)
    raw = {"clusterName": "dev", "replicas": [{"name": "m1", "zone": "europe-west1-b"}]}
    config = parse(
        {**raw, "identity": {"renewIntervalSeconds": 20}}, region="europe-west1", project="lab-project"
    )
    announce(Standing(), config, Findings())
    assert len(said) == count
