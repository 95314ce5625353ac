"""The `lab` command, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lab.settings import CLONE


@pytest.fixture
def lab(tmp_path):
    """Runs `lab …` in a state folder of its own; what it starts is stopped at the end. Keywords add to the environment."""
    env = os.environ | {"XDG_STATE_HOME": str(tmp_path), "LAB_NAME": "cli-test"}

    def run(*arguments, **variables):
        return subprocess.run(
            [sys.executable, "-m", "lab.cli", *arguments],
            env=env | variables, cwd=CLONE, capture_output=True, text=True, timeout=120, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    yield run
    run("down")
