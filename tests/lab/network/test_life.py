"""Up, down, crashes, neighbours; and what is said where the network can't be."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from lab.network import Network, NetworkUnavailableError, namespaces
from lab.simulator.server import Simulator
from lab.simulator.store import Store
from tests.lab.network.stage import NEEDS_ROOT, Stage

ROOT = Path(__file__).parents[3]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason=NEEDS_ROOT)
CRASHING = """
import sys, pathlib
from tests.lab.network.stage import Stage
stage = Stage(pathlib.Path(sys.argv[1]), sys.argv[2])
for n in range(2):
    stage.vm(f"m{n}")
for program in stage._programs.values():
    program.kill()
print("ready", flush=True)
sys.stdin.read()
"""


def host_links() -> str:
    return subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout


@pytest.mark.root
@needs_root
def test_nothing_stays_behind(tmp_path: Path) -> None:
    before = host_links()
    stage = Stage(tmp_path)
    prefix = stage.network.prefix
    stage.vm("m1")
    assert namespaces.names(prefix) == [
        f"{prefix}client",
        f"{prefix}router",
        stage.namespace("m1"),
    ]
    assert host_links() == before, "the host has no link to the lab"
    stage.end()
    assert namespaces.names(prefix) == []
    assert host_links() == before
    assert not [t.name for t in threading.enumerate() if prefix in t.name]


@pytest.mark.root
@needs_root
def test_up_removes_what_a_killed_lab_left(tmp_path: Path) -> None:
    tag = secrets.token_hex(3)
    command = [sys.executable, "-c", CRASHING, str(tmp_path / "first"), tag]
    first = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert first.stdout
    assert first.stdout.readline() == b"ready\n"
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert len(namespaces.names(f"hm-{tag}-")) == 4
    stage = Stage(tmp_path / "second", tag)
    try:
        assert namespaces.names(f"hm-{tag}-") == [f"hm-{tag}-client", f"hm-{tag}-router"]
        assert stage.vm("m1") == "10.0.0.2"
    finally:
        stage.end()
    assert namespaces.names(f"hm-{tag}-") == []


@pytest.mark.root
@needs_root
def test_two_labs_side_by_side(tmp_path: Path) -> None:
    stages = [Stage(tmp_path / name) for name in ("one", "two")]
    try:
        addresses = [stage.vm("m1") for stage in stages]
        assert addresses == ["10.0.0.2", "10.0.0.2"]
        for stage in stages:
            stage.vm("m2")
            stage.allow("inside", "10.0.0.0/24")
            stage.settled()
            assert stage.said(stage.namespace("m2"), "10.0.0.2")["name"] == "m1"
        stages[0].end()
        assert stages[1].answer(stages[1].namespace("m2"), "10.0.0.2")["name"] == "m1"
    finally:
        stages[1].end()


@pytest.mark.root
@needs_root
def test_attach_and_detach_may_be_repeated(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        stage.vm("m1")
        name = stage.network.attach(stage.ids["m1"])
        assert name == stage.namespace("m1")
        stage.network.detach(stage.ids["m1"])
        stage.network.detach(stage.ids["m1"])
        assert name not in namespaces.names(stage.network.prefix)
        assert stage.network.attach(stage.ids["m1"]) == name
        with pytest.raises(LookupError, match="no instance with the id 5"):
            stage.network.attach("5")
    finally:
        stage.end()


def test_without_root_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with Simulator(tmp_path) as simulator, pytest.raises(NetworkUnavailableError, match="as root"):
        Network(simulator.lab, "abc").up()


def test_without_tools_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NetworkUnavailableError, match="apt-get install iproute2 nftables"):
        namespaces.require()


def test_the_main_thread_never_moves() -> None:
    with pytest.raises(RuntimeError, match="main thread"):
        namespaces.enter("anything")


def test_the_store_tells_watchers_after_the_commit(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    heard: list[str] = []
    end = store.watch({"a", "b"}, lambda: heard.append("changed"))
    with store.transaction():
        store.put("a", "1", {})
        store.delete("b", "1")
        assert heard == []
    assert heard == ["changed"]
    store.put("c", "1", {})
    assert heard == ["changed"]
    with suppress(KeyError), store.transaction():
        store.put("a", "1", {})
        raise KeyError
    assert heard == ["changed"]
    store.put("a", "2", {})
    store.clear()
    assert heard == ["changed"] * 3
    end()
    store.put("a", "3", {})
    assert heard == ["changed"] * 3
    store.close()
