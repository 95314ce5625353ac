"""The leader's agent at the API: what it writes, what it says and how often, and that it does nothing without an answer."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from node.agent.workers import registrar
from node.agent.workers.departures import PATIENCE_SECONDS
from node.agent.workers.registrar import LATE_SECONDS, MOST_AT_ONCE, REQUESTS, Registrar
from node.host.compute import Vm
from node.host.web import WebError
from tests.node.agent.workers.google import ADDRESS, NAME, VM, ZONE, Vms
from tests.node.host.signing_requests import signing_request
from tests.node.manifests.machines import MACHINE
from tests.node.manifests.pools import POOLS


class Api:
    """Lists what it is given, and remembers what is written. Of no items it says null, as an API server does of metadata."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.nodes: list[str] = []
        self.written: list[tuple[str, Any]] = []

    def get(self, path: str, *, metadata_only: bool = False) -> dict[str, Any]:
        if path.startswith(REQUESTS):
            return {"items": self.requests or None}
        # As an API server has it for metadata alone: null, where there are none.
        return {"items": [{"metadata": {"name": name}} for name in self.nodes] or None}

    def merge(self, path: str, patch: Any) -> None:
        self.written.append((path, patch))

    def delete(self, path: str) -> None:
        self.written.append((path, "delete"))


class Silent(Vms):
    def instance(self, project: str, zone: str, name: str) -> Vm | None:
        raise WebError("no answer")

    def instances(self, project: str, zone: str) -> list[Vm]:
        raise WebError("no answer")


class Counting(Vms):
    asked = 0

    def instance(self, project: str, zone: str, name: str) -> Vm | None:
        self.asked += 1
        return super().instance(project, zone, name)


def waiting(name: str = "csr-1", vm: str = NAME, decided: Sequence[str] = ()) -> dict[str, Any]:
    pem = signing_request(f"system:node:{vm}", [vm], [ADDRESS])
    return {
        "metadata": {"name": name, "resourceVersion": "7"},
        "spec": {
            "request": base64.b64encode(pem.encode()).decode(),
            "username": f"system:node:{vm}",
            "groups": ["system:nodes"],
            "uid": VM.id,
            "extra": {"ha-masters.dev/zone": [ZONE]},
            "usages": ["digital signature", "server auth"],
        },
        "status": {"conditions": [{"type": kind} for kind in decided]},
    }


class Stage:
    def __init__(self, folder: Path, api: Api, compute: Vms) -> None:
        self.api, self.said = api, list[str]()
        self.registrar = Registrar(MACHINE, folder, compute, lambda: True, lambda: POOLS, self.said.append)

    def conditions(self) -> list[tuple[str, str]]:
        return [(path, patch["status"]["conditions"][0]["type"]) for path, patch in self.api.written]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api()
    monkeypatch.setattr(registrar, "ApiserverClient", lambda machine, root: api)
    return api


def test_a_worker_is_admitted_on_the_request_as_it_was_read(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, api, Vms(VM))
    api.requests = [waiting()]
    stage.registrar.admit(POOLS)
    reason = f"{NAME} is the VM 4711, and asks for its own name and address"
    condition = {"type": "Approved", "status": "True", "reason": "HaMastersWorker", "message": reason}
    patch = {"metadata": {"resourceVersion": "7"}, "status": {"conditions": [condition]}}
    assert api.written == [(f"{REQUESTS}/csr-1/approval", patch)]
    assert stage.said == [f"{NAME} gets its serving certificate: {reason}"]


def test_a_lie_is_denied(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, api, Vms())
    api.requests = [waiting()]
    stage.registrar.admit(POOLS)
    assert stage.conditions() == [(f"{REQUESTS}/csr-1/approval", "Denied")]


@pytest.mark.parametrize("kind", ["Approved", "Denied", "Failed"])
def test_what_is_decided_stays(api: Api, tmp_path: Path, kind: str) -> None:
    stage = Stage(tmp_path, api, Vms(VM))
    api.requests = [waiting(decided=[kind])]
    stage.registrar.admit(POOLS)
    assert api.written == []


def test_what_waits_is_said_once_and_again_when_the_reason_is_another(api: Api, tmp_path: Path) -> None:
    vms = Vms(replace(VM, status="STAGING"))
    stage = Stage(tmp_path, api, vms)
    api.requests = [waiting()]
    for status in ("STAGING", "STAGING", "SUSPENDED"):
        vms.there[NAME] = replace(VM, status=status)
        stage.registrar.admit(POOLS)
    assert api.written == []
    assert stage.said == [
        f"the request csr-1 for a serving certificate waits: {NAME} is STAGING",
        f"the request csr-1 for a serving certificate waits: {NAME} is SUSPENDED",
    ]


def test_without_an_answer_nobody_is_admitted_and_no_node_goes(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, api, Silent())
    api.requests, api.nodes = [waiting()], [NAME]
    for now in (0.0, PATIENCE_SECONDS, 2 * PATIENCE_SECONDS):
        stage.registrar.admit(POOLS)
        stage.registrar.take_away(POOLS, now)
    assert api.written == []
    assert stage.said == [
        "serving certificates can't be decided on: no answer",
        "Nodes can't be compared with VMs: no answer",
    ]


def test_however_many_requests_one_vm_makes_google_is_asked_once(api: Api, tmp_path: Path) -> None:
    vms = Counting(VM)
    api.requests = [waiting(f"csr-{number}") for number in range(100)]
    Stage(tmp_path, api, vms).registrar.admit(POOLS)
    assert (vms.asked, len(api.written)) == (1, 100)


def test_one_round_asks_for_so_many_vms_and_the_next_goes_on(api: Api, tmp_path: Path) -> None:
    names = [f"dev-web-b-{number:04}" for number in range(MOST_AT_ONCE + 10)]
    vms = Counting(*(replace(VM, name=name) for name in names))
    stage = Stage(tmp_path, api, vms)
    api.requests = [waiting(name, name) for name in names]
    stage.registrar.admit(POOLS)
    assert (vms.asked, len(api.written)) == (MOST_AT_ONCE, MOST_AT_ONCE)
    decided = {path.split("/")[-2] for path, _ in api.written}
    api.requests = [each for each in api.requests if each["metadata"]["name"] not in decided]
    stage.registrar.admit(POOLS)
    assert len(api.written) == len(names)


def test_where_nobody_is_there_is_nothing_to_do(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, api, Vms())
    stage.registrar.admit(POOLS)
    stage.registrar.take_away(POOLS, 0.0)
    assert (api.written, stage.said) == ([], [])


def test_only_workers_nodes_are_looked_at(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, api, Vms(VM))
    api.nodes = [NAME, "dev-web-b-gone", "kwok-node-1", "prod-web-b-gone"]
    for now in (0.0, PATIENCE_SECONDS):
        stage.registrar.take_away(POOLS, now)
    assert api.written == [("/api/v1/nodes/dev-web-b-gone", "delete")]
    assert stage.said == ["deletes Node dev-web-b-gone: its VM is gone"]


def test_before_the_first_worker_no_node_goes(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, api, Vms())
    stage.registrar.take_away(POOLS, 0.0)
    assert (api.written, stage.said) == ([], [])


@pytest.mark.parametrize(
    ("nodes", "compute", "left"),
    [
        pytest.param([], Vms(), False, id="none"),
        pytest.param([NAME], Vms(VM), True, id="one whose VM is there"),
        pytest.param([NAME], Vms(), True, id="one that goes later"),
        pytest.param([NAME], Silent(), True, id="nobody knows"),
        pytest.param(["kwok-node-1"], Vms(), False, id="somebody else's"),
    ],
)
def test_after_the_last_pool_nodes_are_looked_at_until_none_is_left(
    api: Api, tmp_path: Path, nodes: list[str], compute: Vms, *, left: bool
) -> None:
    api.nodes = nodes
    assert Stage(tmp_path, api, compute).registrar.take_away(POOLS, 0.0) == left


def test_an_answer_that_makes_no_sense_is_said_and_ends_nothing(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, api, Vms())
    api.requests = [{"metadata": None}]
    stage.registrar.admit(POOLS)
    assert stage.said[0].startswith("serving certificates can't be decided on:")


def test_who_waits_for_long_is_told_in_the_status(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, api, Vms(replace(VM, status="STAGING")))
    api.requests = [waiting()]
    stage.registrar.admit(POOLS)
    now = time.monotonic()
    assert stage.registrar.waiting(now) == ()
    assert stage.registrar.waiting(now + LATE_SECONDS) == (
        f"{NAME} waits for its serving certificate: {NAME} is STAGING",
    )
    api.requests = []
    stage.registrar.admit(POOLS)
    assert stage.registrar.waiting(now + LATE_SECONDS) == ()


def test_what_keeps_everybody_waiting_is_told_at_once(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, api, Silent())
    api.requests = [waiting()]
    stage.registrar.admit(POOLS)
    assert stage.registrar.waiting(0.0) == ("serving certificates can't be decided on: no answer",)
