"""Reads DER (X.690), as far as certificates and signing requests need it, by the standard library alone."""

from __future__ import annotations

from collections.abc import Iterator

SEQUENCE, SET, INTEGER, OBJECT_ID, OCTETS = 0x30, 0x31, 0x02, 0x06, 0x04


class DerError(ValueError):
    """The bytes are not what they were taken for."""


def element(data: bytes, tag: int | None = None) -> tuple[bytes, bytes]:
    """Returns the content of the element that `data` begins with, and what comes after it. Lengths as DER has them: one
    byte, or 0x80 + n and n bytes. Raises DerError, or IndexError where nothing is left.
    """
    if tag is not None and data[0] != tag:
        raise DerError(f"expected tag {tag:#x}, found {data[0]:#x}")
    length, at = data[1], 2
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(data[2:at], "big")
    if at + length > len(data):
        raise DerError("cut off")
    return data[at : at + length], data[at + length :]


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element, to the end of `data`."""
    while data:
        tag = data[0]
        content, data = element(data)
        yield tag, content
