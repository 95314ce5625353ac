"""The world of `tests/node/agent`: masters without machines."""

from __future__ import annotations

from tests.node.agent.conftest import world

__all__ = ["world"]
