"""A machine set up below a folder: what it has afterwards, what a second boot does, and what a failure says."""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.simulator.server import Simulator
from node.bootstrap.command import attempt
from node.bootstrap.every_machine import Site, update_zipapp
from node.contract import bucket_layout
from node.contract.fields import FormatError
from node.contract.metadata import Machine
from node.contract.secret_files import NEEDED
from node.contract.status import ReplicaStatus
from node.host import disk, endpoints, paths
from node.host.commands import MachineError
from node.host.files import under
from node.host.metadata_server import Metadata
from node.host.units import GUEST_AGENT_CONFIG, GUEST_AGENT_CONTROL
from node.release.startup import STARTUP_SCRIPT
from tests.node.bootstrap.site import KUBELET, Cloud, Programs, artifacts
from tests.node.host.test_archives import packed
from tests.node.manifests.test_manifests import PLAIN


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    simulator = Simulator(tmp_path / "simulator").start()
    cloud = Cloud(simulator.url)
    with cloud.metadata.serving():
        yield cloud
    simulator.stop()


def status(cloud: Cloud) -> ReplicaStatus:
    text = cloud.bucket.read("status/m1-b.json")
    assert text
    return ReplicaStatus.parse(text.content)


def test_a_bare_machine_has_all_that_it_needs_afterwards(
    root: Path, cloud: Cloud, programs: Programs
) -> None:
    assert attempt(root, Metadata(cloud.metadata.url), programs)
    assert under(root, f"{paths.BINARIES}/kubelet").read_bytes() == KUBELET
    modes = {file.stat().st_mode & 0o777 for file in under(root, paths.SECRETS).iterdir()}
    assert modes == {0o600}
    assert under(root, paths.ETCD_DATA).is_dir()
    assert 'subnet": "10.64.0.0/24' in under(root, "/etc/cni/net.d/10-ha-masters.conflist").read_text()
    assert [each.split()[0] for each in programs.calls[:3]] == ["blkid", "mkfs.ext4", "e2fsck"]
    assert programs.calls[-1] == "systemctl restart kubelet.service"


def test_another_boot_fetches_and_restarts_nothing(root: Path, cloud: Cloud, programs: Programs) -> None:
    attempt(root, Metadata(cloud.metadata.url), programs)
    under(root, "/usr/lib/cni").mkdir(parents=True)
    under(root, "/usr/lib/cni/ptp").touch()
    under(root, "/usr/bin").mkdir(parents=True)
    under(root, "/usr/bin/containerd").touch()
    programs.taken()
    assert attempt(root, Metadata(cloud.metadata.url), programs)
    assert programs.taken() == [
        "sysctl -q -p /etc/sysctl.d/90-ha-masters.conf",
        "systemctl enable --now kubelet.service ha-masters-agent.service",
    ]


@pytest.mark.parametrize("fails", ["", "systemctl enable"], ids=["at once", "once what was cut off goes on"])
def test_another_authority_starts_the_kubelet_anew(
    root: Path, cloud: Cloud, programs: Programs, fails: str
) -> None:
    """It reads once whom it takes for the API."""
    assert attempt(root, Metadata(cloud.metadata.url), programs)
    programs.taken()
    files = dict.fromkeys(NEEDED, "x") | {"ca.crt": "x and y"}
    cloud.metadata.change(secret=cloud.add_secret(files))
    programs.failing = fails
    assert attempt(root, Metadata(cloud.metadata.url), programs) == (not fails)
    programs.failing = ""
    if fails:
        assert "systemctl restart kubelet.service" not in programs.taken()
        assert attempt(root, Metadata(cloud.metadata.url), programs)
    assert "systemctl restart kubelet.service" in programs.taken()


def test_what_failed_half_way_is_done_the_next_time(root: Path, cloud: Cloud, programs: Programs) -> None:
    programs.failing = "restart containerd"
    assert not attempt(root, Metadata(cloud.metadata.url), programs)
    programs.failing = ""
    programs.taken()
    assert attempt(root, Metadata(cloud.metadata.url), programs)
    assert "systemctl restart containerd.service" in programs.taken()


@pytest.mark.parametrize(
    ("control", "restarts"),
    [
        pytest.param(
            False, "systemctl try-restart google-guest-agent.service", id="the agent of before 2025"
        ),
        pytest.param(True, "ggactl_plugin coreplugin restart", id="the core plugin"),
    ],
)
def test_google_s_guest_agent_leaves_the_pods_range_alone(
    root: Path, cloud: Cloud, programs: Programs, control: bool, restarts: str
) -> None:
    file = under(root, GUEST_AGENT_CONFIG)
    file.parent.mkdir(parents=True)
    file.write_text("[Daemons]\nnetwork_daemon = true\n")
    if control:
        under(root, GUEST_AGENT_CONTROL).parent.mkdir(parents=True, exist_ok=True)
        under(root, GUEST_AGENT_CONTROL).touch()
    assert attempt(root, Metadata(cloud.metadata.url), programs)
    assert "network_daemon = true" in file.read_text()
    assert "ip_aliases = false" in file.read_text()
    assert programs.taken().count(restarts) == 1
    assert attempt(root, Metadata(cloud.metadata.url), programs)
    assert restarts not in programs.taken()


def pin_runtime(cloud: Cloud, containerd: bytes) -> None:
    """What runs containers lies on the mirror, and the metadata name it."""
    plugins, runc = packed({"./ptp": b"plugin"}), b"runc"
    for name, content in (("c.tgz", containerd), ("cni.tgz", plugins), ("runc", runc)):
        cloud.bucket.write(f"mirror/{name}", content)
    pinned = artifacts()
    pinned["binaries"] = [each("runc", "runc", runc), each("kubelet", "kubelet", KUBELET)]
    pinned["archives"] = [each("containerd", "c.tgz", containerd), each("cni-plugins", "cni.tgz", plugins)]
    cloud.metadata.change(machine_config=json.dumps(PLAIN | {"artifacts": pinned}))


def each(name: str, path: str, content: bytes) -> dict[str, str]:
    return {"name": name, "path": path, "sha256": hashlib.sha256(content).hexdigest()}


def test_a_pinned_runtime_takes_the_place_of_debian_s(root: Path, cloud: Cloud, programs: Programs) -> None:
    pin_runtime(cloud, packed({"bin/containerd": b"daemon", "bin/ctr": b"client"}))
    assert attempt(root, Metadata(cloud.metadata.url), programs)
    [installs] = [call for call in programs.calls if "apt-get" in call and " install " in call]
    assert installs.endswith("--no-install-recommends iptables conntrack ethtool e2fsprogs")
    assert under(root, "/usr/local/bin/containerd").read_bytes() == b"daemon"
    assert under(root, "/opt/cni/bin/ptp").exists()
    assert under(root, f"{paths.BINARIES}/runc").stat().st_mode & 0o777 == 0o755
    assert "version = 3\n" in under(root, "/etc/containerd/config.toml").read_text()
    restarted = programs.calls.index("systemctl restart containerd.service")
    assert programs.calls[restarted - 2 : restarted + 1] == [
        "systemctl daemon-reload",
        "systemctl enable containerd.service",
        "systemctl restart containerd.service",
    ]


def test_a_pinned_runtime_is_restarted_for_another_one_only(
    root: Path, cloud: Cloud, programs: Programs
) -> None:
    under(root, "/usr/sbin").mkdir(parents=True)
    for program in ("iptables", "conntrack"):
        under(root, f"/usr/sbin/{program}").touch()
    restarts = []
    for containerd in (b"daemon", b"daemon", b"a later one"):
        pin_runtime(cloud, packed({"bin/containerd": containerd}))
        assert attempt(root, Metadata(cloud.metadata.url), programs)
        calls = programs.taken()
        assert not [call for call in calls if "apt-get" in call]
        restarts.append(calls.count("systemctl restart containerd.service"))
    assert restarts == [1, 0, 1]


def test_a_boot_without_google_s_apis_goes_on_with_what_is_here(
    root: Path, cloud: Cloud, programs: Programs
) -> None:
    attempt(root, Metadata(cloud.metadata.url), programs)
    nowhere = "http://127.0.0.1:1"
    cloud.metadata.change(storage_endpoint=nowhere, secretmanager_endpoint=nowhere)
    assert attempt(root, Metadata(cloud.metadata.url), programs)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        pytest.param("disk", "waited 0 s for the data disk", id="no disk"),
        pytest.param("secret", "lacks secrets-encryption.key", id="a key is missing"),
        pytest.param("checksum", "and 0000", id="another kubelet than was pinned"),
        pytest.param("packages", "apt-get", id="packages can't be installed"),
    ],
)
def test_a_start_that_fails_says_why_in_the_bucket(
    root: Path,
    cloud: Cloud,
    programs: Programs,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    reason: str,
) -> None:
    monkeypatch.setattr(disk.prepare, "__defaults__", (0.0,))
    match what:
        case "disk":
            under(root, disk.DEVICE).unlink()
        case "secret":
            files = {name: "x" for name in NEEDED if name != "secrets-encryption.key"}
            cloud.metadata.change(secret=cloud.add_secret(files))
        case "checksum":
            pinned = artifacts()
            pinned["binaries"] = [{"name": "kubelet", "path": "kubelet", "sha256": "0" * 64}]
            cloud.metadata.change(machine_config=json.dumps(PLAIN | {"artifacts": pinned}))
        case _:
            programs.failing = "apt-get"
    assert not attempt(root, Metadata(cloud.metadata.url), programs)
    assert status(cloud).phase == "failed"
    assert reason in status(cloud).reason


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        pytest.param("xfs", b"", "holds xfs", id="another filesystem"),
        pytest.param("", b"something", "holds something without", id="data without a filesystem"),
    ],
)
def test_a_disk_that_may_hold_something_is_never_formatted(
    root: Path, kind: str, content: bytes, said: str
) -> None:
    programs = Programs(root, kind)
    under(root, disk.DEVICE).write_bytes(content)
    with pytest.raises(MachineError, match=said):
        disk.prepare(root, programs)
    assert not [each for each in programs.calls if each.startswith("mkfs")]


def test_a_disk_with_data_is_mounted_as_it_is(root: Path) -> None:
    programs = Programs(root, "ext4")
    disk.prepare(root, programs)
    assert not [each for each in programs.calls if each.startswith("mkfs")]
    assert disk.is_mounted(root)


def test_metadata_without_an_attribute_are_refused_by_its_name(cloud: Cloud) -> None:
    document, _ = Metadata(cloud.metadata.url).instance()
    del document["attributes"]["secret"]
    with pytest.raises(FormatError, match="no `secret`"):
        Machine.of(document)


def test_a_change_of_metadata_is_heard_at_once(cloud: Cloud) -> None:
    metadata = Metadata(cloud.metadata.url)
    _, etag = metadata.instance()
    threading.Timer(0.1, cloud.metadata.change, kwargs={"config_hash": "other"}).start()
    document, newest = metadata.changed(etag, seconds=5)
    assert (document["attributes"]["config-hash"], newest != etag) == ("other", True)


def test_the_start_up_script_runs_what_its_checksum_names_and_nothing_else(
    tmp_path: Path, cloud: Cloud
) -> None:
    code = b"import sys; print('runs', sys.argv[1])\n"
    sha256 = hashlib.sha256(code).hexdigest()
    cloud.metadata.change(agent_sha256=sha256)
    cloud.bucket.write(f"agent/{sha256}.pyz", b"something else")
    script = STARTUP_SCRIPT.replace("/opt/ha-masters", str(tmp_path / "opt")).replace("sleep 5", "sleep 0.1")
    with subprocess.Popen(
        ["bash", "-c", script],
        env={"PATH": "/usr/bin:/bin", "HA_MASTERS_METADATA": cloud.metadata.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        assert "what was fetched is not what was asked for" in running.stderr.readline()
        cloud.bucket.write(f"agent/{sha256}.pyz", code)
        said, _ = running.communicate(timeout=30)
    assert (said, running.returncode) == ("runs bootstrap\n", 0)


def test_the_bucket_s_objects_are_claimed_once(cloud: Cloud) -> None:
    assert cloud.bucket.write("bootstrap.json", b"mine", match="0")
    assert cloud.bucket.write("bootstrap.json", b"theirs", match="0") is None
    first = cloud.bucket.read("bootstrap.json")
    assert first
    assert first.content == b"mine"
    assert cloud.bucket.read("bootstrap.json", first) is first
    assert cloud.bucket.read("nothing") is None


def test_another_release_is_fetched_once(root: Path, cloud: Cloud, programs: Programs) -> None:
    code = b"another release"
    sha256 = hashlib.sha256(code).hexdigest()
    cloud.bucket.write(bucket_layout.release(sha256), code)
    document, _ = Metadata(cloud.metadata.url).instance()
    site = Site(root, Metadata(cloud.metadata.url), endpoints.endpoints(document), programs)
    attributes = {**document["attributes"], "agent-sha256": sha256}
    fetched = [update_zipapp(site, attributes) for _ in range(2)]
    assert fetched == [True, False]
    assert under(root, paths.ZIPAPP).read_bytes() == code


def test_a_running_agent_s_status_is_not_written_over(root: Path, cloud: Cloud, programs: Programs) -> None:
    programs.failing, programs.agent_runs = "apt-get", True
    assert not attempt(root, Metadata(cloud.metadata.url), programs)
    assert cloud.bucket.read("status/m1-b.json") is None
