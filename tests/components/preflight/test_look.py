"""A look at a simulated project, and at one that doesn't answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from components.google.provider_config import ProviderConfig
from components.google.transport import Google
from components.preflight.facts import Image, MachineType, Unasked
from components.preflight.judge import judge
from components.preflight.look import look
from components.resource_names import Names
from lab import environment
from lab.simulator.client import Client
from lab.simulator.permissions import permission_of
from lab.simulator.server import Simulator
from tests.components.preflight.projects import stack
from tests.components.recording import NOBODY
from tests.stack.harness import ROOT

THREE = stack(3)


def through() -> Google:
    return Google(ProviderConfig.read({"accessToken": environment.TOKEN}.get))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def cloud(running: Simulator, monkeypatch: pytest.MonkeyPatch) -> Client:
    running.lab.store.clear()
    for name, value in environment.google(running.url, "lab-project", "europe-west1").items():
        monkeypatch.setenv(name, value)
    return Client(running.url)


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
