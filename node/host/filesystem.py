"""How large an ext4 filesystem is beside its device. Pure, of its superblock: no program is run to find out.

The superblock lies 1 KiB into the device; its fields are little-endian (Documentation/filesystems/ext4/super.rst). The
kernel changes it where it is read here, so that it tells the truth of a mounted filesystem too.
"""

from __future__ import annotations

import struct

SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES = 1024, 1024

_BLOCKS_LOW, _LOG_BLOCK_SIZE, _MAGIC, _INCOMPATIBLE, _BLOCKS_HIGH = 0x4, 0x18, 0x38, 0x60, 0x150
_EXT_MAGIC, _HAS_64_BIT = 0xEF53, 0x80
_BITS = 8


def group_bytes(superblock: bytes) -> int:
    """Returns the bytes of one block group, whose blocks one block of bits can count. Zero for anything but ext4."""
    return _BITS * _block(superblock) ** 2


def filesystem_bytes(superblock: bytes) -> int:
    """Zero for anything but ext4."""
    (low,) = struct.unpack_from("<I", superblock, _BLOCKS_LOW)
    (incompatible,) = struct.unpack_from("<I", superblock, _INCOMPATIBLE)
    (high,) = struct.unpack_from("<I", superblock, _BLOCKS_HIGH) if incompatible & _HAS_64_BIT else (0,)
    return int((high << 32 | low) * _block(superblock))


def must_grow(superblock: bytes, device_bytes: int) -> bool:
    """Returns whether the device has room for one block group more at least: resize2fs leaves less than that unused."""
    size = filesystem_bytes(superblock)
    return size > 0 and device_bytes - size >= group_bytes(superblock)


def _block(superblock: bytes) -> int:
    (magic,) = struct.unpack_from("<H", superblock, _MAGIC)
    (log,) = struct.unpack_from("<I", superblock, _LOG_BLOCK_SIZE)
    return 1024 << log if magic == _EXT_MAGIC and log <= 6 else 0
