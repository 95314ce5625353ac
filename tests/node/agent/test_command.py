"""The agent's own process: what it does with metadata that change."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from lab.simulator.server import Simulator
from node.agent import command
from node.contract import bucket_layout
from node.contract.secret_files import NEEDED
from node.contract.status import ReplicaStatus
from node.host import paths
from node.host.files import under
from tests.node.bootstrap.site import Cloud, Programs, a_root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_root(tmp_path / "root")


@pytest.fixture
def cloud(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    simulator = Simulator(tmp_path / "simulator").start()
    cloud = Cloud(simulator.url)
    with cloud.metadata.serving():
        monkeypatch.setenv("HA_MASTERS_METADATA", cloud.metadata.url)
        monkeypatch.setattr(command, "LocalCommands", lambda: Programs(root))
        yield cloud
    simulator.stop()


def test_a_new_secret_reaches_the_machine_and_one_that_cannot_serve_is_a_reason(
    root: Path, cloud: Cloud
) -> None:
    threading.Thread(target=command.run, args=(root, command.Told()), daemon=True).start()
    key = under(root, paths.secret("apiserver.key"))
    _wait("the keys are there", lambda: {file.name for file in key.parent.glob("*")} >= NEEDED)
    files = {file.name: "renewed" for file in key.parent.iterdir() if file.suffix in (".crt", ".key", ".pub")}
    cloud.metadata.change(secret=cloud.add_secret(files))
    _wait("they are renewed", lambda: key.read_text() == "renewed")
    cloud.metadata.change(secret=cloud.add_secret({"ca.crt": "alone"}))
    _wait("the reason is told", lambda: "the replica's secret lacks" in _reason(cloud))
    assert key.read_text() == "renewed"


def test_routes_follow_an_address_that_comes(
    root: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = Programs(root)
    monkeypatch.setattr(command, "LocalCommands", lambda: programs)
    monkeypatch.setattr(command, "again_and_again", partial(command.again_and_again, seconds=0.2))
    threading.Thread(target=command.run, args=(root, command.Told()), daemon=True).start()
    _wait("it reports", lambda: cloud.bucket.read("status/m1-b.json") is not None)
    cloud.metadata.change(**{"api-internal-address": "10.0.0.99"})
    _wait(
        "it has a route",
        lambda: any("ip route replace local 10.0.0.99/32" in call for call in programs.calls),
    )


def test_another_release_is_started_although_only_that_one_understands_the_rest(
    root: Path, cloud: Cloud
) -> None:
    agent = threading.Thread(target=command.run, args=(root, command.Told()), daemon=True)
    agent.start()
    _wait("it reports", lambda: cloud.bucket.read("status/m1-b.json") is not None)
    code = b"the next release"
    sha256 = hashlib.sha256(code).hexdigest()
    cloud.bucket.write(bucket_layout.release(sha256), code)
    cloud.metadata.change(**{"machine-config": '{"newer": true}', "agent-sha256": sha256})
    agent.join(timeout=15)
    assert not agent.is_alive()
    assert under(root, paths.ZIPAPP).read_bytes() == code


def test_it_ends_when_it_is_told(root: Path, cloud: Cloud) -> None:
    told = command.Told()
    agent = threading.Thread(target=command.run, args=(root, told), daemon=True)
    agent.start()
    _wait("it reports", lambda: cloud.bucket.read("status/m1-b.json") is not None)
    told.end()
    agent.join(timeout=15)
    assert not agent.is_alive()


def _reason(cloud: Cloud) -> str:
    text = cloud.bucket.read("status/m1-b.json")
    return ReplicaStatus.parse(text.content).reason if text else ""


def _wait(what: str, holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s until {what}"
        time.sleep(0.1)
