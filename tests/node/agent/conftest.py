"""Real etcd processes for the tests that need them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.toolchain.kubernetes import ensure
from tests.node.agent.world import World, alone


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Masters without machines, alone on a network that also has the API's address. Takes root and the toolchain."""
    with alone(tmp_path, ensure("etcd") / "etcd") as world:
        yield world
