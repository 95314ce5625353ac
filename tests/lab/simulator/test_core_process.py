"""The simulator as a process: endpoint, restart, an abrupt end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.simulator.client import Client
from tests.waiting import until


@contextmanager
def running(state: Path) -> Iterator[tuple[Client, subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "lab.serve", "--state", str(state), "--project", "p1"]
    (state / "endpoint.json").unlink(missing_ok=True)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            until("the simulator", (state / "endpoint.json").exists, 60)
            endpoint = json.loads((state / "endpoint.json").read_text())
            assert endpoint["pid"] == process.pid
            yield Client(endpoint["url"], "p1"), process
        finally:
            process.terminate()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["asked", "killed"])
def test_state_outlives_the_process(tmp_path: Path, how: signal.Signals) -> None:
    with running(tmp_path) as (cloud, process):
        cloud.made("regions/europe-west1/addresses", {"name": "api"})
        process.send_signal(how)
        assert process.wait(10) in (0, -how)
    with running(tmp_path) as (cloud, _):
        assert cloud.get("regions/europe-west1/addresses/api")["address"] == "203.0.113.2"
        assert [e["methodId"] for e in cloud.journal()][:1] == ["compute.addresses.insert"]


def test_asked_to_end_it_takes_its_endpoint_back(tmp_path: Path) -> None:
    with running(tmp_path) as (_, process):
        process.terminate()
        assert process.wait(10) == 0
    assert not (tmp_path / "endpoint.json").exists()
