"""The world of `tests/node/agent`: masters without machines, and the judge."""

from __future__ import annotations

import pytest

from lab.toolchain.kubernetes import ensure
from tests.node.agent.conftest import world

__all__ = ["world"]


@pytest.fixture(scope="session", autouse=True)
def _judge() -> None:
    """Built before a test enters a network of its own, in which Go could fetch nothing."""
    ensure("judge")
