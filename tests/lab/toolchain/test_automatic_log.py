"""The engine that was built here writes no log of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.toolchain import Toolchain, automatic_log


def test_what_was_logged_goes_and_nothing_comes_after_it(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/old.log").write_text("old")
    for _ in range(2):
        automatic_log.leave_out(tmp_path)
    with pytest.raises(FileExistsError):
        (tmp_path / "logs").mkdir(exist_ok=True)


@pytest.mark.toolchain
def test_the_engine_goes_on_without(toolchain: Toolchain) -> None:
    assert toolchain.home is None or (toolchain.home / "logs").is_file()
