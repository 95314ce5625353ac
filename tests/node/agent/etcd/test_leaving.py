"""A machine that is told to stop: what its agent does within its time, and says. `planner.leaving` decides."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from node.agent.etcd import leaving
from node.agent.etcd.gateway import Gateway
from node.agent.etcd.observe import Observation, Observer
from node.contract.metadata import Machine
from node.contract.status import Observed
from node.host import paths
from node.host.commands import MachineError
from node.host.files import under, write
from node.planner.observed import Desired
from tests.node.agent.certificates import EtcdTrust
from tests.node.agent.world import CONFIG
from tests.node.planner.test_plan import etcd, health, wanted

MACHINE = Machine(
    "dev", "b-b", "europe-west1-b", "7", "10.0.0.98", "203.0.113.1", "bucket", "secret", "hash", CONFIG
)


def look(desired: Desired, members: str) -> Observation:
    return Observation(desired, tuple(etcd(members)), health(members, "b"), "1", Observed("1", "1"), None)


class Asked:
    """etcd's gateway, of which only the calls are wanted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, ...]] = []
        monkeypatch.setattr(Gateway, "remove", lambda _, *at: self.calls.append(("remove", *at)))
        monkeypatch.setattr(Gateway, "move_leader", lambda _, *at: self.calls.append(("move", *at)))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setattr(leaving, "_AGAIN_SECONDS", 0.01)
    return Asked(monkeypatch)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for file, content in EtcdTrust().files("b-b", ["10.0.0.98"], ["10.0.0.98"]).items():
        write(under(tmp_path, paths.secret(file)), content, 0o600)
    return tmp_path


def leave(root: Path, looks: Iterator[Observation], seconds: float = 0.1) -> tuple[Any, list[str]]:
    class Seen:
        def look(self, *_: object) -> Observation:
            return next(looks)

    said: list[str] = []
    until = time.monotonic() + seconds
    observer = cast(Observer, Seen())
    status = leaving.leave(MACHINE, root, observer, etcd_placed=True, until=until, say=said.append)
    return status, said


def test_the_leader_hands_over_leaves_and_reports_that_it_is_gone(asked: Asked, root: Path) -> None:
    desired = wanted("a", "a")
    gone = replace(look(desired, "a"), health=replace(health("a", "b"), reports=health("a b", "b").reports))
    looks = iter([look(desired, "b a"), look(desired, "a b"), gone])
    status, _ = leave(root, looks, seconds=5)
    assert asked.calls == [("move", "10.0.0.98", "61"), ("remove", "10.0.0.97", "62")]
    assert (status.phase, status.reason.partition(":")[0]) == ("gone", "left etcd")


def test_a_machine_that_is_wanted_changes_nothing(asked: Asked, root: Path) -> None:
    status, said = leave(root, iter([look(wanted("a b", "a b"), "a b")]))
    assert (status, asked.calls) == (None, [])
    assert said[0].startswith("it is asked for")


def test_its_time_ends_and_it_says_what_it_waited_for(asked: Asked, root: Path) -> None:
    def ever() -> Iterator[Observation]:
        while True:
            yield look(Desired(None, None, "the bucket answers 503"), "a b")

    status, said = leave(root, ever())
    assert (status, asked.calls) == (None, [])
    assert said == [
        "the bucket answers 503",
        "stops without having left etcd: it waited 45 s; the bucket answers 503",
    ]


class Systemd:
    def __init__(self, state: str) -> None:
        self._state = state

    def run(self, *_: str, allow: tuple[int, ...] = (), seconds: float = 0) -> tuple[int, str]:
        if not self._state:
            raise MachineError("`systemctl` did not end within 5 s")
        return 1, f"{self._state}\n"


@pytest.mark.parametrize(
    ("state", "stops"),
    [
        pytest.param("stopping", True, id="shutdown"),
        pytest.param("running", False, id="the-agent-alone-is-started-anew"),
        pytest.param("degraded", False, id="the-same-beside-a-failed-unit"),
        pytest.param("", True, id="cannot-be-told"),
    ],
)
def test_whether_the_machine_stops(state: str, stops: bool) -> None:
    assert leaving.machine_stops(Systemd(state), lambda _: None) == stops
