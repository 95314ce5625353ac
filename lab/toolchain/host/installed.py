"""Which packages a project's environment holds, by whoever the official host asks: pip, or the lock file of uv or Poetry.

The official host runs `python -m pip list` where it sees no lock file, and no command of the engine begins when that fails:
an environment without pip, as `uv venv` makes it, is refused. So it is here, or the lab would hide it.
Source: pulumi/pulumi at v3.259.0, sdk/python/toolchain: toolchain.go (ResolveToolchain), pip.go, uv.go, lockfile.go.
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

LOCKS = {"uv": "uv.lock", "poetry": "poetry.lock"}


class ListingError(Exception):
    """The packages can't be listed. The message is the official host's."""


def chosen(program: Path, options: Mapping[str, object]) -> str:
    """pip, uv or poetry: what the project names, or whose lock file stands in the program's folder or above it."""
    if named := options.get("toolchain"):
        return str(named)
    return next((name for name, lock in LOCKS.items() if _above(program, lock)), "pip")


def listed(
    by: str, python: Sequence[str | Path], environment: Mapping[str, str], program: Path, *, transitive: bool
) -> dict[str, str]:
    """The version of each installed package by its plain name, or of those alone that nothing else needs.

    Raises ListingError where the official host fails.
    """
    return (
        _by_lock(program, LOCKS[by], transitive) if by in LOCKS else _by_pip(python, environment, transitive)
    )


def plain(name: str) -> str:
    """A package's name as the official host compares it.

    >>> plain("Pulumi_GCP")
    'pulumi-gcp'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def _by_pip(python: Sequence[str | Path], environment: Mapping[str, str], transitive: bool) -> dict[str, str]:
    command = [*map(str, python), "-m", "pip", "list", "--format", "json"]
    if not transitive:
        command.append("--not-required")
    asked = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if asked.returncode:
        raise ListingError(f"calling `{' '.join(command)}`: exit status {asked.returncode}")
    try:
        return {plain(each["name"]): str(each["version"]) for each in json.loads(asked.stdout)}
    except ValueError as strange:
        raise ListingError(f"parsing `python {' '.join(command)}` output: {strange}") from strange


def _by_lock(program: Path, name: str, transitive: bool) -> dict[str, str]:
    folder = _above(program, name)
    if folder is None:
        raise ListingError(f"could not find {name}: file does not exist")
    packages = _read(folder / name).get("package", [])
    # The project itself is in uv's list, as a package that is installed nowhere.
    found = {
        plain(each["name"]): str(each.get("version", ""))
        for each in packages
        if not each.get("source", {}).get("virtual")
    }
    if transitive:
        return found
    direct = set(_direct(_read(folder / "pyproject.toml")))
    return {name: version for name, version in found.items() if name in direct}


def _direct(project: Mapping[str, Any]) -> Iterator[str]:
    for requirement in project.get("project", {}).get("dependencies", []):
        if found := re.match(r"[A-Za-z0-9._-]+", requirement):
            yield plain(found[0])
    yield from map(plain, project.get("tool", {}).get("poetry", {}).get("dependencies", {}))


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as failed:
        raise ListingError(f"could not read {file}: {failed}") from failed


def _above(folder: Path, name: str) -> Path | None:
    """The first folder, from this one up, that holds a file of that name."""
    return next((each for each in (folder, *folder.parents) if (each / name).exists()), None)
