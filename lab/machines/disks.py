"""What machines keep: a folder for each disk of the API, by the disk's id.

A boot disk is the upper layer of its machine's root; any other is a filesystem image, sparse, that the machine sees as
a block device through a loop device.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Collection
from pathlib import Path


class Disks:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def boot(self, disk_id: str, containerd: Path) -> Path:
        """Returns the folder of a boot disk; a new one gets the image's container images, as hard links."""
        folder = self._folder / disk_id
        if not (folder / "containerd").exists():
            folder.mkdir(parents=True, exist_ok=True)
            draft = folder / "containerd.new"
            shutil.rmtree(draft, ignore_errors=True)
            _copy(containerd, draft)
            draft.rename(folder / "containerd")
        return folder

    def attach(self, disk_id: str, size_gb: int) -> str:
        """Returns the loop device of a data disk, which is blank if it is new, and as large as the API says."""
        file = self._folder / disk_id / "data.img"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        _lengthen(file, size_gb << 30)
        return subprocess.run(
            ["losetup", "--find", "--show", str(file)], check=True, capture_output=True, text=True
        ).stdout.strip()

    def grow(self, disk_id: str, size_gb: int) -> None:
        """Makes the disk so large, also for a running machine that has it; never smaller."""
        file = self._folder / disk_id / "data.img"
        if file.exists() and _lengthen(file, size_gb << 30):
            for device in devices_below(file):
                subprocess.run(["losetup", "--set-capacity", device], check=True, capture_output=True)

    def blank(self, disk_id: str) -> None:
        """Empties it. No machine may have it meanwhile."""
        (self._folder / disk_id / "data.img").unlink(missing_ok=True)

    def keep(self, disk_ids: Callable[[], Collection[str]]) -> None:
        """Throws away disks that the API has deleted. `disk_ids` is asked after a look at the folders: none is too new."""
        folders = list(self._folder.glob("*"))
        known = disk_ids()
        for folder in folders:
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)


def detach(device: str) -> None:
    subprocess.run(["losetup", "--detach", device], check=False, capture_output=True)


def devices_below(folder: Path) -> list[str]:
    """Loop devices whose file lies below `folder`, or is it."""
    shown = subprocess.run(["losetup", "--json", "--list"], check=True, capture_output=True, text=True).stdout
    listed = json.loads(shown)["loopdevices"] if shown.strip() else []
    return [each["name"] for each in listed if Path(each["back-file"]).is_relative_to(folder)]


def _lengthen(file: Path, size: int) -> bool:
    """Returns whether it was shorter before."""
    if file.stat().st_size >= size:
        return False
    with file.open("r+b") as opened:
        opened.truncate(size)
    return True


def _copy(source: Path, target: Path) -> None:
    """Contents and layers are never written again and may be links; containerd's databases are its own."""
    for options in (["--archive", "--link"], ["--archive"]):
        done = subprocess.run(["cp", *options, str(source), str(target)], check=False, capture_output=True)
        if done.returncode == 0:
            break
        shutil.rmtree(target, ignore_errors=True)
    else:
        raise OSError(f"{source} can't be copied to {target}: {done.stderr.decode()[-500:]}")
    for database in target.rglob("*.db"):
        text = database.read_bytes()
        database.unlink()
        database.write_bytes(text)
