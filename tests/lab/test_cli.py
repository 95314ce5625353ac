"""The `lab` command as a user types it."""

import json
import os
import subprocess
import sys

import pytest

from lab.settings import CLONE


@pytest.fixture
def lab(tmp_path):
    """Runs `lab …` in a state folder of its own; what it starts is stopped at the end."""
    env = os.environ | {"XDG_STATE_HOME": str(tmp_path), "LAB_NAME": "cli-test"}

    def run(*arguments, **options):
        return subprocess.run(
            [sys.executable, "-m", "lab.cli", *arguments],
            env=env, cwd=CLONE, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
            **options,
        )  # fmt: skip

    yield run
    run("down")


def start(lab, *more):
    started = lab("up", "--no-toolchain", "--guests", "none", *more)
    assert started.returncode == 0, started.stderr
    return started


def test_up_says_how_to_go_on(lab):
    first = start(lab)
    assert 'eval "$(uv run lab env)"' in first.stdout
    assert "was up already" in start(lab).stdout


def test_status_tells_and_exits_as_the_lab_is(lab):
    start(lab, "--profile", "realistic")
    told = lab("status", "--json")
    assert told.returncode == 0
    found = json.loads(told.stdout)
    assert (found["name"], found["healthy"], found["settings"]["profile"]) == ("cli-test", True, "realistic")
    assert "up" in lab("status").stdout
    assert "is down" in lab("down").stdout
    assert lab("status").returncode == 3


def test_without_a_lab_each_command_says_what_to_do(lab):
    for command in ("down", "status", "logs", "env", "reset"):
        told = lab(command)
        assert told.returncode == 1
        assert "Make it: lab up" in told.stderr


def test_the_environment_evaluates_in_a_shell(lab):
    start(lab)
    script = lab("env").stdout
    shown = subprocess.run(
        ["sh", "-ec", f'{script}\n{script}\necho "$PULUMI_CONFIG_PASSPHRASE $CLOUDSDK_CORE_PROJECT $LAB_NAME"'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert shown.stdout.split() == ["lab", "lab-project", "cli-test"]


def test_env_warns_when_the_lab_is_down(lab):
    start(lab)
    lab("down")
    told = lab("env")
    assert "export GOOGLE_COMPUTE_CUSTOM_ENDPOINT=" in told.stdout
    assert "is down" in told.stderr


def test_reset_asks(lab):
    start(lab)
    refused = lab("reset")
    assert refused.returncode == 1
    assert "--yes" in refused.stderr
    assert lab("status").returncode == 0
    assert lab("reset", "--yes").returncode == 0
    assert lab("status").returncode == 1


def test_logs(lab):
    start(lab)
    told = lab("logs", "-n", "5")
    assert told.returncode == 0
    assert "http://127.0.0.1:" in told.stdout
