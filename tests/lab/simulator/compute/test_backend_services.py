"""Backend services."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from lab.simulator.client import Client
from lab.simulator.clock import ManualClock
from lab.simulator.server import Simulator
from lab.simulator.services.compute.backend_services import FIRST_PROBES_SECONDS
from tests.lab.simulator.compute.bodies import B, R, refused


def test_one_load_balanced_group_a_vm(balanced: Client) -> None:
    balanced.made(f"{B}/instanceGroups", {"name": "ig2"})
    body = {"instances": [{"instance": f"{B}/instances/m1"}]}
    assert balanced.post(f"{B}/instanceGroups/ig2/addInstances", body).status == 200
    backends = [{"group": f"{B}/instanceGroups/ig2", "balancingMode": "CONNECTION"}]
    service = {"name": "b2", "healthChecks": [f"{R}/healthChecks/hc"], "backends": backends}
    text = "instance may belong to at most one load-balanced instance group."
    refused(balanced.post(f"{R}/backendServices", service), 400, "instanceInMultipleLoadBalancedIgs", text)


def test_put_needs_the_fingerprint(balanced: Client) -> None:
    service = balanced.get(f"{R}/backendServices/bs").body
    path = f"{R}/backendServices/bs"
    refused(
        balanced.put(path, {k: v for k, v in service.items() if k != "fingerprint"}),
        400,
        "required",
        "fingerprint",
    )
    refused(
        balanced.put(path, service | {"fingerprint": "AAAA"}),
        412,
        "conditionNotMet",
        "Invalid fingerprint.",
    )
    assert balanced.put(path, service).status == 200


def test_utilization_is_not_for_passthrough(balanced: Client) -> None:
    service = balanced.get(f"{R}/backendServices/bs").body
    service["backends"][0]["balancingMode"] = "UTILIZATION"
    refused(
        balanced.put(f"{R}/backendServices/bs", service),
        400,
        "invalid",
        "Balancing mode must be CONNECTION",
    )


def test_health_is_unknown_until_the_first_probes_are_back(
    simulator: Simulator, balanced: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = balanced.get(f"{R}/forwardingRules/api")["creationTimestamp"]
    clock = ManualClock(datetime.fromisoformat(made).timestamp())
    monkeypatch.setattr(simulator.lab, "clock", clock)
    ask = (f"{R}/backendServices/bs/getHealth", {"group": f"{B}/instanceGroups/ig"})
    assert balanced.post(*ask).body == {"kind": "compute#backendServiceGroupHealth"}
    clock.advance(FIRST_PROBES_SECONDS)
    assert len(balanced.post(*ask)["healthStatus"]) == 1


def test_health_is_what_the_guest_reports(
    simulator: Simulator, balanced: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulator.lab, "clock", ManualClock(time.time() + 60))
    ask = (f"{R}/backendServices/bs/getHealth", {"group": f"{B}/instanceGroups/ig"})
    assert balanced.post(*ask)["healthStatus"][0]["healthState"] == "UNHEALTHY"
    simulator.lab.health_source = lambda instance, _behind: (
        "HEALTHY" if instance["name"] == "m1" else "UNHEALTHY"
    )
    row = balanced.post(*ask)["healthStatus"][0]
    assert (row["healthState"], row["forwardingRuleIp"], row["ipAddress"]) == (
        "HEALTHY",
        "203.0.113.2",
        "10.0.0.2",
    )
