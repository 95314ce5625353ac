"""One simulator a test module, one stack a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.toolchain import Toolchain
from tests.stack.harness import Cloud, Stack, cloud


@pytest.fixture
def own_cloud(tmp_path: Path) -> Iterator[Cloud]:
    with cloud(tmp_path / "cloud") as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, own_cloud: Cloud, toolchain: Toolchain) -> Stack:
    return Stack(tmp_path / "stack", own_cloud, toolchain).create()
