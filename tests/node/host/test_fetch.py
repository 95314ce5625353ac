"""A mirror on the web: files that lie elsewhere, as those of dl.k8s.io do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from node.contract.machine_config import Artifacts, Binary, Image
from node.host import fetch
from node.host.bucket import Bucket
from node.host.commands import MachineError
from node.host.web import Reply, WebError
from tests.http_server import HttpServer, Quiet
from tests.node.bootstrap.site import Programs

KUBELET = b"#!/bin/true\n"
SHA256 = hashlib.sha256(KUBELET).hexdigest()
MOVED = {"/k8s/moved": "/cdn/kubelet", "/k8s/loop": "/k8s/loop"}


class Mirror(Quiet):
    def do_GET(self) -> None:
        moved = MOVED.get(self.path)
        body = KUBELET if self.path == "/cdn/kubelet" else b"elsewhere"
        self.reply(302 if moved else 200, body, **({"Location": moved} if moved else {}))


@pytest.fixture
def mirror() -> Iterator[str]:
    with HttpServer(Mirror) as server:
        yield f"{server.url}/k8s"


def no_bucket(name: str) -> Bucket:
    raise AssertionError(name)


def test_a_file_that_has_moved_is_followed(mirror: str, tmp_path: Path) -> None:
    target = tmp_path / "kubelet"
    assert fetch.fetch(target, "moved", SHA256, fetch.downloads(mirror, no_bucket), 0o755)
    assert target.read_bytes() == KUBELET


def test_an_address_is_fetched_from_there_whatever_the_mirror(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def answer(_: str, url: str, *, sink: BinaryIO, **__: Any) -> Reply:
        asked.append(url)
        sink.write(KUBELET)
        return Reply(200, {}, b"")

    monkeypatch.setattr(fetch, "request", answer)
    address = "https://github.com/opencontainers/runc/releases/download/v1/runc"
    fetch.fetch(tmp_path / "runc", address, SHA256, fetch.downloads("gs://mirror", no_bucket), 0o755)
    assert asked == [address]


def test_another_file_never_gets_the_name(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(
        MachineError, match=f"other from the mirror has SHA-256 .*, and {SHA256} was asked for"
    ):
        fetch.fetch(tmp_path / "kubelet", "other", SHA256, fetch.downloads(mirror, no_bucket), 0o755)
    assert list(tmp_path.iterdir()) == []


def test_a_circle_has_an_end(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(WebError, match="leads elsewhere 5 times"):
        fetch.fetch(tmp_path / "kubelet", "loop", SHA256, fetch.downloads(mirror, no_bucket), 0o755)


def test_what_is_asked_for_by_https_is_fetched_by_https(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    moved = Reply(302, {"location": "http://cdn.example.com/kubelet"}, b"")
    monkeypatch.setattr(fetch, "request", lambda *_, **__: moved)
    with pytest.raises(WebError, match="away from HTTPS"):
        fetch.fetch(
            tmp_path / "kubelet", "kubelet", SHA256, fetch.downloads("https://dl.k8s.io", no_bucket), 0o755
        )


def test_the_kubelet_is_replaced_once_all_else_is_here(tmp_path: Path) -> None:
    """Else it would not be restarted: the try after this one finds the new binary in place."""
    kubelet, image = b"new kubelet", b"etcd"
    mirror = {"kubelet": kubelet}

    def download(path: str, sink: BinaryIO) -> None:
        if path not in mirror:
            raise WebError(f"{path} answered 404", 404)
        sink.write(mirror[path])

    artifacts = Artifacts(
        binaries=(Binary("kubelet", "kubelet", hashlib.sha256(kubelet).hexdigest()),),
        images=(Image("etcd", "registry.example/etcd:1", "etcd.tar", hashlib.sha256(image).hexdigest()),),
    )
    programs = Programs(tmp_path)
    with pytest.raises(WebError):
        fetch.install(tmp_path, artifacts, download, programs)
    mirror["etcd.tar"] = image
    assert fetch.install(tmp_path, artifacts, download, programs)
    assert not fetch.install(tmp_path, artifacts, download, programs)
