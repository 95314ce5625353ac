"""Which Python the language host runs, and what it tells the engine of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pip
import pytest

from lab.toolchain.host.child import Piece, run, stream
from lab.toolchain.host.installed import ListingError, chosen, listed
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
    for name in ("gcp", "kubernetes", "left"):
        (packages / f"pulumi_{name}").mkdir(parents=True)
        (packages / f"pulumi_{name}" / "pulumi-plugin.json").write_text(
            json.dumps({"resource": True, "name": name, "version": "1.0.0"})
        )
    for name in ("gcp", "left"):
        (tmp_path / "home" / "plugins" / f"resource-{name}-v1.0.0").mkdir(parents=True)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "/nowhere")
    of = Interpreter(project / ".venv" / "bin" / "python", project / ".venv")
    listed = {"pulumi-gcp": "1.0.0", "pulumi-kubernetes": "1.0.0"}
    assert [found.name for found in plugin_packages(of, listed)] == ["gcp"]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A virtual environment with pip and one package, as they lie in a folder of packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "own"], check=True)
    packages = next((tmp_path / "own").glob("lib/python*/site-packages"))
    (packages / "pip").symlink_to(Path(str(pip.__file__)).parent)
    metadata = packages / "Pulumi_GCP-10.2.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: pulumi_gcp\nVersion: 10.2.0\n")
    return tmp_path / "own"


def by_pip(environment: Path) -> dict[str, str]:
    python = Interpreter(environment / "bin" / "python", environment)
    return listed("pip", [python.python], python.environment(os.environ), environment, transitive=True)


def test_pip_says_what_is_installed(own: Path) -> None:
    assert by_pip(own) == {"pulumi-gcp": "10.2.0"}


def test_an_environment_without_pip_is_refused_as_the_official_host_refuses_it(own: Path) -> None:
    next(own.glob("lib/python*/site-packages/pip")).unlink()
    with pytest.raises(
        ListingError, match=r"^calling `.*/own/bin/python -m pip list --format json`: exit status 1$"
    ):
        by_pip(own)


UV_LOCK = """
version = 1
[[package]]
name = "program"
version = "0.1.0"
source = { virtual = "." }
[[package]]
name = "pulumi-gcp"
version = "10.2.0"
source = { registry = "https://example.com/simple" }
[[package]]
name = "grpcio"
version = "1.0.0"
"""


@pytest.mark.parametrize(
    ("transitive", "packages"),
    [
        pytest.param(True, {"pulumi-gcp": "10.2.0", "grpcio": "1.0.0"}, id="all"),
        pytest.param(False, {"pulumi-gcp": "10.2.0"}, id="what the project names"),
    ],
)
def test_uv_needs_no_pip(tmp_path: Path, transitive: bool, packages: dict[str, str]) -> None:
    (tmp_path / "uv.lock").write_text(UV_LOCK)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "program"\ndependencies = ["pulumi_gcp>=10"]\n'
    )
    assert listed("uv", ["/nowhere"], {}, tmp_path, transitive=transitive) == packages


def test_uv_without_its_lock_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ListingError, match=r"could not find uv\.lock"):
        listed("uv", ["/nowhere"], {}, tmp_path, transitive=True)


@pytest.mark.parametrize(
    ("files", "options", "by"),
    [
        pytest.param([], {}, "pip", id="no lock file"),
        pytest.param(["uv.lock"], {}, "uv", id="uv's"),
        pytest.param(["poetry.lock"], {}, "poetry", id="Poetry's"),
        pytest.param(["requirements.lock"], {}, "pip", id="another's"),
        pytest.param(["uv.lock"], {"toolchain": "pip"}, "pip", id="what is named comes first"),
    ],
)
def test_who_is_asked_for_packages(
    tmp_path: Path, files: list[str], options: dict[str, object], by: str
) -> None:
    for name in files:
        (tmp_path / name).touch()
    (tmp_path / "program").mkdir()
    assert chosen(tmp_path / "program", options) == by


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
