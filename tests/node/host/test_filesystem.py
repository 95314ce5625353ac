"""A filesystem beside its disk: sizes from superblocks, as a table, and from real ones."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.host import disk, paths
from node.host.commands import LocalCommands
from node.host.files import under
from node.host.filesystem import SUPERBLOCK_BYTES, filesystem_bytes, must_grow
from tests.node.bootstrap.site import Programs

GIB = 1 << 30
CAP_SYS_RESOURCE = 24
"""What the kernel asks of whoever grows a mounted filesystem: fs/ext4/resize.c, `ext4_resize_begin`."""


def superblock(size: int, *, log: int = 2, magic: int = 0xEF53, wide: bool = True) -> bytes:
    """Of ext4 with so many bytes, in blocks of 1 KiB << `log`."""
    blocks = size // (1024 << log)
    made = bytearray(SUPERBLOCK_BYTES)
    struct.pack_into("<I", made, 0x4, blocks & 0xFFFFFFFF)
    struct.pack_into("<I", made, 0x18, log)
    struct.pack_into("<H", made, 0x38, magic)
    struct.pack_into("<I", made, 0x60, 0x80 if wide else 0)
    struct.pack_into("<I", made, 0x150, blocks >> 32 if wide else 0xFFFF)
    return bytes(made)


@pytest.mark.parametrize(
    ("block", "device", "grows"),
    [
        pytest.param(superblock(10 * GIB), 10 * GIB, False, id="as-large"),
        pytest.param(superblock(10 * GIB), 11 * GIB, True, id="one-gib-more"),
        pytest.param(superblock(10 * GIB), 10 * GIB + (127 << 20), False, id="less-than-a-group-more"),
        pytest.param(superblock(10 * GIB), 10 * GIB + (128 << 20), True, id="a-group-more"),
        pytest.param(superblock(GIB, log=0), GIB + (8 << 20), True, id="small-blocks-have-small-groups"),
        pytest.param(superblock(10 * GIB), 5 * GIB, False, id="a-smaller-disk"),
        pytest.param(superblock(20 << 40), 20 << 40, False, id="more-blocks-than-32-bits-count"),
        pytest.param(superblock(20 << 40), 21 << 40, True, id="and-more"),
        pytest.param(superblock(10 * GIB, wide=False), 11 * GIB, True, id="without-the-64-bit-feature"),
        pytest.param(superblock(10 * GIB, magic=0), 11 * GIB, False, id="not-ext4"),
        pytest.param(superblock(10 * GIB, log=0) [:0x18] + b"\xff" * 4 + superblock(10 * GIB)[0x1C:], 11 * GIB, False,
                     id="nonsense"),
    ],
)  # fmt: skip
def test_whether_it_must_grow(block: bytes, device: int, grows: bool) -> None:
    assert must_grow(block, device) == grows


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine whose disk is a file of 1 GiB with ext4 on it."""
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("there is no mkfs.ext4 here")
    for folder in ("/proc", "/dev/disk/by-id", paths.DATA_DISK):
        under(tmp_path, folder).mkdir(parents=True)
    file = under(tmp_path, disk.DEVICE)
    with file.open("wb") as opened:
        opened.truncate(GIB)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(file)], check=True)
    _mounts(tmp_path, "")
    return tmp_path


def test_a_disk_that_grew_before_it_is_mounted(root: Path) -> None:
    """As when its machine was replaced: the new one finds it unmounted."""
    device = under(root, disk.DEVICE)
    os.truncate(device, 2 * GIB)
    local = LocalCommands()

    class Mounting(Programs):
        def run(self, *command: str, allow: tuple[int, ...] = (), seconds: float = 0) -> tuple[int, str]:
            super().run(*command, allow=allow)
            return (0, "") if command[0] == "systemctl" else local.run(*command, allow=allow)

    disk.prepare(root, Mounting(root))
    assert _size(device) == 2 * GIB
    assert subprocess.run(["e2fsck", "-f", "-n", str(device)], capture_output=True).returncode == 0


def test_a_disk_that_is_as_large_as_before_is_left_alone(root: Path) -> None:
    programs = Programs(root, "ext4")
    disk.prepare(root, programs)
    assert disk.grow(root, programs) == ""
    assert not [call for call in programs.calls if call.startswith("resize2fs")]


def test_a_disk_that_grew_while_it_is_mounted(root: Path) -> None:
    _mounts(root, f"/dev/sdb {paths.DATA_DISK} ext4 rw 0 0\n")
    os.truncate(under(root, disk.DEVICE), 2 * GIB)
    programs = Programs(root, "ext4")
    said = disk.grow(root, programs)
    assert programs.calls == [f"resize2fs {disk.DEVICE}"]
    assert said == "the data disk's filesystem has grown from 1024 MiB to the 2048 MiB of its disk"


def test_what_is_not_mounted_is_left_to_the_next_boot(root: Path) -> None:
    os.truncate(under(root, disk.DEVICE), 2 * GIB)
    programs = Programs(root, "ext4")
    assert (disk.grow(root, programs), programs.calls) == ("", [])


@pytest.fixture
def mounted(root: Path) -> Iterator[tuple[Path, str]]:
    """The same disk behind a loop device, and really mounted; root, and the device."""
    file = root / "data.img"
    under(root, disk.DEVICE).rename(file)
    device = _run("losetup", "--find", "--show", str(file)).strip()
    under(root, disk.DEVICE).symlink_to(device)
    try:
        _run("mount", device, str(under(root, paths.DATA_DISK)))
        _mounts(root, f"{device} {paths.DATA_DISK} ext4 rw 0 0\n")
        yield root, device
    finally:
        subprocess.run(["umount", str(under(root, paths.DATA_DISK))], check=False)
        _run("losetup", "--detach", device)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting takes root")
def test_a_mounted_filesystem_on_a_real_device_that_grows_is_seen(mounted: tuple[Path, str]) -> None:
    root, device = mounted
    under(root, f"{paths.DATA_DISK}/kept").write_text("kept")
    programs = Programs(root, "ext4")
    assert disk.grow(root, programs) == ""
    os.truncate(root / "data.img", 2 * GIB)
    _run("losetup", "--set-capacity", device)
    disk.grow(root, programs)
    assert programs.calls == [f"resize2fs {disk.DEVICE}"]


def _may_grow_mounted() -> bool:
    status = Path("/proc/self/status").read_text()
    effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    return bool(int(effective, 16) >> CAP_SYS_RESOURCE & 1)


@pytest.mark.root
@pytest.mark.skipif(not _may_grow_mounted(), reason="growing a mounted filesystem takes CAP_SYS_RESOURCE")
def test_a_mounted_filesystem_grows_and_keeps_what_it_holds(mounted: tuple[Path, str]) -> None:
    root, device = mounted
    kept = under(root, f"{paths.DATA_DISK}/kept")
    kept.write_text("kept")
    os.truncate(root / "data.img", 2 * GIB)
    _run("losetup", "--set-capacity", device)
    assert disk.grow(root, LocalCommands())
    assert _size(Path(device)) == 2 * GIB
    assert disk.grow(root, LocalCommands()) == ""
    assert kept.read_text() == "kept"


def _size(device: Path) -> int:
    with device.open("rb") as opened:
        opened.seek(1024)
        return filesystem_bytes(opened.read(SUPERBLOCK_BYTES))


def _mounts(root: Path, text: str) -> None:
    under(root, "/proc/mounts").write_text(f"proc /proc proc rw 0 0\n{text}")


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
