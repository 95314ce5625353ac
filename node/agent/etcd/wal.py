"""Whose data lies on the disk: the member's and the cluster's id, read from etcd's write-ahead log.

Every segment of the log begins with a checksum record and a metadata record (server/storage/wal/wal.go, `cut`), so the
log tells it without etcd. A frame is an 8-byte little-endian length, whose low 56 bits count and whose top byte is
padding (encoder.go), and then the record, protobuf: type = 1 (varint), crc = 2 (varint), data = 3 (bytes). The metadata
of type 1 are `etcdserverpb.Metadata`: NodeID = 1, ClusterID = 2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from node.contract.status import DataDirectory

_METADATA_RECORD = 1
_VARINT, _BYTES = 0, 2
_RECORDS_TO_READ = 3


class UnreadableDataError(Exception):
    """The disk holds data whose owner can't be read. Nobody may take it for a blank disk."""


def directory(data: Path) -> DataDirectory:
    """Returns what etcd's data folder holds. It is made when the disk is mounted: without the folder nothing is known.
    Without a log there is nothing in it, for etcd renames the log into place when it is whole.
    """
    if not data.is_dir():
        return DataDirectory()
    segments = sorted((data / "member" / "wal").glob("*.wal"))
    if not segments:
        return DataDirectory("blank")
    try:
        with segments[-1].open("rb") as file:
            head = file.read(65_536)
        member, cluster = _identity(head)
    except (OSError, ValueError, struct.error) as error:
        raise UnreadableDataError(
            f"etcd's log {segments[-1].name} can't be read ({error}): look at the data disk, or replace it by a blank one"
        ) from None
    return DataDirectory("member", f"{member:x}", f"{cluster:x}")


def _identity(head: bytes) -> tuple[int, int]:
    offset = 0
    for _ in range(_RECORDS_TO_READ):
        (frame,) = struct.unpack_from("<Q", head, offset)
        length = frame & ((1 << 56) - 1)
        padding = (frame >> 56) & 0x7 if frame >> 63 else 0
        record = dict(fields_of(head[offset + 8 : offset + 8 + length]))
        data = record.get(3)
        if record.get(1) == _METADATA_RECORD and isinstance(data, bytes):
            ids = dict(fields_of(data))
            member, cluster = ids.get(1), ids.get(2)
            if isinstance(member, int) and isinstance(cluster, int):
                return member, cluster
        offset += 8 + length + padding
    raise ValueError("no metadata at its beginning")


def fields_of(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag & 7 == _VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
        elif tag & 7 == _BYTES:
            size, at = _varint(message, at)
            yield tag >> 3, message[at : at + size]
            at += size
        else:
            raise ValueError(f"wire type {tag & 7}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message):
            raise ValueError("cut off")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value & (1 << 64) - 1, at
