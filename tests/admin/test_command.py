"""The door of the operator's commands."""

from __future__ import annotations

import pytest

from admin.__main__ import COMMANDS, main


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_one_line_of_help_and_parses_its_own(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["help"]) == 0
    shown = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert [name, COMMANDS[name].help] in shown
    with pytest.raises(SystemExit) as done:
        main([name, "--help"])
    assert done.value.code == 0
    assert f"python -m admin {name}" in capsys.readouterr().out


def test_an_unknown_command_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapt"]) == 2
    assert "adopt" in capsys.readouterr().err
