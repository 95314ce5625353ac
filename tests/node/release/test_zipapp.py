"""The zipapp that machines run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from node.release import zipapp


def test_the_same_sources_make_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = zipapp.zipapp()
    copy = tmp_path / "elsewhere"
    shutil.copytree(zipapp.NODE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for file in copy.rglob("*.py"):
        os.utime(file, (0, 0))
        file.chmod(0o600)
    monkeypatch.setattr(zipapp, "NODE", copy)
    assert zipapp.sha256(zipapp.zipapp()) == zipapp.sha256(made)


@pytest.mark.parametrize(
    "module",
    ["node.bootstrap.command", "node.agent.command", "node.worker.command", "node.worker.credential"],
)
def test_it_needs_nothing_but_the_standard_library(tmp_path: Path, module: str) -> None:
    target = tmp_path / "node.pyz"
    target.write_bytes(zipapp.zipapp())
    load = f"import sys; sys.path = ['{target}', *[p for p in sys.path if 'site-packages' not in p]]; import {module}"
    subprocess.run([sys.executable, "-I", "-S", "-c", load], check=True, cwd=tmp_path)


def test_without_a_task_it_says_which_there_are(tmp_path: Path) -> None:
    target = tmp_path / "node.pyz"
    target.write_bytes(zipapp.zipapp())
    done = subprocess.run([sys.executable, target], capture_output=True, text=True, check=False)
    assert (done.returncode, "bootstrap" in done.stderr) == (1, True)
