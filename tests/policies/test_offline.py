"""The pack on an exported state, without backend, cloud or key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.toolchain import ensure
from policies.offline import configuration, without_secrets
from tests.policies.state_fixture import FILE
from tests.stack.harness import ROOT

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
Analyze = Callable[[Any], subprocess.CompletedProcess[str]]


def test_secrets_are_taken_out() -> None:
    state = {
        "deployment": {
            "secrets_providers": {"type": "passphrase"},
            "resources": [{"inputs": {"a": [SECRET]}}],
        }
    }
    assert without_secrets(state) == {"deployment": {"resources": [{"inputs": {"a": ["[secret]"]}}]}}


def test_rules_on_transitions_compare_the_state_with_itself() -> None:
    merged = configuration({"address-deleted": "advisory", "api-open": "mandatory"}, "s.json")
    assert merged["address-deleted"] == {"enforcementLevel": "advisory", "stateFile": "s.json"}
    assert merged["data-disk-deleted"] == {"stateFile": "s.json"}
    assert merged["api-open"] == "mandatory"


@pytest.fixture
def analyze(tmp_path: Path) -> Analyze:
    def run(state: Any) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "state.json"
        file.write_text(json.dumps(state))
        # None of the variables that speak of a backend, a key or a cloud.
        bare = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
        return subprocess.run(
            [sys.executable, "-m", "policies.offline", str(file)],
            cwd=ROOT,
            env=bare | ensure().environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def a_state() -> dict[str, Any]:
    return dict(json.loads(FILE.read_text()))


@pytest.mark.toolchain
def test_a_good_state_passes(analyze: Analyze) -> None:
    done = analyze(a_state())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.toolchain
def test_a_state_of_two_masters_does_not(analyze: Analyze) -> None:
    state = a_state()
    for resource in state["deployment"]["resources"]:
        if resource["type"] == "ha-masters:index:ControlPlane":
            resource["inputs"]["replicas"].pop()
    done = analyze(state)
    assert done.returncode != 0
    assert "two-replicas" in done.stdout
