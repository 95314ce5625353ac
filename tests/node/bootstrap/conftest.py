"""A machine to be set up: its root, and the programs that would be run on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.node.bootstrap.site import Programs, a_root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_root(tmp_path / "root")


@pytest.fixture
def programs(root: Path) -> Programs:
    return Programs(root)
