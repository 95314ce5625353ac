"""Which Python the language host runs, and what it tells the engine of it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from lab.toolchain.host.child import Piece, run, stream
from lab.toolchain.host.interpreter import Interpreter, InterpreterMissingError, interpreter, plugin_packages


@pytest.fixture
def project(tmp_path: Path) -> Path:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return tmp_path


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"virtualenv": ".venv"}, id="named"),
        pytest.param({"virtualenv": "sub/../.venv"}, id="by a roundabout path"),
        pytest.param({"toolchain": "uv"}, id="uv's own place"),
    ],
)
def test_the_projects_virtual_environment_is_used(project: Path, options: dict[str, object]) -> None:
    assert interpreter(project, options).python == project / ".venv" / "bin" / "python"


def test_without_options_the_hosts_own_python_is_used(project: Path) -> None:
    assert interpreter(project, {}).python == Path(sys.executable)


def test_a_missing_environment_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(InterpreterMissingError, match="pulumi install"):
        interpreter(tmp_path, {"virtualenv": ".venv"})


def test_the_environment_is_active_for_the_program(project: Path) -> None:
    made = interpreter(project, {"virtualenv": ".venv"}).environment({"PATH": "/bin", "PYTHONHOME": "/else"})
    assert made == {"VIRTUAL_ENV": str(project / ".venv"), "PATH": f"{project}/.venv/bin:/bin"}


def test_only_plugins_that_can_be_started_are_required(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = project / ".venv" / "lib" / "python3.11" / "site-packages"
    for name in ("gcp", "kubernetes"):
        (packages / f"pulumi_{name}").mkdir(parents=True)
        (packages / f"pulumi_{name}" / "pulumi-plugin.json").write_text(
            json.dumps({"resource": True, "name": name, "version": "1.0.0"})
        )
    (tmp_path / "home" / "plugins" / "resource-gcp-v1.0.0").mkdir(parents=True)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "/nowhere")
    of = Interpreter(project / ".venv" / "bin" / "python", project / ".venv")
    assert [found.name for found in plugin_packages(of)] == ["gcp"]


def test_the_exit_code_is_the_programs() -> None:
    assert run([sys.executable, "-c", "raise SystemExit(32)"], "", os.environ, lambda: True) == 32


def test_a_program_that_nobody_waits_for_is_ended() -> None:
    assert run([sys.executable, "-c", "import time; time.sleep(60)"], "", os.environ, lambda: False) < 0


def test_output_comes_before_the_exit_code() -> None:
    program = "import sys; print('out'); print('err', file=sys.stderr); raise SystemExit(3)"
    pieces = list(stream([sys.executable, "-c", program], "", os.environ, lambda: True))
    assert b"".join(piece.stdout for piece in pieces) == b"out\n"
    assert b"".join(piece.stderr for piece in pieces) == b"err\n"
    assert pieces[-1] == Piece(exit_code=3)
