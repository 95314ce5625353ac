"""Commits what the only log that is left holds.

An etcd that begins again with `--force-new-cluster` drops each entry of its write-ahead log beyond the index that it knows
to be agreed on (server/etcdserver/bootstrap.go), and a follower's word on that lags: a write may have been acknowledged, be
in this log, and be dropped. An entry that the others agreed on can't be told from one that they didn't; raft lets a new
leader agree on all that it holds, and so does this: one more record, a hard state whose commit index is the last entry's.

`wal` tells the log's form. A record's checksum is a running CRC-32C over the data of all records before it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from node.agent.etcd.wal import UnreadableDataError, fields_of

_ENTRY, _STATE = 2, 3
_POLYNOMIAL = 0x82F63B78
_ALIGNED = 8


@dataclass(frozen=True)
class _Record:
    kind: int
    crc: int
    data: bytes
    end: int


@dataclass(frozen=True)
class _Tail:
    """The last words of a log: where they end, the running checksum, the hard state and the last entry's index."""

    end: int
    crc: int
    term: int
    vote: int
    commit: int
    last: int


def commit_tail(data: Path) -> int:
    """Returns how many entries it committed. etcd must not run. Raises UnreadableDataError."""
    segments = sorted((data / "member" / "wal").glob("*.wal"))
    if not segments:
        raise UnreadableDataError(f"there is no log of etcd's in {data}")
    try:
        tail = _tail(segments)
    except (ValueError, KeyError, struct.error) as error:
        raise UnreadableDataError(
            f"etcd's log {segments[-1].name} can't be read to its end: {error}"
        ) from None
    if tail.last <= tail.commit:
        return 0
    state = b"".join(
        bytes([number << 3]) + _varint(value)
        for number, value in ((1, tail.term), (2, tail.vote), (3, tail.last))
    )
    with segments[-1].open("r+b") as file:
        file.seek(tail.end)
        file.write(_frame(_STATE, crc32c(state, tail.crc), state))
        file.truncate()  # What follows is a record that was cut off, or room that was set aside.
        file.flush()
        os.fsync(file.fileno())
    return tail.last - tail.commit


def _tail(segments: list[Path]) -> _Tail:
    """Each segment begins with the hard state; one that was just begun may have no entry yet."""
    end = crc = term = vote = commit = last = 0
    for record in _records(segments[-1].read_bytes()):
        end, crc = record.end, record.crc
        if record.kind == _STATE:
            state = dict(fields_of(record.data))
            term, vote, commit = (_number(state.get(number, 0)) for number in (1, 2, 3))
        elif record.kind == _ENTRY:
            last = _number(dict(fields_of(record.data))[3])
    if not last and len(segments) > 1:
        for record in _records(segments[-2].read_bytes()):
            if record.kind == _ENTRY:
                last = _number(dict(fields_of(record.data))[3])
    if not end or not term:
        raise ValueError("it holds no hard state")
    return _Tail(end, crc, term, vote, commit, last)


def _records(content: bytes) -> Iterator[_Record]:
    """Up to the end, the room that was set aside, or the first record that is not whole."""
    at, running = 0, 0
    while at + 8 <= len(content):
        (frame,) = struct.unpack_from("<Q", content, at)
        length = frame & ((1 << 56) - 1)
        padding = (frame >> 56) & 0x7 if frame >> 63 else 0
        end = at + 8 + length + padding
        if not frame or end > len(content):
            return
        try:
            record = dict(fields_of(content[at + 8 : at + 8 + length]))
        except ValueError:
            return
        data, crc = record.get(3, b""), _number(record.get(2, 0))
        assert isinstance(data, bytes)
        # The first record of a segment carries on the checksum of the segment before it.
        if at and crc32c(data, running) != crc:
            return
        running = crc
        yield _Record(_number(record.get(1, 0)), crc, data, end)
        at = end


def _frame(kind: int, crc: int, data: bytes) -> bytes:
    record = b"\x08" + _varint(kind) + b"\x10" + _varint(crc) + b"\x1a" + _varint(len(data)) + data
    padding = -len(record) % _ALIGNED
    head = len(record) | ((0x80 | padding) << 56 if padding else 0)
    return struct.pack("<Q", head) + record + bytes(padding)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(value: int | bytes) -> int:
    assert isinstance(value, int)
    return value


def _table() -> tuple[int, ...]:
    entries = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        entries.append(value)
    return tuple(entries)


_TABLE = _table()


def crc32c(data: bytes, before: int = 0) -> int:
    crc = before ^ 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF
