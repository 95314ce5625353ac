"""The host's limit of inotify: raised for machines, never lowered."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.machines import watches


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("128\n", 4096, id="Debian's own"),
        pytest.param("1048576\n", 1048576, id="somebody's higher one"),
    ],
)
def test_the_limit_is_enough(tmp_path: Path, before: str, after: int) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text(before)
    watches.allow(limit)
    assert int(limit.read_text()) == after
