"""The data disk: found by its device name, formatted if it is blank and only then, mounted, and grown with its disk: before
it is mounted, and afterwards, for Google makes a disk larger without asking its machine.

It is mounted through a unit, so that at the next boot the kubelet waits for it and never runs etcd on the boot disk.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from node.host import filesystem, paths
from node.host.commands import Commands, MachineError
from node.host.files import under, write

DEVICE = "/dev/disk/by-id/google-etcd-data"
APPEARS_SECONDS = 60.0
GROW_SECONDS = 600.0
PROBED_BYTES = 4 << 20
UNIT = "mnt-disks-etcd.mount"

_NOTHING_FOUND = 2  # blkid(8), with -p: no signature
_REPAIRED = 1  # e2fsck(8)


def prepare(root: Path, commands: Commands, appears_seconds: float = APPEARS_SECONDS) -> None:
    """Mounts the data disk and makes etcd's data folder on it. Raises MachineError with the reason."""
    if not is_mounted(root):
        device = _found(under(root, DEVICE), appears_seconds)
        if _is_blank(device, commands):
            commands.run("mkfs.ext4", "-q", "-m", "0", "-L", "etcd-data", str(device))
        commands.run("e2fsck", "-p", str(device), allow=(_REPAIRED,))
        if _outgrown(device):
            commands.run("e2fsck", "-f", "-p", str(device), allow=(_REPAIRED,), seconds=GROW_SECONDS)
            commands.run("resize2fs", str(device), seconds=GROW_SECONDS)
        write(under(root, f"/etc/systemd/system/{UNIT}"), mount_unit())
        commands.run("systemctl", "daemon-reload")
        commands.run("systemctl", "enable", "--now", UNIT)
        if not is_mounted(root):
            raise MachineError(f"{paths.DATA_DISK} is not mounted although {UNIT} was started")
    data = under(root, paths.ETCD_DATA)
    data.mkdir(exist_ok=True)
    data.chmod(0o700)


def grow(root: Path, commands: Commands) -> str:
    """The mounted filesystem takes all of a disk that has become larger; what was done, in words, or nothing. One small read
    where there is nothing to do. Raises MachineError or OSError.
    """
    device = under(root, DEVICE)
    if not is_mounted(root) or not device.exists() or not (sizes := _outgrown(device)):
        return ""
    commands.run("resize2fs", str(device), seconds=GROW_SECONDS)
    before, after = (size >> 20 for size in sizes)
    return f"the data disk's filesystem has grown from {before} MiB to the {after} MiB of its disk"


def is_mounted(root: Path) -> bool:
    """Also true where someone else mounted it: then it is taken as it is."""
    table = under(root, "/proc/mounts")
    return any(line.split()[1] == paths.DATA_DISK for line in table.read_text().splitlines() if line)


def mount_unit() -> str:
    return f"""[Unit]
Description=Data disk of etcd

[Mount]
What={DEVICE}
Where={paths.DATA_DISK}
Type=ext4
Options=defaults,discard,noatime

[Install]
WantedBy=multi-user.target
"""


def _found(device: Path, appears_seconds: float) -> Path:
    deadline = time.monotonic() + appears_seconds
    while not device.exists():
        if time.monotonic() > deadline:
            raise MachineError(
                f"waited {appears_seconds:.0f} s for the data disk at {DEVICE}: attach it with device name `etcd-data`"
            )
        time.sleep(0.5)
    return device


def _outgrown(device: Path) -> tuple[int, int] | None:
    """Bytes of the filesystem and of its device, where that has become so much larger that the filesystem can grow."""
    with device.open("rb", buffering=0) as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(filesystem.SUPERBLOCK_OFFSET)
        superblock = opened.read(filesystem.SUPERBLOCK_BYTES)
    if len(superblock) < filesystem.SUPERBLOCK_BYTES or not filesystem.must_grow(superblock, size):
        return None
    return filesystem.filesystem_bytes(superblock), size


def _is_blank(device: Path, commands: Commands) -> bool:
    """A blank disk has no signature, and only zeros at its beginning. A disk in doubt is never formatted."""
    code, said = commands.run(
        "blkid", "-p", "-s", "TYPE", "-o", "value", str(device), allow=(_NOTHING_FOUND,)
    )
    kind = said.strip()
    if code == 0 and kind == "ext4":
        return False
    if code == 0:
        raise MachineError(
            f"the data disk holds {kind or 'partitions'} and not ext4: attach the replica's own disk"
        )
    with device.open("rb") as file:
        if any(file.read(PROBED_BYTES)):
            raise MachineError(
                "the data disk holds something without a filesystem: wipe its first 4 MiB if it may be formatted"
            )
    return True
