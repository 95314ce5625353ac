"""A look at a simulated project, and at one that doesn't answer."""

from __future__ import annotations

import pytest
import yaml

from components.preflight.facts import Image, MachineType, Unasked
from components.preflight.judge import judge
from components.preflight.look import look
from components.resource_names import Names
from lab.simulator.client import Client
from lab.simulator.permissions import permission_of
from tests.components.preflight.projects import stack, through
from tests.components.recording import NOBODY
from tests.stack.harness import ROOT

THREE = stack(3)


@pytest.mark.usefixtures("cloud")
def test_an_empty_project_is_ready() -> None:
    seen = look(THREE, through(), ["compute.disks.create"])
    assert seen.image == Image("ACTIVE", 10, "X86_64")
    assert seen.types["europe-west1-b", "e2-standard-2"] == MachineType(2, "X86_64")
    assert {line.verdict for line in judge(THREE, seen, wanted=["compute.disks.create"])} == {"ok"}


def test_the_preview_s_role_lets_it_look(cloud: Client) -> None:
    before = cloud.journal()[-1]["seq"] if cloud.journal() else 0
    look(THREE, through())
    asked = {permission_of(entry["methodId"]) for entry in cloud.journal(before)}
    role = yaml.safe_load((ROOT / "docs/guides/roles/preview.yaml").read_text())["includedPermissions"]
    assert asked - set(role) == {"orgpolicy.policy.get"}


def test_what_the_project_forbids_is_seen(cloud: Client) -> None:
    cloud.post("/lab/v1/services", {"secretmanager.googleapis.com": False})
    cloud.post(
        "/lab/v1/org-policies",
        {"compute.managed.restrictProtocolForwardingCreationForTypes": {"enforce": True}},
    )
    cloud.post("/lab/v1/quotas", {"CPUS": 1})
    one = stack(1)
    lines = judge(one, look(one, through()))
    assert [line.check for line in lines if line.verdict == "stop"] == ["apis", "policies", "quotas"]


def test_policies_behind_an_api_that_is_not_enabled_are_unknown(cloud: Client) -> None:
    cloud.post("/lab/v1/services", {"orgpolicy.googleapis.com": False})
    lines = judge(THREE, look(THREE, through()))
    assert [line.check for line in lines if line.verdict != "ok"] == ["policies"]


def test_a_bucket_of_that_name_that_stands_is_seen(cloud: Client) -> None:
    name = Names("dev", "lab-project").bucket
    assert cloud.post("/storage/v1/b?project=lab-project", {"name": name}).status == 200
    assert look(THREE, through()).bucket == "there"


def test_where_nobody_answers_all_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in ("COMPUTE", "STORAGE", "SERVICE_USAGE", "ORG_POLICY", "RESOURCE_MANAGER"):
        monkeypatch.setenv(f"GOOGLE_{service}_CUSTOM_ENDPOINT", NOBODY)
    seen = look(THREE, through(), ["compute.disks.create"])
    assert isinstance(seen.services, Unasked)
    assert {line.verdict for line in judge(THREE, seen, wanted=["compute.disks.create"])} == {"unknown"}
