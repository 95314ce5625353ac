"""Make the toolchain stand: once per key, by one process at a time, resumable, and never half.

Everything is built in `<key>.building`, where a finished executable is kept, so that an interrupted build goes on
where it stopped. The folder takes its own name when all is there, and what has its own name is whole.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import choose, golang, recipe
from .lock import held
from .place import Toolchain, cache

Progress = Callable[[str], None]

# The engine starts this; the interpreter is the project's own where the lab did not name one.
HOST = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
for python in "$HA_MASTERS_PYTHON" "$PWD/.venv/bin/python" "$VIRTUAL_ENV/bin/python" "$(command -v python3)"; do
    [ -x "$python" ] && break
done
export HA_MASTERS_TOOLCHAIN="$here" HA_MASTERS_PULUMI={version}
exec "$python" -c "import sys; sys.path[0] = '$here/../lib'; from host.__main__ import main; main()" "$@"
"""


class ToolchainUnavailableError(Exception):
    """Neither the official tools nor Go are here."""


def ensure(progress: Progress = print) -> Toolchain:
    """The toolchain, built if need be. `progress` gets a line every few seconds while it is.

    Raises ToolchainUnavailableError where it can be neither found nor built, and BuildFailedError with what Go said.
    """
    wanted = {name: recipe.installed(f"pulumi-{name}") for name in recipe.PROVIDERS}
    found = choose.look(recipe.PROVIDERS)
    if choose.official_suffices(found, recipe.ENGINE, wanted):
        pulumi = shutil.which("pulumi")
        assert pulumi is not None
        return Toolchain(bin=Path(pulumi).parent)
    if shutil.which("go") is None:
        raise ToolchainUnavailableError(
            f"No pulumi {recipe.ENGINE} or newer with its plugins gcp and tls is installed, and no Go to build them."
            " Install either: pulumi with `pulumi plugin install`, or Go 1.26."
        )
    folder = cache() / recipe.key(recipe.go_version())
    if not folder.exists():
        with held(folder.with_suffix(".lock"), "another process builds the toolchain", progress):
            if not folder.exists():
                _build(folder, progress)
    return Toolchain(bin=folder / "bin", home=folder / "home")


def _build(folder: Path, progress: Progress) -> None:
    started = time.monotonic()
    building = folder.with_suffix(".building")
    building.mkdir(parents=True, exist_ok=True)
    parts = recipe.parts()
    missing = [part for part in parts if not (building / part.target).exists()]
    estimate = golang.Estimate({part.name: part.seconds for part in missing})
    if missing:
        progress(f"building the engine and the providers, about {estimate.left()} the first time")
    with ThreadPoolExecutor(max_workers=1) as fetching:
        # The modules of the next part are fetched while this one compiles.
        packages = {part.name: fetching.submit(golang.packages, part) for part in missing}
        compiled: frozenset[str] = frozenset()
        for part in missing:
            needed = packages[part.name].result()
            begun = time.monotonic()
            golang.build(part, building / part.target, len(needed - compiled), estimate, progress)
            compiled |= needed
            progress(f"{part.name} built in {time.monotonic() - begun:.0f} s")
    _install_scripts(building)
    _share_selected_stacks(building / "home")
    building.rename(folder)
    progress(f"toolchain built in {time.monotonic() - started:.0f} s")


def _install_scripts(folder: Path) -> None:
    """The Python side: the SDK's own scripts, the language host, and the shell script that starts it."""
    sdk = golang.sdk_folder() / "python"
    for source in (
        sdk / "cmd" / "pulumi-language-python-exec",
        sdk / "dist" / "pulumi-resource-pulumi-python",
    ):
        _executable(folder / "bin" / source.name, source.read_text())
    _executable(folder / "bin" / "pulumi-language-python", HOST.replace("{version}", recipe.ENGINE))
    library = folder / "lib" / "host"
    library.mkdir(parents=True, exist_ok=True)
    for module in (recipe.HERE / "host").glob("*.py"):
        shutil.copyfile(module, library / module.name)


def _share_selected_stacks(home: Path) -> None:
    """The engine remembers the selected stack in its home; a toolchain built anew must not forget it."""
    shared = cache() / "workspaces"
    shared.mkdir(exist_ok=True)
    link = home / "workspaces"
    home.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(shared)


def _executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
