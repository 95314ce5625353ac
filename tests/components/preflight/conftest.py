"""A simulated project, empty before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import environment
from lab.simulator.client import Client
from lab.simulator.server import Simulator


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
