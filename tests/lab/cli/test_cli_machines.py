"""`lab` with a real machine: a shell in it, its console, faults, and the world outside."""

from __future__ import annotations

import json
import os
import signal

import pytest
import requests

from lab.machines.host import missing
from tests.lab.machines.cloud import Project
from tests.lab.machines.left import NOTHING, left_of
from tests.waiting import until

pytestmark = [
    pytest.mark.root,
    pytest.mark.toolchain,
    pytest.mark.skipif(bool(missing()), reason=missing()),
]


@pytest.fixture
def project(lab):
    """A lab with one machine, m1, that answers."""
    started = lab("up", "--no-toolchain")
    assert started.returncode == 0, started.stderr
    assert "Its VMs are machines" in started.stdout
    made = Project(json.loads(lab("status", "--json").stdout)["url"])
    made.network()
    made.vm("m1")
    until("m1 up", lambda: lab("ssh", "m1", "systemctl is-active multi-user.target").returncode == 0, 60)
    return made


def test_what_people_type(lab, project, tmp_path):
    """One boot for all of it."""
    told = lab("ssh", "m1", "hostname; pwd; echo here >&2; exit 7")
    assert (told.returncode, told.stdout.split(), told.stderr) == (7, ["m1", "/root"], "here\n")
    assert lab("ssh", "m1", "--", "test", "-d", "/etc/lab").returncode == 0
    assert lab("ssh", "m1", "[ -z $LAB_NAME ]").returncode == 0, "the caller's environment stays outside"
    told = lab("ssh", "m2")
    assert told.returncode == 1
    assert "No machine m2 is on. There are: m1." in told.stderr

    assert "systemd" in lab("console", "m1").stdout
    assert len(lab("console", "m1", "-n", "2").stdout.splitlines()) == 2
    assert "There are consoles of: m1." in lab("console", "m2").stderr

    assert lab("net").stdout.startswith("FROM")

    told = lab("client", "sh", "-c", "echo $KUBECONFIG; command -v kubectl; ip -o -4 address; exit 5")
    assert told.returncode == 5
    assert told.stdout.splitlines()[0] == str(tmp_path / "ha-masters/labs/cli-test/kubeconfig")
    assert told.stdout.splitlines()[1].endswith("/bin/kubectl")
    assert "198.51.100.10/24" in told.stdout
    assert lab("client", "printenv", "KUBECONFIG", KUBECONFIG="/mine").stdout == "/mine\n"
    assert "no kubeconfig yet" in lab("client", "kubectl", "version", "--client").stderr
    assert lab("client", "nosuch").returncode != 0

    told = lab("status")
    assert "machines   m1  on" in told.stdout
    assert json.loads(lab("status", "--json").stdout)["machines"]["m1"] > 1 << 20

    assert "no machine m2; there are: m1" in lab("fault", "halt", "m2").stderr
    assert "--from goes with partition" in lab("fault", "halt", "m1", "--from", "m2").stderr
    assert lab("fault", "flood", "m1").returncode == 2
    assert lab("fault", "halt", "m1").stdout == "halt m1\n"
    assert "machines   m1  off" in lab("status").stdout
    assert "No machine m1 is on" in lab("ssh", "m1").stderr
    assert "no machine runs in zone" in lab("fault", "zone-outage", "europe-west1-b").stderr
    assert "no machine m2; there are: m1" in lab("start", "m2").stderr
    assert lab("start", "m1").stdout == "start m1\n"
    until("m1 up again", lambda: lab("ssh", "m1", "true").returncode == 0, 60)
    assert lab("fault", "zone-outage", "europe-west1-b").stdout == "zone-outage europe-west1-b: m1\n"

    assert lab("start", "m1").returncode == 0
    folder = tmp_path / "ha-masters/labs/cli-test/simulator"
    until("a machine to leave behind", lambda: left_of(folder)["processes"])
    os.kill(json.loads(lab("status", "--json").stdout)["pid"], signal.SIGKILL)
    assert lab("status").returncode == 3
    assert lab("down").returncode == 0
    assert left_of(folder) == NOTHING
    assert lab("console", "m1").returncode == 0, "kept"
    with pytest.raises(requests.ConnectionError):
        requests.get(project.api.url, timeout=1)
    assert "Its VMs are a model" in lab("up", "--no-toolchain", "--guests", "model").stdout
    assert "no machines" in lab("net").stderr
