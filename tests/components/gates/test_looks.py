"""Whom a gate asks."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from components.gates import checks, looks
from components.gates.cluster_reader import ClusterReader
from components.google.machine import Machine, Place
from components.google.provider_config import ProviderConfig
from tests.components.gates.test_verdicts import INSTANCES, OFF, RUNNING, THREE, cluster

PROPS = {
    "bucket": "bucket",
    "members": list(THREE),
    "instances": INSTANCES,
    "project": "p",
    "places": {name: {"zone": f"europe-west1-{name[-1]}", "instance": f"dev-{name}"} for name in THREE},
}


def reader(stopped: str) -> ClusterReader:
    """Of a cluster whose reports, half a minute old at most, are all well."""

    def machines_at(places: Mapping[str, Place]) -> dict[str, Machine]:
        return {name: OFF if place.instance == stopped else RUNNING for name, place in places.items()}

    compute = SimpleNamespace(machines_at=machines_at)
    return cast(ClusterReader, SimpleNamespace(cluster=lambda _: cluster(*THREE), compute=compute))


@pytest.mark.parametrize("look", [looks.joined, looks.left])
@pytest.mark.parametrize(("stopped", "opens"), [("", True), ("dev-m3-d", False)])
def test_a_machine_s_end_counts_before_its_master_s_last_report(look: Any, stopped: str, opens: bool) -> None:
    assert look(reader(stopped), PROPS).open is opens


@pytest.mark.parametrize("kind", ["joined", "left"])
def test_a_gate_of_release_0_1_is_not_asked_before_it_has_its_new_inputs(kind: str) -> None:
    """A refresh shows it as it was made: it doesn't say where its members' machines are."""
    former = {"bucket": "bucket", "members": list(THREE), "instances": INSTANCES}
    nowhere = ProviderConfig.read({"accessToken": "token"}.get)
    assert checks.holds(kind, former, nowhere)
