"""Files that are whole or not there."""

from __future__ import annotations

from pathlib import Path

from lab import files


def test_a_secret_is_readable_for_its_owner_only_and_leaves_no_draft(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    files.write(file, "new", mode=0o600)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_half_a_document_is_none(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    assert files.read_json(file) == {}
    files.write_json(file, {"port": 1})
    assert files.read_json(file) == {"port": 1}
    file.write_text(file.read_text()[:-4])
    assert files.read_json(file) == {}
