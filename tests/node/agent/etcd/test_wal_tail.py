"""What the last log holds counts, also beyond the index that it knew to be agreed on."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from node.agent.etcd.wal_tail import _frame, _varint, commit_tail, crc32c

ZEROS = bytes(4096)


def test_the_checksum_is_castagnoli_s_and_runs_on() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(b"6789", crc32c(b"12345")) == crc32c(b"123456789")


@pytest.mark.parametrize(
    ("entries", "commit", "rest", "committed"),
    [
        pytest.param((5, 6, 7), 5, ZEROS, 2, id="tail"),
        pytest.param((5, 6, 7), 7, ZEROS, 0, id="all-agreed-on"),
        pytest.param((5, 6, 7, 6), 5, ZEROS, 1, id="overwritten-entry"),
        pytest.param((5, 6), 5, struct.pack("<Q", 900) + b"torn", 1, id="last-record-is-torn"),
        pytest.param((), 4, ZEROS, 0, id="no-entry"),
    ],
)
def test_entries_are_committed_to_the_last(
    tmp_path: Path, entries: tuple[int, ...], commit: int, rest: bytes, committed: int
) -> None:
    log = _log(tmp_path, entries, commit)
    with log.open("ab") as file:
        file.write(rest)
    assert commit_tail(tmp_path) == committed
    assert commit_tail(tmp_path) == 0, "the new record is read as it was written"


def _log(data: Path, entries: tuple[int, ...], commit: int) -> Path:
    folder = data / "member" / "wal"
    folder.mkdir(parents=True)
    state = b"\x08\x03\x10\x01\x18" + _varint(commit)
    records = [(1, b"\x08\x2a\x10\x1f"), (3, state)]
    records += [(2, b"\x08\x00\x10\x03\x18" + _varint(index) + b"\x22\x01x") for index in entries]
    crc, text = 7, _frame(4, 7, b"")
    for kind, content in records:
        crc = crc32c(content, crc)
        text += _frame(kind, crc, content)
    log = folder / "0000000000000000-0000000000000000.wal"
    log.write_bytes(text)
    return log
