"""What the computer is made of: QEMU from Debian's packages, and Debian's cloud kernel, kept in the cache."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lab.toolchain.place import cache

PACKAGES: Final = {
    "qemu-system-x86_64": "qemu-system-x86",
    "/usr/lib/qemu/virtiofsd": "qemu-system-common",
    "busybox": "busybox-static",
    "cpio": "cpio",
    "depmod": "kmod",
    "mke2fs": "e2fsprogs",
}
KERNEL = "linux-image-cloud-amd64"
SECONDS = 600


class PackageError(Exception):
    """Something of Debian's can't be had; the text says what, and what apt says."""


def install() -> None:
    """Raises PackageError."""
    lacking = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if lacking:
        print(f"installing {' '.join(lacking)}", flush=True)
        _apt("install", "--yes", "--no-install-recommends", *lacking)


def kernel() -> Path:
    """Returns a folder with the current `boot/vmlinuz-*` and `lib/modules/*`. Raises PackageError."""
    depends = _said("apt-cache", "depends", "--important", KERNEL)
    names = [word for line in depends.splitlines() if "Depends:" in line for word in line.split()[1:]]
    if not names:
        raise PackageError(f"{KERNEL} depends on no kernel: run `apt-get update`")
    folder = cache().parent / "real-kernel" / names[0]
    if not folder.exists():
        print(f"fetching {names[0]}", flush=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent) as place:
            _apt("download", names[0], folder=Path(place))
            (package,) = Path(place).glob("*.deb")
            made = Path(place) / "made"
            _said("dpkg-deb", "--extract", str(package), str(made))
            version = next((made / "lib/modules").iterdir()).name
            _said("depmod", "--basedir", str(made), version)
            made.rename(folder)
    return folder


def _apt(*arguments: str, folder: Path | None = None) -> None:
    _said("apt-get", "-qq", *arguments, folder=folder)


def _said(*command: str, folder: Path | None = None) -> str:
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    if ran.returncode:
        raise PackageError(f"{' '.join(command)} ended with {ran.returncode}:\n{ran.stderr.strip()}")
    return ran.stdout
