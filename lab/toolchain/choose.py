"""Are the official engine and plugins here? They are preferred: building them takes minutes, and they are the originals."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .place import cache

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Installed:
    """What was found on this machine: the CLI's version, and the versions of each resource plugin.

    A plugin on PATH carries no version; it is listed as `None` and taken as it is, as the engine takes it.
    """

    pulumi: str | None = None
    plugins: Mapping[str, frozenset[str | None]] = field(default_factory=dict)


def version(text: str) -> Version | None:
    """
    >>> version("v3.260.0-alpha.1")
    (3, 260, 0)
    """
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def official_suffices(installed: Installed, engine: str, plugins: Mapping[str, str]) -> bool:
    """Whether what is installed can run the program, whose SDKs have the versions `engine` and `plugins`.

    The engine may be newer than the SDK. A plugin must be the SDK's version, for the engine looks for exactly it.
    """
    have, need = version(installed.pulumi or ""), version(engine)
    if have is None or need is None or have < need or have[0] != need[0]:
        return False
    return all(
        not {None, wanted}.isdisjoint(installed.plugins.get(name, ())) for name, wanted in plugins.items()
    )


def look(names: tuple[str, ...]) -> Installed:
    """What is installed, without starting more than `pulumi version`.

    One that was built here is nobody's: in a shell that speaks to a lab it comes first, with its plugins for a home, and
    the lab would be told to look for those in the user's own.
    """
    pulumi = shutil.which("pulumi")
    if pulumi is None or Path(pulumi).resolve().is_relative_to(cache().resolve()):
        return Installed()
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    answer = subprocess.run(
        [pulumi, "version"], capture_output=True, text=True, check=False, timeout=60, env=environment
    )
    folder = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi")) / "plugins"
    found: dict[str, frozenset[str | None]] = {}
    for name in names:
        versions: set[str | None] = {
            file.name.removeprefix(f"resource-{name}-v")
            for file in folder.glob(f"resource-{name}-v*")
            if (file / f"pulumi-resource-{name}").exists()
        }
        if shutil.which(f"pulumi-resource-{name}"):
            versions.add(None)
        found[name] = frozenset(versions)
    return Installed(answer.stdout.strip(), found)
