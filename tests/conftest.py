"""What tests of several rooms share: the toolchain, and living clusters that one run makes once and copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from lab.toolchain import Toolchain, ensure
from tests.crash.stage import Stage
from tests.stack.harness import Stack


class Living(Protocol):
    """From a list of replicas, and other keys, to a stack whose cluster is so already, as an earlier update has left it."""

    def __call__(self, replicas: Sequence[str], **config: Any) -> Stack: ...


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return ensure()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Stage:
    """Prepared states; all processes of one run share them."""
    base = tmp_path_factory.getbasetemp()
    folder: Path = (base.parent if base.name.startswith("popen-") else base) / "stages"
    folder.mkdir(exist_ok=True)
    return Stage(folder, toolchain)


@pytest.fixture
def living(stage: Stage) -> Iterator[Living]:
    """Its engine writes the state when a command ends. A test that cuts one off sets `records_each_step`."""
    with ExitStack() as opened:

        def lives(replicas: Sequence[str], **config: Any) -> Stack:
            stack = opened.enter_context(stage.living(replicas, **config))
            stack.records_each_step = False
            return stack

        yield lives
