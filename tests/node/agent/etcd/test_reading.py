"""What etcd writes and says, read: its log, its snapshots, its errors, where its members are."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
from pathlib import Path

import pytest

from node.agent.etcd import wal
from node.agent.etcd.gateway import EtcdError, MemberStatus, _Parts, _said
from node.contract import peers
from node.contract.fields import FormatError
from node.contract.status import DataDirectory
from node.host.web import WebError


def varint(value: int) -> bytes:
    head, rest = value & 0x7F, value >> 7
    return bytes([head | 0x80]) + varint(rest) if rest else bytes([head])


def record(kind: int, data: bytes = b"") -> bytes:
    """A frame of etcd's log; padded to eight bytes, as its encoder does."""
    body = b"\x08" + varint(kind) + b"\x10\x00" + b"\x1a" + varint(len(data)) + data
    padding = -len(body) % 8
    length = len(body) | ((0x80 | padding) << 56 if padding else 0)
    return struct.pack("<Q", length) + body + bytes(padding)


METADATA = b"\x08" + varint(0xFEDCBA9876543210) + b"\x10" + varint(0x1F)


def data_folder(root: Path, segments: dict[str, bytes]) -> Path:
    folder = root / "member" / "wal"
    folder.mkdir(parents=True)
    for name, content in segments.items():
        (folder / name).write_bytes(content)
    return root


def test_the_log_tells_whose_data_it_is(tmp_path: Path) -> None:
    content = record(4) + record(1, METADATA) + record(3)
    found = wal.directory(data_folder(tmp_path, {"0000000000000001-0000000000000009.wal": content}))
    assert found == DataDirectory("member", "fedcba9876543210", "1f")


def test_without_a_log_the_disk_is_blank_and_without_a_folder_nothing_is_known(tmp_path: Path) -> None:
    assert wal.directory(data_folder(tmp_path, {})) == DataDirectory("blank")
    assert wal.directory(tmp_path / "not mounted") == DataDirectory("unknown")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(record(4) + record(1, METADATA)[:20], id="cut off"),
        pytest.param(bytes(4096), id="zeros"),
    ],
)
def test_a_log_that_cannot_be_read_is_never_taken_for_a_blank_disk(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(wal.UnreadableDataError, match="blank one"):
        wal.directory(data_folder(tmp_path, {"0-0.wal": content}))


def stream(database: bytes, *, size: int) -> bytes:
    whole = database + hashlib.sha256(database).digest()
    blobs = [whole[at : at + size] for at in range(0, len(whole), size)]
    lines = [json.dumps({"result": {"blob": base64.b64encode(blob).decode()}}) for blob in blobs]
    return "\n".join(lines).encode() + b"\n"


@pytest.mark.parametrize("size", [5, 32, 1000])
def test_a_snapshot_is_taken_whole(size: int) -> None:
    database, into = bytes(range(256)) * 3, io.BytesIO()
    parts = _Parts(into)
    said = stream(database, size=size)
    for at in range(0, len(said), 77):
        parts.write(said[at : at + 77])
    parts.finish()
    assert into.getvalue() == database + hashlib.sha256(database).digest()


def test_a_snapshot_that_was_cut_off_is_refused() -> None:
    parts = _Parts(io.BytesIO())
    parts.write(stream(bytes(500), size=100).rsplit(b"\n", 2)[0] + b"\n")
    with pytest.raises(EtcdError, match="cut off"):
        parts.finish()


def test_etcd_s_own_words_are_the_reason() -> None:
    error = WebError(
        'POST https://… answered 503: {"code":14, "message":"etcdserver: unhealthy cluster"}', 503
    )
    assert _said(error) == "etcdserver: unhealthy cluster"


@pytest.mark.parametrize(
    ("leader", "errors", "healthy"),
    [
        pytest.param("2a", (), True, id="well"),
        pytest.param("", ("etcdserver: no leader",), False, id="no leader"),
        pytest.param(
            "2a", ("memberID:42 alarm:NOSPACE",), True, id="a full database still decides on members"
        ),
        pytest.param("2a", ("memberID:42 alarm:CORRUPT",), False, id="corrupt"),
    ],
)
def test_who_is_healthy(leader: str, errors: tuple[str, ...], healthy: bool) -> None:
    assert MemberStatus("2a", "1f", leader, 2, 9, 9, 3, False, errors).healthy is healthy


def test_where_members_are_is_read_as_it_was_written() -> None:
    written = peers.text("dev", {"2a": "https://10.0.0.2:2380"})
    assert peers.addresses(written.encode()) == ["10.0.0.2"]
    with pytest.raises(FormatError):
        peers.addresses(b"{}")
