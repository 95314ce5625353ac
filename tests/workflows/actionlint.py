"""actionlint, built once from its Go module: it is published as a download, and as a module that any proxy has."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

VERSION = "v1.7.12"
MODULE = "github.com/rhysd/actionlint/cmd/actionlint"


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ha-masters" / "actionlint" / VERSION


def executable() -> Path | None:
    """Where it stands; None where it isn't built yet and there is no Go."""
    built = _cache() / "actionlint"
    if built.exists():
        return built
    if shutil.which("go") is None:
        return None
    built.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=built.parent) as folder:
        subprocess.run(
            ["go", "install", f"{MODULE}@{VERSION}"],
            env=os.environ | {"GOBIN": folder, "GOFLAGS": "", "GOWORK": "off", "CGO_ENABLED": "0"},
            cwd=folder,
            check=True,
        )
        (Path(folder) / "actionlint").replace(built)
    return built
