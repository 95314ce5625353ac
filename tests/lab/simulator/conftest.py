"""One simulator for all tests of a process, forgotten between them; who changes more than its state makes one of his own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.simulator.context import Lab
from lab.simulator.server import Simulator


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator(tmp_path_factory.mktemp("simulator")) as running:
        yield running


@pytest.fixture
def simulator(_running: Simulator) -> Simulator:
    """Under the profile `instant`, with nothing in it, no fault ordered and no guests; ids go on."""
    lab = _running.lab
    lab.faults.delete()
    lab.latency.set("instant")
    lab.health_source = Lab.health_source
    lab.store.clear()
    return _running
