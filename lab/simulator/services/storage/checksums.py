"""MD5 and CRC32C as Cloud Storage shows them (base64, big-endian)."""

from __future__ import annotations

import base64
import hashlib

import google_crc32c


def crc32c(data: bytes) -> int:
    """Returns the checksum by Castagnoli's polynomial, RFC 3720 appendix B.4."""
    return int(google_crc32c.value(data))


def crc32c_base64(data: bytes) -> str:
    return base64.b64encode(crc32c(data).to_bytes(4, "big")).decode()


def md5_base64(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def etag(*numbers: int) -> str:
    """Returns an etag as Google's are: a small message of varints, generation and metageneration, or the latter alone."""
    message = b""
    for field, number in enumerate(numbers, start=1):
        message += bytes([field << 3])
        while number > 0x7F:
            message += bytes([number & 0x7F | 0x80])
            number >>= 7
        message += bytes([number])
    return base64.b64encode(message).decode()
