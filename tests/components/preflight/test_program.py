"""When the program looks at the project, and what it does with what it saw."""

from __future__ import annotations

from collections import Counter

import pulumi
import pytest

from components import preflight
from components.config import StackConfig
from components.preflight import program
from components.standing.facts import KnownMaster, Standing
from lab.simulator.client import Client
from tests.components.preflight.projects import stack, through

ONE = (KnownMaster("m1-b", "europe-west1-b"),)
BALANCED = Standing(masters=ONE, balanced=True)
FORWARDING = "compute.managed.restrictProtocolForwardingCreationForTypes"


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "google", through)


def policies_read(cloud: Client) -> Counter[str]:
    return Counter(
        entry["resource"] for entry in cloud.journal() if "EffectivePolicy" in entry.get("methodId", "")
    )


@pytest.mark.parametrize(
    ("config", "standing", "preview", "read"),
    [
        pytest.param(stack(1), Standing(), True, 6, id="the first preview of one, each once"),
        pytest.param(stack(1), Standing(), False, 2, id="the first update of one"),
        pytest.param(stack(1), BALANCED, True, 2, id="a shrink to one"),
        pytest.param(stack(1), Standing(masters=ONE), True, 0, id="one that stands"),
        pytest.param(stack(3), BALANCED, True, 0, id="three that stand"),
    ],
)
def test_policies_are_read_where_something_follows_from_them(
    cloud: Client,
    monkeypatch: pytest.MonkeyPatch,
    config: StackConfig,
    standing: Standing,
    preview: bool,
    read: int,
) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: preview)
    preflight.admit(standing, config)
    found = policies_read(cloud)
    assert (len(found), set(found.values())) == (read, {1} if read else set())


@pytest.mark.parametrize(
    ("standing", "preview"),
    [
        pytest.param(Standing(), True, id="the first preview"),
        pytest.param(Standing(), False, id="the first update"),
        pytest.param(BALANCED, False, id="a shrink to one"),
    ],
)
def test_an_address_that_would_not_be_served_is_refused(
    cloud: Client, monkeypatch: pytest.MonkeyPatch, standing: Standing, preview: bool
) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: preview)
    cloud.post("/lab/v1/org-policies", {FORWARDING: {"enforce": True}})
    with pytest.raises(
        pulumi.RunError, match=f"the organization policy {FORWARDING} forbids the forwarding rule"
    ):
        preflight.admit(standing, stack(1))
