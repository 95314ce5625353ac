"""The releases that a living cluster may come from: their commits, and their programs as folders."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from tests.stack.harness import ROOT

RELEASES = ROOT / "releases.yaml"
TRIED = 2


def releases() -> dict[str, str]:
    """Version → commit of the last two, the newest first."""
    known: dict[str, str] = yaml.safe_load(RELEASES.read_text())
    return dict(list(known.items())[:TRIED])


def is_here(commit: str) -> bool:
    """A shallow clone has no history."""
    found = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, capture_output=True, check=False
    )
    return found.returncode == 0


def program(commit: str, folder: Path) -> Path:
    """The release's own files, in `folder`."""
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
    return folder
