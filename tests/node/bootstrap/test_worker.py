"""A worker set up below a folder: what it has afterwards, what it hasn't, and what it says when it can't be set up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.simulator.server import Simulator
from node.bootstrap.command import attempt
from node.host import paths
from node.host.files import under
from node.host.metadata_server import Metadata
from tests.node.bootstrap.metadata_server import MetadataServer
from tests.node.bootstrap.site import KUBELET, Cloud, Programs


@pytest.fixture
def metadata(tmp_path: Path) -> Iterator[MetadataServer]:
    simulator = Simulator(tmp_path / "simulator").start()
    server = Cloud(simulator.url).worker_metadata()
    with server.serving():
        yield server
    simulator.stop()


def test_a_bare_machine_has_all_that_a_worker_needs(
    root: Path, metadata: MetadataServer, programs: Programs
) -> None:
    assert attempt(root, Metadata(metadata.url), programs)
    assert under(root, f"{paths.BINARIES}/kubelet").read_bytes() == KUBELET
    assert 'subnet": "10.64.0.0/24' in under(root, "/etc/cni/net.d/10-ha-masters.conflist").read_text()
    assert programs.calls[-2:] == [
        "systemctl enable --now kubelet.service ha-masters-agent.service",
        "systemctl restart kubelet.service",
    ]


def test_it_has_no_data_disk_no_key_and_nothing_of_a_master(
    root: Path, metadata: MetadataServer, programs: Programs
) -> None:
    assert attempt(root, Metadata(metadata.url), programs)
    assert not [call for call in programs.calls if call.startswith(("blkid", "mkfs"))]
    assert [file.name for file in under(root, paths.SECRETS).iterdir()] == ["kubelet.kubeconfig"]
    assert not list(under(root, paths.MANIFESTS).iterdir())


def test_another_boot_restarts_nothing(root: Path, metadata: MetadataServer, programs: Programs) -> None:
    attempt(root, Metadata(metadata.url), programs)
    programs.taken()
    assert attempt(root, Metadata(metadata.url), programs)
    assert not [call for call in programs.taken() if " restart " in call]


@pytest.mark.parametrize(
    "attribute",
    [
        pytest.param({"cluster_ca": "another authority"}, id="the authority"),
        pytest.param({"kubelet_overrides": '{"maxPods": 20}'}, id="the kubelet's configuration"),
    ],
)
def test_the_kubelet_starts_anew_with_what_it_reads_once(
    root: Path, metadata: MetadataServer, programs: Programs, attribute: dict[str, str]
) -> None:
    attempt(root, Metadata(metadata.url), programs)
    programs.taken()
    metadata.change(**attribute)
    assert attempt(root, Metadata(metadata.url), programs)
    assert programs.calls[-1] == "systemctl restart kubelet.service"


def test_pods_ask_whom_the_machine_s_own_resolver_asks(
    root: Path, metadata: MetadataServer, programs: Programs
) -> None:
    resolvers = under(root, paths.RESOLVERS)
    resolvers.parent.mkdir(parents=True)
    resolvers.touch()
    assert attempt(root, Metadata(metadata.url), programs)
    assert json.loads(under(root, paths.KUBELET_CONFIG).read_text())["resolvConf"] == paths.RESOLVERS


def changed(metadata: MetadataServer, **fields: object) -> None:
    config = json.loads(metadata.attributes["worker-config"]) | fields
    metadata.change(worker_config=json.dumps(config))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"taint": []}, "worker-config.taint is unknown", id="a field of another release"),
        pytest.param({"apiPort": 0}, "apiPort is 0; expected a port", id="a value"),
    ],
)
def test_metadata_that_cannot_be_followed_are_a_reason(
    root: Path,
    metadata: MetadataServer,
    programs: Programs,
    capsys: pytest.CaptureFixture[str],
    fields: dict[str, object],
    says: str,
) -> None:
    changed(metadata, **fields)
    assert not attempt(root, Metadata(metadata.url), programs)
    assert says in capsys.readouterr().out


def test_a_vm_without_an_alias_range_says_so(
    root: Path,
    metadata: MetadataServer,
    programs: Programs,
    capsys: pytest.CaptureFixture[str],
) -> None:
    metadata.pod_ranges = []
    assert not attempt(root, Metadata(metadata.url), programs)
    assert "the VM has no alias range, and pods no addresses" in capsys.readouterr().out


def test_a_program_that_fails_is_a_reason(
    root: Path, metadata: MetadataServer, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    programs.failing = "restart containerd"
    assert not attempt(root, Metadata(metadata.url), programs)
    assert (
        "ha-masters: dev-web-b-x1y2: `systemctl restart containerd.service` failed" in capsys.readouterr().out
    )
