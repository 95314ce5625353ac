"""The leader's agent at groups and at the API: each step as it is asked for, and nothing without an answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from node.agent.workers import pool_keeper
from node.agent.workers.pool_keeper import PoolKeeper
from node.contract.pools import Pool, Pools, PoolZone
from node.contract.status import PoolsView
from node.host.managed_groups import Managed, ManagedGroup
from node.host.web import WebError
from tests.node.manifests.machines import MACHINE

ZONE, GROUP, NEW, OLD = "europe-west1-b", "dev-web-b", "projects/p/new", "projects/p/old"
A, B = "dev-web-b-aaaa", "dev-web-b-bbbb"


def asked(size: int) -> Pools:
    pool = Pool("web", (PoolZone(ZONE, GROUP, size),), NEW, 1, 0, 600)
    return Pools("dev", "p", "dev-workers@p.iam.gserviceaccount.com", (pool,))


class Groups:
    """One group; what is asked of it is remembered, and shows only when a test says so."""

    def __init__(self, *machines: str, template: str = NEW) -> None:
        self.machines = [Managed(name, "NONE", "RUNNING", template) for name in machines]
        self.asked: list[tuple[str, Any]] = []
        self.silent = False

    def look(self, project: str, zone: str, name: str) -> ManagedGroup | None:
        if self.silent:
            raise WebError("no answer")
        return ManagedGroup(NEW, tuple(self.machines))

    def make(self, project: str, zone: str, name: str, machines: Sequence[str]) -> None:
        self.asked.append(("make", tuple(machines)))

    def delete(self, project: str, zone: str, name: str, machine: str) -> None:
        self.asked.append(("delete", machine))


class Api:
    """Nodes and pods by name; what is written is remembered."""

    def __init__(self, *nodes: str) -> None:
        self.nodes = {name: node(name) for name in nodes}
        self.pods: list[dict[str, Any]] = []
        self.budgets: list[dict[str, Any]] = []
        self.written: list[tuple[str, Any]] = []
        self.refuses = 0
        self.late: dict[str, dict[str, Any]] = {}
        """Nodes that a list doesn't have yet."""

    def get(self, path: str) -> dict[str, Any] | None:
        if path == pool_keeper.BUDGETS:
            return {"items": self.budgets}
        if path.startswith("/api/v1/pods?"):
            return {"items": [pod for pod in self.pods if path.endswith(pod["spec"]["nodeName"])]}
        name = path.rpartition("/")[2]
        return self.late.get(name) or self.nodes.get(name)

    def table(self, path: str) -> list[dict[str, str]] | None:
        assert path == pool_keeper.NODES
        return [{"Name": name, "Status": _status(each)} for name, each in self.nodes.items()]

    def merge(self, path: str, patch: Any) -> None:
        self.written.append((path, patch))

    def create(self, path: str, wanted: Any) -> None:
        if self.refuses:
            raise WebError("no", self.refuses)
        self.written.append((path, wanted))


def _status(node: dict[str, Any]) -> str:
    return "Ready,SchedulingDisabled" if node["spec"].get("unschedulable") else "Ready"


def node(name: str, **spec: Any) -> dict[str, Any]:
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    notes = {"ha-masters.dev/draining-since": "1000"} if spec.get("unschedulable") else {}
    return {"metadata": {"name": name, "annotations": notes}, "spec": spec, "status": status}


def pod(name: str, on: str, **metadata: Any) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "default", "name": name, "uid": "u1", **metadata},
        "spec": {"nodeName": on},
    }


class Stage:
    def __init__(self, folder: Path, groups: Groups, size: int = 1) -> None:
        self.groups, self.leads, self.problem = groups, True, ""
        self.read: tuple[Pools, str] | None = (asked(size), "7")
        self.keeper = PoolKeeper(
            MACHINE,
            folder,
            groups,  # type: ignore[arg-type]
            lambda: self.leads,
            lambda: self.read,
            lambda: self.problem,
            lambda _: None,
        )

    def tick(self, now: float = 0.0) -> bool:
        return self.keeper.tick(now, 1060.0)

    @property
    def view(self) -> PoolsView:
        assert self.keeper.view
        return self.keeper.view


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api(A, B)
    monkeypatch.setattr(pool_keeper, "ApiserverClient", lambda machine, root: api)
    monkeypatch.setattr(pool_keeper.LocalHost, "apiserver_ready", lambda self, machine: True)
    return api


def test_all_as_asked_is_said_and_nothing_is_done(api: Api, tmp_path: Path) -> None:
    del api.nodes[B]
    stage = Stage(tmp_path, Groups(A))
    assert not stage.tick()
    assert (stage.view.generation, stage.view.problem, stage.view.zones[0].settled) == ("7", "", True)
    assert (stage.groups.asked, api.written) == ([], [])


def test_what_was_asked_for_is_not_asked_for_again_before_it_shows(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Groups(), size=2)
    stage.tick()
    stage.tick(5.0)
    [(verb, names)] = stage.groups.asked
    assert (verb, len(names)) == ("make", 2)
    stage.tick(70.0)
    assert len(stage.groups.asked) == 2


def test_a_drain_is_noted_on_the_node(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Groups(A, B))
    stage.tick()
    noted = {"annotations": {"ha-masters.dev/draining-since": "1060"}}
    assert api.written == [(f"/api/v1/nodes/{A}", {"metadata": noted, "spec": {"unschedulable": True}})]


def test_pods_are_evicted_and_those_that_stay_are_not(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Groups(A, B))
    api.nodes[A] = node(A, unschedulable=True)
    daemon = [{"kind": "DaemonSet", "controller": True}]
    api.pods = [
        pod("x", A),
        pod("proxy", A, ownerReferences=daemon),
        pod("static", A, annotations={"kubernetes.io/config.mirror": "h"}),
    ]
    stage.tick()
    [(path, body)] = api.written
    assert path == "/api/v1/namespaces/default/pods/x/eviction"
    assert (body["kind"], body["deleteOptions"]) == ("Eviction", {"preconditions": {"uid": "u1"}})
    assert stage.view.unmanaged == (f"default/x on {A}",)


@pytest.mark.parametrize("status", [429, 404])
def test_an_eviction_that_a_budget_refuses_is_tried_again(api: Api, tmp_path: Path, status: int) -> None:
    stage = Stage(tmp_path, Groups(A, B))
    api.nodes[A] = node(A, unschedulable=True)
    api.pods, api.refuses = [pod("x", A)], status
    stage.tick()
    assert (stage.view.problem, stage.groups.asked) == ("", [])


def test_an_empty_node_is_deleted_once(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Groups(A, B))
    api.nodes[A] = node(A, unschedulable=True)
    stage.tick()
    stage.tick(5.0)
    assert stage.groups.asked == [("delete", A)]


def test_a_machine_that_joined_since_the_look_is_not_deleted(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Groups(A, B))
    del api.nodes[A]
    api.late[A] = node(A)
    stage.tick()
    assert stage.groups.asked == []


def test_a_node_that_stays_after_all_is_let_go(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Groups(A, B), size=2)
    api.nodes[A] = node(A, unschedulable=True)
    stage.tick()
    [(_, patch)] = api.written
    assert patch == {
        "metadata": {"annotations": {"ha-masters.dev/draining-since": None}},
        "spec": {"unschedulable": None},
    }


def test_without_an_answer_nothing_is_done_and_that_is_said(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Groups(A, B))
    stage.groups.silent = True
    assert not stage.tick()
    assert (stage.view.problem, stage.view.zones, api.written) == ("no answer", (), [])


def test_what_cannot_be_read_is_not_acted_on(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Groups(A, B))
    stage.read, stage.problem = None, "it is no JSON"
    stage.tick()
    assert (stage.view.problem, api.written) == ("it is no JSON", [])


@pytest.mark.parametrize(("leads", "there"), [(False, True), (True, False)], ids=["no leader", "no pools"])
def test_nothing_is_said_where_nobody_asks(api: Api, tmp_path: Path, leads: bool, there: bool) -> None:
    stage = Stage(tmp_path, Groups(A, B))
    stage.leads = leads
    stage.read = stage.read if there else None
    stage.tick()
    assert (stage.keeper.view, api.written) == (None, [])


def test_budgets_that_allow_nothing_are_told(api: Api, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Groups(A))
    api.budgets = [
        {"metadata": {"namespace": "default", "name": "web"}, "spec": {"selector": {}}, "status": {}},
        {"metadata": {"namespace": "default", "name": "nothing"}, "spec": {}, "status": {}},
    ]
    stage.tick()
    assert stage.view.blocked == ("default/web",)
