"""Archives of programs: unpacked once, whole, and nowhere else than into their folder."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path
from typing import BinaryIO

import pytest

from node.contract.machine_config import Artifacts, Binary
from node.host import archives
from node.host.commands import MachineError
from node.host.files import under
from node.host.web import WebError

BIN, CNI = "/usr/local/bin", "/opt/cni/bin"


def packed(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """A tar.gz, with folders and links as projects have them in theirs; of the same content, the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        folder = tarfile.TarInfo("bin")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
    return gzip.compress(buffer.getvalue(), mtime=0)


class Mirror:
    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.asked: list[str] = []

    def __call__(self, path: str, sink: BinaryIO) -> None:
        self.asked.append(path)
        if path not in self.files:
            raise WebError(f"{path} answered 404", 404)
        sink.write(self.files[path])

    def artifacts(self, **names: str) -> Artifacts:
        """Archives by their names on the machine, each from a path here."""
        return Artifacts(
            archives=tuple(
                Binary(name.replace("_", "-"), path, hashlib.sha256(self.files[path]).hexdigest())
                for name, path in names.items()
            )
        )


def test_each_archive_is_unpacked_into_its_folder(tmp_path: Path) -> None:
    mirror = Mirror(
        c=packed({"bin/containerd": b"daemon", "bin/ctr": b"client"}), n=packed({"./ptp": b"plugin"})
    )
    archives.install(tmp_path, mirror.artifacts(containerd="c", cni_plugins="n"), mirror)
    assert {file.name: file.read_bytes() for file in under(tmp_path, BIN).iterdir()} == {
        "containerd": b"daemon",
        "ctr": b"client",
    }
    assert under(tmp_path, f"{CNI}/ptp").stat().st_mode & 0o777 == 0o755


def test_what_is_here_is_not_asked_for_again(tmp_path: Path) -> None:
    mirror = Mirror(c=packed({"bin/containerd": b"daemon"}))
    for _ in range(2):
        archives.install(tmp_path, mirror.artifacts(containerd="c"), mirror)
    assert mirror.asked == ["c"]


def test_another_archive_takes_the_place_of_the_former(tmp_path: Path) -> None:
    mirror = Mirror(c=packed({"bin/containerd": b"old"}), d=packed({"bin/containerd": b"new"}))
    archives.install(tmp_path, mirror.artifacts(containerd="c"), mirror)
    archives.install(tmp_path, mirror.artifacts(containerd="d"), mirror)
    assert under(tmp_path, f"{BIN}/containerd").read_bytes() == b"new"


def test_what_was_cut_off_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = Mirror(c=packed({"bin/containerd": b"daemon", "bin/ctr": b"client"}))

    def cut(*_: object) -> None:
        raise OSError("the power is gone")

    with monkeypatch.context() as patched:
        patched.setattr(archives, "write", cut)
        with pytest.raises(OSError, match="power"):
            archives.install(tmp_path, mirror.artifacts(containerd="c"), mirror)
    under(tmp_path, f"{BIN}/ctr").unlink()
    archives.install(tmp_path, mirror.artifacts(containerd="c"), mirror)
    assert under(tmp_path, f"{BIN}/ctr").read_bytes() == b"client"


def test_nothing_lands_elsewhere(tmp_path: Path) -> None:
    files = {"../../../etc/passwd": b"root", "/etc/shadow": b"root"}
    mirror = Mirror(c=packed(files, links={"bin/containerd": "/etc/passwd"}))
    archives.install(tmp_path, mirror.artifacts(containerd="c"), mirror)
    assert sorted(file.name for file in under(tmp_path, BIN).iterdir()) == ["passwd", "shadow"]
    assert not under(tmp_path, "/etc").exists()


def test_another_archive_than_was_pinned_is_not_unpacked(tmp_path: Path) -> None:
    mirror = Mirror(c=packed({"bin/containerd": b"daemon"}))
    wanted = mirror.artifacts(containerd="c")
    mirror.files["c"] = packed({"bin/containerd": b"somebody else's"})
    with pytest.raises(MachineError, match=r"c from the mirror has SHA-256 .* was asked for"):
        archives.install(tmp_path, wanted, mirror)
    assert not under(tmp_path, BIN).exists()


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    mirror = Mirror(c=b"<html>")
    with pytest.raises(MachineError, match="c is no archive that can be unpacked"):
        archives.install(tmp_path, mirror.artifacts(containerd="c"), mirror)


def test_an_archive_that_nobody_knows_is_told(tmp_path: Path) -> None:
    mirror = Mirror(c=packed({}))
    with pytest.raises(MachineError, match="nobody knows where the archive crictl is to be unpacked"):
        archives.install(tmp_path, mirror.artifacts(crictl="c"), mirror)
