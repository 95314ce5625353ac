"""The plan and the outputs tell the truth about now (case 08)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Living
from tests.stack.harness import Stack

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1, M2, M3 = "m1/b", "m2/c", "m3/d"
DRIFT = Path(__file__).parents[2] / ".github" / "workflows" / "drift.yml"


def passes_by_night(output: str) -> bool:
    """As the nightly check judges what a preview has printed."""
    (pattern,) = re.findall(r"--extended-regexp '(.*)'", DRIFT.read_text())
    return re.search(pattern, output, re.MULTILINE) is not None


def told(stack: Stack) -> tuple[int, dict[str, Any]]:
    """What `python -m admin status` says to programs, and its exit status."""
    code, said = admin(stack, "status", "--json")
    return code, json.loads(said)


def admin(stack: Stack, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "admin", *words],
        cwd=stack.folder,
        env=stack.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout, done.stderr
    return done.returncode, done.stdout


def test_a_stopped_master_is_told_and_fails_the_check_by_night(living: Living) -> None:
    stack = living([M1, M2, M3])
    outputs = stack.outputs()
    assert (outputs["failuresTolerated"], outputs["failuresToleratedNow"]) == (1, 1)
    well = stack.preview([M1, M2, M3], "--refresh", "--diff", "--expect-no-changes").output
    assert "dev now: all is well: 3 masters serve, 1 failure tolerated." in well
    assert passes_by_night(well)
    code, status = told(stack)
    assert (code, status["verdict"], status["address"]) == (0, "well", outputs["address"])
    assert [(row["master"], row["machine"], row["serves"]) for row in status["masters"]] == [
        ("m1-b", "RUNNING", "serving"),
        ("m2-c", "RUNNING", "serving"),
        ("m3-d", "RUNNING", "serving"),
    ]
    stack.cloud.compute("POST", "zones/europe-west1-c/instances/dev-m2-c/stop")
    ill = stack.preview([M1, M2, M3], "--refresh", "--diff").output
    assert "dev now: tolerates 1 failure by design, none now: m2-c is TERMINATED." in ill
    assert "m2-c is TERMINATED: `pulumi up` starts it." in ill
    assert re.search(r"failuresToleratedNow *: 1 => 0", ill)
    assert not passes_by_night(ill)
    code, status = told(stack)
    assert (code, status["verdict"], status["masters"][1]["machine"]) == (1, "mend", "TERMINATED")
    assert "m2-c is TERMINATED: `pulumi up` starts it." in status["findings"]
    code, metrics = admin(stack, "metrics")
    assert code == 0
    for line in ('master_serving{cluster="dev",master="m2-c"} 0.0', 'failures_tolerated{cluster="dev"} 0.0'):
        assert f"ha_masters_{line}" in metrics.splitlines()


def test_swapping_the_only_master_that_is_down_is_told_to_be_in_vain(living: Living) -> None:
    stack = living([M1])
    stack.cloud.compute("POST", "zones/europe-west1-b/instances/dev-m1-b/stop")
    output = stack.preview([M2], check=False).output
    assert "dev now: quorum is lost" in output
    assert "The only copy of the cluster's data is on the disk of m1-b" in output
