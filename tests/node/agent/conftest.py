"""Real etcd processes for the tests that need them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.simulator.server import Simulator
from lab.toolchain.kubernetes import ensure
from tests.node.agent.namespace import network
from tests.node.agent.world import ADDRESSES, API_ADDRESS, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Masters without machines, alone on a network that also has the API's address. Takes root and the toolchain."""
    etcd = ensure("etcd") / "etcd"
    with network([*ADDRESSES.values(), API_ADDRESS]):
        simulator = Simulator(tmp_path / "simulator").start()
        world = World(simulator, tmp_path, etcd)
        try:
            yield world
        finally:
            world.end()
            simulator.stop()
