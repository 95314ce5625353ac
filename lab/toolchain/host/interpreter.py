"""Which Python a project's `runtime` options ask for, and what is installed there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .installed import plain


class InterpreterMissingError(Exception):
    """The project names a virtual environment that is not there."""


@dataclass(frozen=True)
class Interpreter:
    """A Python and, where it has one, its virtual environment."""

    python: Path
    virtualenv: Path | None

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base`, with the virtual environment active as its `activate` script would leave it."""
        made = dict(base)
        if self.virtualenv is not None:
            made["VIRTUAL_ENV"] = str(self.virtualenv)
            made["PATH"] = os.pathsep.join([str(self.virtualenv / "bin"), made.get("PATH", "")])
            made.pop("PYTHONHOME", None)
        return made

    def site_packages(self) -> list[Path]:
        """The folders that hold installed packages. Reading them costs no start of the interpreter."""
        if self.virtualenv is not None:
            return sorted(self.virtualenv.glob("lib/python*/site-packages"))
        return [Path(entry) for entry in sys.path if entry.endswith("site-packages")]

    def version(self) -> str:
        """Its version, such as 3.11.7."""
        asked = subprocess.run([self.python, "--version"], capture_output=True, text=True, check=True)
        return asked.stdout.strip().removeprefix("Python ")


def interpreter(root: Path, options: Mapping[str, object]) -> Interpreter:
    """The interpreter for a project in `root`: its virtual environment, or else the Python that runs this host.

    The options are those of `runtime` in Pulumi.yaml or PulumiPolicy.yaml: `virtualenv` is relative to `root`, and
    `toolchain: uv` means `.venv` where nothing else is named, and `poetry` the one that Poetry keeps for the project.
    """
    named = options.get("virtualenv") or (".venv" if options.get("toolchain") == "uv" else None)
    if named is None and options.get("toolchain") == "poetry":
        named = _of_poetry(root)
    if named is None:
        active = os.environ.get("VIRTUAL_ENV")
        return Interpreter(Path(sys.executable), Path(active) if active else None)
    virtualenv = Path(os.path.normpath(root / str(named)))
    python = virtualenv / "bin" / "python"
    if not python.exists():
        raise InterpreterMissingError(
            f"The 'virtualenv' option is {str(named)!r}, but {virtualenv} has no Python.\n"
            "Make it with `pulumi install`, or `make setup`, and try again."
        )
    return Interpreter(python, virtualenv)


def _of_poetry(root: Path) -> str:
    """Where Poetry keeps the project's virtual environment. Source: sdk/python/toolchain/poetry.go, VirtualEnvPath."""
    try:
        asked = subprocess.run(
            ["poetry", "env", "info", "--path"], cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as failed:
        raise InterpreterMissingError(f"failed to get venv path: {failed}") from failed
    return asked.stdout.strip()


@dataclass(frozen=True)
class PluginPackage:
    """A provider that an installed Python package says it needs."""

    name: str
    version: str
    server: str


def plugin_packages(of: Interpreter, listed: Collection[str]) -> Iterator[PluginPackage]:
    """The providers that packages among `listed` name in `pulumi-plugin.json`, those that can be started here.

    The engine refuses to begin when one is missing, even one that the program never uses, and a lab without
    downloads cannot fetch it; so a package whose plugin is not here is left out, and missed only when it is used.
    """
    for folder in of.site_packages():
        for file in sorted(folder.glob("*/pulumi-plugin.json")):
            described = json.loads(file.read_text())
            name = described.get("name") or file.parent.name.removeprefix("pulumi_")
            if plain(file.parent.name) in listed and described.get("resource") and _can_start(name):
                yield PluginPackage(name, described.get("version", ""), described.get("server", ""))


def _can_start(name: str) -> bool:
    home = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    return shutil.which(f"pulumi-resource-{name}") is not None or any(
        home.glob(f"plugins/resource-{name}-v*")
    )
