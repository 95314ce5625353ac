"""The lab's session: started and stopped for real, on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from lab import process
from lab.session import Session
from lab.settings import LabError, default_name
from tests.waiting import until


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("LAB_NAME", raising=False)
    return tmp_path


@pytest.fixture
def session():
    made = Session("one")
    yield made
    made.down()


def up(session, **choices):
    return session.up(guests="none", **choices)


def of_lab(session):
    """Pids of all processes that carry the lab's mark."""
    mark, found = f"{process.MARK}={session.state}".encode(), []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0") and process.started(int(entry.name)):
                found.append(int(entry.name))
    return found


def test_up_serves_and_down_leaves_no_process(session):
    assert up(session)
    assert requests.get(f"{session.url}/lab/v1/health", timeout=5).json()["status"] == "ok"
    assert of_lab(session)
    assert session.down()
    assert of_lab(session) == []
    assert not session.status().running
    assert not session.down()


def test_a_second_up_keeps_the_first(session):
    up(session)
    pid = session.status().pid
    assert not up(session)
    assert session.status().pid == pid


def test_a_second_up_can_change_the_profile(session):
    up(session)
    up(session, profile="realistic")
    assert session.status().settings.profile == "realistic"


def test_state_and_port_outlive_a_restart(session):
    up(session)
    url = session.url
    bucket = {"name": "ha-test"}
    requests.post(f"{url}/storage/v1/b?project=lab-project", json=bucket, timeout=5).raise_for_status()
    session.down()
    up(session)
    assert session.url == url
    assert requests.get(f"{url}/storage/v1/b/ha-test", timeout=5).status_code == 200


def test_a_crash_is_cleaned_by_the_next_up(session):
    up(session)
    crashed = session.status().pid
    os.kill(crashed, signal.SIGKILL)
    assert process.wait(lambda: not session.running(), 5)
    assert not session.status().running
    assert up(session)
    assert session.status().pid != crashed


def test_a_reused_pid_is_left_alone(session):
    """The file names a live process that this lab never started."""
    up(session)
    session.down()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        try:
            record = session.state / "process.json"
            record.write_text(json.dumps({"pid": stranger.pid, "started": "another time"}))
            assert not session.status().running
            assert not session.down()
            assert up(session)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_two_labs_stand_side_by_side(session):
    other = Session("two")
    try:
        up(session)
        up(other)
        assert session.url != other.url
        session.down()
        assert other.status().healthy
    finally:
        other.down()


def test_a_taken_port_is_named(session):
    up(session)
    session.down()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", session.settings.port))
        holder.listen()
        with pytest.raises(LabError, match=f"Port {session.settings.port}.*taken"):
            up(session)


def test_what_the_simulator_says_when_it_ends_at_once_is_shown(session):
    session.state.mkdir(parents=True)
    (session.state / "simulator").write_text("a file where a folder belongs")
    with pytest.raises(LabError, match="ended at once"):
        up(session)
    assert not session.running()


def test_reset_takes_all(session):
    up(session)
    session.reset()
    assert not session.state.exists()
    assert of_lab(session) == []
    assert up(session), "and a new one can be made"


@pytest.mark.parametrize("name", ["", "Up", "a/b", "..", "-x", "x" * 41])
def test_names(name):
    with pytest.raises(LabError):
        Session(name)


def test_two_clones_have_two_names(tmp_path, monkeypatch):
    first = default_name()
    monkeypatch.setattr("lab.settings.CLONE", tmp_path / "Other Clone")
    assert default_name() != first
    Session(default_name())
    monkeypatch.setenv("LAB_NAME", "mine")
    assert default_name() == "mine"


def test_the_environment_points_at_the_lab_and_forgets_real_credentials(session, monkeypatch):
    monkeypatch.setenv("GOOGLE_CREDENTIALS", "real")
    up(session)
    made = session.environment()
    assert "GOOGLE_CREDENTIALS" not in made
    assert made["GOOGLE_COMPUTE_CUSTOM_ENDPOINT"] == f"{session.url}/compute/v1/"
    assert made["PULUMI_BACKEND_URL"] == f"file://{session.state}/backend?metadata=skip"
    for folder in ("backend", "pulumi", "gcloud"):
        assert (session.state / folder).is_dir()
    assert (session.state / "token").read_text() == made["GOOGLE_OAUTH_ACCESS_TOKEN"]


def test_start_times_tell_processes_apart():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as one:
        first = process.Identity(one.pid, process.started(one.pid))
        assert first.alive()
        assert not process.Identity(one.pid, "another time").alive()
        one.kill()
        until("a zombie that is no live process", lambda: not first.alive())
