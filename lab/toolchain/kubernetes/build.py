"""Builds a group once per key, by one process at a time, resumable, and never half: as the toolchain's own build does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from lab.toolchain import golang, place
from lab.toolchain.build import ToolchainUnavailableError
from lab.toolchain.lock import held
from lab.toolchain.recipe import go_version

from . import recipe

Progress = Callable[[str], None]


def cache() -> Path:
    return place.cache().parent / "kubernetes"


def ensure(group: str, progress: Progress = print) -> Path:
    """The folder with the group's executables (`etcd`, `kubernetes`, `coredns`, or such as `etcd-3.7.3`), built if need be.

    Raises ToolchainUnavailableError without Go, and golang.BuildFailedError with what Go said.
    """
    if shutil.which("go") is None:
        raise ToolchainUnavailableError(f"There is no Go to build {group} with: install Go 1.26 or newer.")
    folder = cache() / recipe.key(group, go_version())
    if not folder.exists():
        with held(folder.with_suffix(".lock"), f"another process builds {group}", progress):
            if not folder.exists():
                _build(group, folder, progress)
    return folder / "bin"


def _build(group: str, folder: Path, progress: Progress) -> None:
    building = folder.with_suffix(".building")
    parts = [part for part in recipe.groups()[group] if not (building / part.target).exists()]
    estimate = golang.Estimate({part.name: part.seconds for part in parts})
    compiled: frozenset[str] = frozenset()
    progress(f"building {group}, about {estimate.left()} the first time")
    for part in parts:
        needed = golang.packages(part)
        golang.build(part, building / part.target, len(needed - compiled), estimate, progress)
        compiled |= needed
    building.rename(folder)
