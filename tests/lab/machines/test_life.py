"""One VM as a real machine, ordered through the API. No program of ours runs in it: only Debian, which boots."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.machines import cgroups, image, leftovers, tag
from lab.machines.container import entered
from lab.machines.host import missing
from lab.machines.slot import SHUTDOWN_SECONDS
from node.host import paths
from node.manifests.units import AGENT, KUBELET, agent_unit
from tests.lab.machines.cloud import ZONE, Project
from tests.lab.machines.left import CGROUPS, NOTHING, frozen, left_of
from tests.waiting import until

pytestmark = [
    pytest.mark.root,
    pytest.mark.toolchain,
    pytest.mark.skipif(bool(missing()), reason=missing()),
]

CLONE = Path(__file__).parents[3]
BOOT_SECONDS = 60.0
OFF_SECONDS = SHUTDOWN_SECONDS + 30
SLOW = "/run/systemd/system/slow.service"
UNIT = """[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/bash -c 'sleep 3; echo orderly > /root/kept; sync'
"""
AGENT_THAT_LOOKS = """trap 'sleep 3
echo $(systemctl is-system-running) $(systemctl is-active kubelet etcd.scope) > /root/seen
sync; exit' TERM
sleep infinity & wait
"""
ETCD = """
until systemctl is-active etcd.scope; do
  nohup systemd-run --scope --unit etcd -p DefaultDependencies=no sleep infinity > /dev/null 2>&1 &
  sleep 0.5
done
"""
"""As runc makes a container's scope: opencontainers/cgroups, systemd/common.go."""


@dataclass
class Site:
    """A simulator in a process of its own, as `lab up` starts it, and its folder."""

    folder: Path
    process: subprocess.Popen[bytes]
    project: Project

    def boot(self, name: str = "m1", data_gb: int = 0) -> None:
        self.project.vm(name, data_gb=data_gb)
        self.booted(name)

    def booted(self, name: str = "m1") -> None:
        """Until systemd answers inside."""
        until(
            f"{name} up",
            lambda: self.inside(name, "systemctl", "is-active", "multi-user.target") == 0,
            BOOT_SECONDS,
        )

    def pid(self, name: str = "m1") -> int:
        return self.project.machines().get(name, {}).get("pid", 0)

    def inside(self, name: str, *command: str) -> int:
        """A command's exit code; 255 if there is no machine."""
        if not (pid := self.pid(name)):
            return 255
        return subprocess.run(entered(pid, *command), capture_output=True, check=False, timeout=30).returncode

    def shell(self, script: str, name: str = "m1") -> int:
        return self.inside(name, "bash", "-ec", script)

    def said(self, script: str, name: str = "m1") -> str:
        """What a command in the machine says, on both outputs."""
        command = entered(self.pid(name), "bash", "-ec", script)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        return done.stdout + done.stderr

    def left(self) -> dict[str, list[str]]:
        return left_of(self.folder)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(60)


@contextmanager
def running(folder: Path, *, fresh: bool = True) -> Iterator[Site]:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "lab.serve", "--state", str(folder), "--guests", "machines"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=CLONE, stdout=log, stderr=log, start_new_session=True)
    try:

        def told() -> dict[str, str]:
            assert process.poll() is None, (folder / "log").read_text()
            try:
                found: dict[str, str] = json.loads((folder / "endpoint.json").read_text())
            except (OSError, ValueError):
                return {}
            return found if found["pid"] == process.pid else {}

        site = Site(folder, process, Project(until("the simulator", told)["url"]))
        if fresh:
            site.project.network()
        yield site
    finally:
        process.terminate()
        process.wait(60)
        leftovers.remove(tag(folder), folder / "machines")


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    image.ensure()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path / "one") as made:
        yield made


def test_a_machine_knows_itself_and_leaves_nothing(site: Site) -> None:
    """Born, looked at from inside, deleted; then the simulator ends."""
    site.boot(data_gb=1)
    assert site.shell('[ "$(hostname)" = m1 ]') == 0
    assert (
        site.shell(
            'curl -sfH "Metadata-Flavor: Google" metadata/computeMetadata/v1/instance/name | grep -qx m1'
        )
        == 0
    )
    assert site.shell("[ -b /dev/disk/by-id/google-data ] && mkfs.ext4 -q /dev/disk/by-id/google-data") == 0
    assert site.shell("curl -sf -m 5 http://198.51.100.10") != 0
    assert "systemd" in (site.folder / "machines/consoles/m1.log").read_text()
    assert len(site.left()["devices"]) == 1
    operation = site.project.order("m1", "delete")
    until("deleted", lambda: site.project.done(operation))
    assert site.project.status("m1") == ""
    assert site.project.machines() == {}
    until("no folder but the data disk's", lambda: len(list((site.folder / "machines/disks").iterdir())) == 1)
    after = site.left()
    assert (after["processes"], after["devices"], after["mounts"]) == ([], [], [])
    until("no VM's namespace", lambda: not [name for name in site.left()["namespaces"] if "-vm-" in name])
    site.end()
    assert site.left() == NOTHING


def test_a_stop_waits_for_the_guest(site: Site) -> None:
    """The machine shuts down in order, and only then is the operation done and the instance TERMINATED."""
    site.boot(data_gb=1)
    assert site.shell(f"cat > {SLOW} <<'END'\n{UNIT}END\nsystemctl start slow") == 0
    began = time.monotonic()
    operation = site.project.order("m1", "stop")
    assert site.project.status("m1") == "STOPPING"
    assert not site.project.done(operation)
    until("stopped", lambda: site.project.done(operation), OFF_SECONDS)
    assert time.monotonic() - began > 3
    assert site.project.status("m1") == "TERMINATED"
    assert site.project.machines() == {}
    assert site.left()["processes"] == []
    until("started", lambda: site.project.done(site.project.order("m1", "start")))
    site.booted()
    assert site.shell("grep -qx orderly /root/kept") == 0


@pytest.mark.live  # Twice of some twenty times it failed on a busy box, for a reason that isn't known yet.
def test_the_agent_hears_of_the_end_first(site: Site) -> None:
    """While it ends, the kubelet and what runs in a container's scope are still there; both say so on the disk."""
    site.boot()
    unit = re.sub("ExecStart=.*", "ExecStart=/bin/bash /root/agent", agent_unit())
    for path, text in (
        (f"/etc/systemd/system/{AGENT}", unit),
        (f"/etc/systemd/system/{KUBELET}", "[Service]\nExecStart=/bin/sleep infinity\n"),
        ("/root/agent", AGENT_THAT_LOOKS),
    ):
        assert site.shell(f"cat > {path} <<'END'\n{text}\nEND") == 0
    assert (
        site.shell(
            f"mkdir -p {paths.DATA_DISK} && systemctl daemon-reload && systemctl start {KUBELET} {AGENT}"
        )
        == 0
    )
    assert site.shell(ETCD) == 0
    operation = site.project.order("m1", "stop")
    until("stopped", lambda: site.project.done(operation), OFF_SECONDS)
    until("started", lambda: site.project.done(site.project.order("m1", "start")))
    site.booted()
    assert site.said("cat /root/seen") == "stopping active active\n"


def test_a_disk_that_the_api_makes_larger_is_larger_in_the_machine(site: Site) -> None:
    site.boot(data_gb=1)
    path = f"{ZONE}/disks/m1-data"
    assert site.project.api.post(f"{path}/resize", {"sizeGb": "2"}).status == 200
    seen = "[ $(blockdev --getsize64 /dev/disk/by-id/google-data) = $((2 << 30)) ]"
    until("2 GiB", lambda: site.shell(seen) == 0)


def test_a_guest_that_powers_off_is_terminated(site: Site) -> None:
    site.boot()
    assert site.inside("m1", "systemctl", "poweroff") == 0
    until("TERMINATED", lambda: site.project.status("m1") == "TERMINATED", OFF_SECONDS)
    assert site.project.machines() == {}


def test_a_managed_group_makes_machines_and_makes_them_anew(site: Site) -> None:
    """With a range for pods that leads to each; whose power is cut comes back under its name, as another VM."""
    site.project.pool("web", 1)
    ((name, _),) = until("a machine", site.project.machines).items()
    site.booted(name)
    before = site.project.api.get(f"{ZONE}/instances/{name}")
    (alias,) = before["networkInterfaces"][0]["aliasIpRanges"]
    pod = alias["ipCidrRange"].replace("0/24", "9")
    serve = f"systemd-run --quiet --unit pod python3 -m http.server --bind {pod} 8080"
    assert site.shell(f"ip address add {pod}/32 dev lo; {serve}", name) == 0
    site.boot()
    until("the way to its pods", lambda: site.shell(f"curl -sf -m 2 http://{pod}:8080") == 0)
    os.kill(site.pid(name), signal.SIGKILL)
    until(
        "another VM of its name",
        lambda: site.project.api.get(f"{ZONE}/instances/{name}").body.get("id", before["id"]) != before["id"],
        OFF_SECONDS,
    )
    site.booted(name)
    operation = str(site.project.api.delete(f"{ZONE}/instanceGroupManagers/web")["name"])
    until("the group's end", lambda: site.project.done(operation), OFF_SECONDS)
    assert list(site.project.machines()) == ["m1"]


def test_reset_is_a_power_cut_and_another_boot(site: Site) -> None:
    site.boot()
    assert site.shell("echo kept > /root/kept; sync; touch /run/lost") == 0
    before = site.pid()
    site.project.order("m1", "reset")
    until("another first process", lambda: site.pid() not in (0, before))
    site.booted()
    assert site.project.status("m1") == "RUNNING"
    assert site.shell("grep -qx kept /root/kept && [ ! -e /run/lost ]") == 0


def test_faults(site: Site) -> None:
    """Of one machine after the other, because each boot costs seconds."""
    site.boot(data_gb=1)
    assert site.project.fault("nobody", kind="halt") == (400, "no machine nobody; there are: m1")
    assert site.project.fault("m1", kind="partition", **{"from": ["nobody"]})[0] == 400
    assert site.project.fault("m1", kind="flood")[0] == 400
    assert site.project.fault("m1", kind="freeze")[0] == 200
    part = (CGROUPS if cgroups.unified() else CGROUPS / "freezer") / f"hm-{tag(site.folder)}"
    until("frozen", lambda: all(map(frozen, (each for each in part.iterdir() if each.is_dir()))))
    assert site.project.fault("m1", kind="thaw")[0] == 200
    assert site.shell("true") == 0
    alive = 'curl -sf -m 2 -o /dev/null -H "Metadata-Flavor: Google" 169.254.169.254/'
    assert site.shell(alive) == 0
    assert site.project.fault("m1", kind="partition")[0] == 200
    assert site.shell(alive) != 0
    assert site.project.fault("m1", kind="heal")[0] == 200
    assert site.shell(alive) == 0
    for protocol, device in (("66", "eth0"), ("77", "lo")):
        assert (
            site.shell(f"ip route add local 192.0.2.1/32 dev {device} proto {protocol} metric {protocol}")
            == 0
        )
    assert site.project.fault("m1", kind="networkd-restart")[0] == 200
    left = "ip route show table local proto"
    assert site.shell(f'[ -z "$({left} 66)" ] && [ -n "$({left} 77)" ]') == 0, "whose routes are gone"
    device = "/dev/disk/by-id/google-data"
    assert site.shell(f"mkfs.ext4 -q {device} && sync") == 0
    assert site.project.fault("m1", kind="disk-loss")[0] == 200
    site.booted()
    assert site.shell(f"blkid {device}") != 0, "blank"
    assert site.project.api.post("/lab/v1/zones/europe-west1-b/outage")["done"] == ["m1"]
    assert site.project.status("m1") == "TERMINATED"
    assert site.project.api.post("/lab/v1/zones/europe-west1-b/outage").status == 400


def test_what_a_killed_simulator_left_is_removed_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    with running(folder) as first:
        first.boot(data_gb=1)
        first.shell("echo kept > /root/kept; sync")
        assert first.project.fault("m1", kind="freeze")[0] == 200
        first.kill()
        old = first.left()
        assert old.pop("mounts") == [], "a machine's mounts are its own"
        assert all(old.values()), old
        with running(folder, fresh=False) as second:
            second.booted()
            assert second.shell("grep -qx kept /root/kept") == 0
            assert not {*old["processes"]} & {*second.left()["processes"]}
            assert len(second.left()["devices"]) == 1
            assert second.project.status("m1") == "RUNNING"
            second.process.send_signal(signal.SIGKILL)
            second.process.wait()
        leftovers.remove(tag(folder), folder / "machines")
        until("nothing left", lambda: left_of(folder) == NOTHING)


def test_two_labs_stand_side_by_side(tmp_path: Path) -> None:
    with running(tmp_path / "one") as one, running(tmp_path / "two") as two:
        one.boot()
        two.boot()
        one.end()
        assert left_of(one.folder) == NOTHING
        assert two.shell('[ "$(hostname)" = m1 ]') == 0
        assert two.project.status("m1") == "RUNNING"
    assert left_of(two.folder) == NOTHING


def test_down_leaves_nothing_of_a_booting_machine(tmp_path: Path) -> None:
    with running(tmp_path / "one") as site:
        site.project.vm("m1", data_gb=1)
        site.end()
        assert left_of(site.folder) == NOTHING
    assert (site.folder / "machines/disks").is_dir(), "disks stay"
