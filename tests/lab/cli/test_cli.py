"""The `lab` command as a user types it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.cli.stack import ready
from lab.cli.start import choose
from lab.settings import LabError


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


@pytest.mark.parametrize(
    ("asked", "kept", "obstacle", "chosen", "said"),
    [
        pytest.param(None, None, "", "machines", "are machines", id="machines where they can run"),
        pytest.param(
            None,
            None,
            "machines need root",
            "model",
            "because machines need root",
            id="else a model, and why",
        ),
        pytest.param(None, "model", "", "model", "lab up --guests machines", id="a lab of models stays one"),
        pytest.param("machines", "model", "", "machines", "are machines", id="unless asked for"),
        pytest.param("model", "machines", "", "model", "are a model", id="and the other way round"),
        pytest.param(
            None,
            "model",
            "machines need root",
            "model",
            "machines need root",
            id="a model where there is no other",
        ),
        pytest.param("none", "machines", "", "none", "documents", id="documents alone"),
    ],
)
def test_what_vms_are(asked, kept, obstacle, chosen, said):
    guests, why = choose(asked, kept, obstacle)
    assert guests == chosen
    assert said in why


@pytest.mark.parametrize(("asked", "kept"), [("machines", None), (None, "machines")])
def test_machines_where_none_can_run_are_an_error_with_a_way_out(asked, kept):
    with pytest.raises(LabError, match=r"machines need root.*--guests model"):
        choose(asked, kept, "machines need root")


def node(name, status):
    conditions = [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": status}]
    return {"kind": "Node", "metadata": {"name": name}, "status": {"conditions": conditions}}


def lease(name, at):
    renewed = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"kind": "Lease", "metadata": {"name": name}, "spec": {"renewTime": renewed}}


def test_a_node_is_ready_that_says_so_and_was_heard_of_lately():
    now = datetime.now(UTC)
    nodes = [node("m1", "True"), node("m2", "False"), node("m3", "True"), node("m4", "True")]
    leases = [lease("m1", now), lease("m2", now), lease("m3", now - timedelta(seconds=35))]
    assert ready([*nodes, *leases], now) == {"m1"}
    assert ready([], now) == set()


@pytest.mark.parametrize(
    "command",
    [["ssh", "m1"], ["console", "m1"], ["net"], ["fault", "halt", "m1"], ["client", "true"]],
    ids=lambda c: c[0],
)
def test_a_lab_without_machines_says_how_to_have_them(lab, command):
    start(lab)
    told = lab(*command)
    assert told.returncode == 1
    assert "has no machines" in told.stderr
    assert "lab up --guests machines" in told.stderr


@pytest.mark.parametrize("command", [["ssh", "m1"], ["net"], ["start", "m1"], ["nodes"]], ids=lambda c: c[0])
def test_a_lab_that_is_down_says_how_to_start_it(lab, command):
    start(lab)
    lab("down")
    told = lab(*command)
    assert told.returncode == 1
    assert "is down. Start it: lab up" in told.stderr


def test_without_machines_there_are_no_nodes_to_wait_for(lab):
    start(lab)
    told = lab("nodes")
    assert told.returncode == 0
    assert "No machine runs in this lab" in told.stdout


@pytest.fixture
def pulumi(tmp_path, monkeypatch):
    """Stands in for the engine: the stack `dev` has one output, and it is in the environment of the lab."""
    folder = tmp_path / "engine"
    folder.mkdir()
    program = folder / "pulumi"
    program.write_text(
        '#!/bin/sh\n[ "$PULUMI_CONFIG_PASSPHRASE" = lab ] || exit 9\n'
        '[ "$*" = "stack output kubeconfig --show-secrets --stack dev" ] && echo "apiVersion: v1" && exit\n'
        'echo "error: no stack named $6" >&2; exit 255\n'
    )
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_kubeconfig_is_its_owners_only(lab, pulumi):
    start(lab)
    told = lab("kubeconfig", **pulumi)
    assert told.returncode == 0, told.stderr
    file = Path(told.stdout.splitlines()[0])
    assert "leads nowhere" in told.stdout
    assert file.read_text() == "apiVersion: v1\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_stack_that_is_not_there_is_named(lab, pulumi):
    start(lab)
    told = lab("kubeconfig", "--stack", "prod", **pulumi)
    assert told.returncode == 1
    assert "no stack named prod" in told.stderr


def test_a_reader_that_has_seen_enough_is_no_error(lab):
    start(lab)
    shown = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m lab.cli --help | head -1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.stderr == ""
