"""`python -m admin heal` on the engine: a master that was stopped comes back, once, and the budget has it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import Living
from tests.stack.harness import Stack

pytestmark = [pytest.mark.toolchain, pytest.mark.slow, pytest.mark.matrix]

M1, M2, M3 = "m1/b", "m2/c", "m3/d"
PATH = "zones/europe-west1-c/instances/dev-m2-c"
AT_ONCE = """
import sys
from admin.heal import command
command.LEAST_SILENCE = 0.0
sys.exit(command.main([*sys.argv[1:], "--json", "--silent-minutes", "0"]))
"""
"""Nobody waits for minutes here: without the floor below which an operator's patience can't be."""


def heal(stack: Stack, *words: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE, *words],
        cwd=stack.folder,
        env=stack.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_master_that_was_stopped_is_healed_once(living: Living) -> None:
    stack = living([M1, M2, M3])
    stack.configure([M1, M2, M3])
    said = heal(stack, "--yes")[1]
    assert said["outcome"] == "nothing", said
    before = stack.cloud.compute("GET", PATH)["id"]
    stack.cloud.compute("POST", f"{PATH}/stop")
    code, said = heal(stack)
    assert (code, said["outcome"], said["replica"], said["command"]) == (
        4,
        "heal",
        "m2-c",
        "pulumi up --yes",
    ), said
    code, said = heal(stack, "--yes")
    assert (code, said["outcome"]) == (0, "healed"), said
    after = stack.cloud.compute("GET", PATH)
    assert (after["status"], after["id"]) == ("RUNNING", before)
    stack.cloud.compute("POST", f"{PATH}/stop")
    code, said = heal(stack, "--yes")
    assert (code, said["says"]) == (
        1,
        "m2-c was healed within the last day and is ill again: a person has to look why.",
    )
