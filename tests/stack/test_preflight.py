"""What an organization or a project forbids is told in a preview, and nothing that stands is given up for it."""

from __future__ import annotations

import pytest
import requests

from tests.conftest import Living
from tests.stack.harness import Stack

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

ONE, THREE = ["m1/b"], ["m1/b", "m2/c", "m3/d"]
FORWARDING = "compute.managed.restrictProtocolForwardingCreationForTypes"


def tell(stack: Stack, what: str, body: dict[str, object]) -> None:
    requests.post(f"{stack.cloud.url}/lab/v1/{what}", json=body, timeout=10).raise_for_status()


def test_a_shrink_whose_new_rule_is_forbidden_keeps_the_load_balancer(living: Living) -> None:
    stack = living(THREE)
    tell(stack, "org-policies", {FORWARDING: {"enforce": True}})
    before = stack.cloud.last()
    refused = stack.up(ONE, check=False)
    assert refused.code != 0
    assert f"the organization policy {FORWARDING} forbids" in refused.output.replace("\n", " ")
    assert "Set api.loadBalancer to always" in refused.output
    assert not [each for each in stack.cloud.entries(before) if each.get("method") == "DELETE"]
    stack.up(ONE, api={"loadBalancer": "always"})
    assert stack.cloud.voters() == ["m1-b"]
    assert "backendService" in stack.cloud.rule()


def test_the_first_preview_says_what_would_stop_the_update(stack: Stack) -> None:
    tell(stack, "services", {"secretmanager.googleapis.com": False})
    tell(stack, "quotas", {"CPUS": 4})
    told = stack.preview(THREE).output
    assert "This project would stop the update:" in told
    assert "secretmanager.googleapis.com is not enabled in the project lab-project" in told
    assert "6 of the quota CPUS" in told
