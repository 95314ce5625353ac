"""An update as ours run it, with an engine that is a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin.engine import Engine


def test_an_update_is_printed_while_it_runs_and_returned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text('#!/bin/sh\necho "ran $*"\necho "error: locked" >&2\nexit 255\n')
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    status, said = Engine("prod").up(["--yes", "--replace", "**::m2-c-turn"])
    whole = (
        "ran up --yes --replace **::m2-c-turn --stack prod --non-interactive --color never\nerror: locked\n"
    )
    assert (status, said) == (255, whole)
    assert capfd.readouterr() == ("", whole)
