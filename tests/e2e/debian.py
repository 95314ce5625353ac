"""Debian's packages, unpacked beside the machines' root: what test images are made of. Needs Debian's mirror."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

SECONDS = 300
"""Of one command of apt or dpkg, at most."""
LIBRARIES = "usr/lib/x86_64-linux-gnu"
_LOADER = "lib64/ld-linux-x86-64.so.2"


def unpacked(packages: Iterable[str], root: Path, folder: Path) -> Path:
    """A folder within `folder` with these packages of the suite that `root` is of, and with what they need beside it."""
    into, lists, cache = folder / "root", folder / "lists", folder / "cache"
    for each in (into, lists, cache / "archives" / "partial"):
        each.mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::Etc::sourcelist": root / "etc/apt/sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": lists,
        "Dir::State::status": root / "var/lib/dpkg/status",
        "Dir::Cache": cache,
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "--quiet", "--quiet", *(f"--option={key}={value}" for key, value in options.items())]
    _run(*apt, "update", folder=folder)
    _run(*apt, "--yes", "--no-install-recommends", "--download-only", "install", *packages, folder=folder)
    for package in cache.glob("archives/*.deb"):
        _run("dpkg-deb", "--extract", str(package), str(into), folder=folder)
    return into


def libraries(program: Path, *roots: Path) -> dict[str, Path]:
    """What a program loads from the first of `roots` that has it, the loader with it, by its path in an image."""
    loader = next(root / _LOADER for root in roots if (root / _LOADER).exists())
    folders = [root / LIBRARIES for root in roots]
    path = ":".join(map(str, folders))
    said = _run(str(loader), "--library-path", path, "--list", str(program), folder=roots[0])
    found = {f"/{_LOADER}": loader.resolve()}
    for line in said.splitlines():
        name, _, place = line.strip().partition(" => ")
        if place and not name.startswith("/"):
            found[f"/lib/x86_64-linux-gnu/{name}"] = Path(place.rpartition(" (")[0]).resolve()
    return found


def _run(*command: str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout
