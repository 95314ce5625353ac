"""Builds the image once per key, by one process at a time, and never half."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from lab.machines.host import HostError, missing
from lab.toolchain import kubernetes, place
from lab.toolchain.lock import held

from . import archive, recipe

Progress = Callable[[str], None]

_HOSTS = "127.0.0.1 localhost\n169.254.169.254 metadata.google.internal metadata\n"

_FILES = {
    "etc/hosts": _HOSTS,
    # As on Google's images. The lab has no name server: what has a name here stands in /etc/hosts.
    "etc/resolv.conf": "nameserver 169.254.169.254\n",
    # As on Google's images, what start-up scripts say goes to the serial console.
    "etc/systemd/system/google-startup-scripts.service.d/console.conf": "[Service]\nStandardOutput=journal+console\n",
    "etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n",
    # The lab's machines are the simulator's to name; nobody logs in by SSH.
    "etc/default/instance_configs.cfg": "[Accounts]\ndeprovision_remove = false\n[Daemons]\naccounts_daemon = false\n"
    "clock_skew_daemon = false\nnetwork_daemon = true\n[InstanceSetup]\nhost_keys = none\nset_boto_config = false\n"
    "optimize_local_ssd = false\nset_multiqueue = false\n[NetworkInterfaces]\nsetup = false\n",
    # Bound over the host's settings, which the kubelet would write otherwise.
    "etc/lab/one": "1\n",
    "etc/lab/ten": "10\n",
    # No kernel log of its own: the kubelet watches an empty one.
    "etc/tmpfiles.d/lab.conf": "L /dev/kmsg - - - - /dev/null\n",
}
_UNWANTED = ("console-getty.service", "apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer")
_UNWANTED_TOO = ("e2scrub_reap.service", "systemd-networkd.service", "systemd-resolved.service")


class ImageUnavailableError(Exception):
    """What failed while the image was built, and what it said."""


@dataclass(frozen=True)
class Image:
    """`root` is the lower layer of every machine's root, `containerd` what each finds in /var/lib/containerd."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def containerd(self) -> Path:
        return self.folder / "containerd"


def cache() -> Path:
    return place.cache().parent / "machine-image"


def ensure(progress: Progress = print) -> Image:
    """The image, built if need be: about 90 s, and what Kubernetes takes to compile (8 min) the first time.

    Raises ImageUnavailableError, HostError, and what `kubernetes.ensure` raises; each is for people.
    """
    folder = cache() / recipe.image_key()
    if not folder.exists():
        with held(folder.with_suffix(".lock"), "another process builds the machines' image", progress):
            if not folder.exists():
                _build(folder, progress)
    return Image(folder)


def _build(folder: Path, progress: Progress) -> None:
    if why := missing():
        raise HostError(f"The machines' image can't be built: {why}.")
    etcd, programs, coredns, metrics = (
        kubernetes.ensure(group, progress) for group in ("etcd", "kubernetes", "coredns", "metrics")
    )
    began = time.monotonic()
    building = folder.with_suffix(".building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    image = Image(building)
    progress("building the machines' image, about 90 s: Debian's packages")
    _run(
        "debootstrap",
        "--variant=minbase",
        f"--include={','.join(recipe.PACKAGES)}",
        recipe.SUITE,
        str(image.root),
    )
    _furnish(image.root, programs)
    progress("building the machines' image: the control plane's container images")
    nft = _with_libraries(image.root, recipe.NFT)
    _load(image, recipe.images(recipe.Built(etcd, programs, coredns, metrics, image.root, nft)))
    building.rename(folder)
    progress(f"machines' image built in {time.monotonic() - began:.0f} s")


def _furnish(root: Path, programs: Path) -> None:
    for name, text in _FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(text)
    (root / "etc/machine-id").write_text("uninitialized\n")
    (root / "etc/hostname").unlink(missing_ok=True)  # The name comes with the machine.
    for unit in (*_UNWANTED, *_UNWANTED_TOO):
        (root / "etc/systemd/system" / unit).unlink(missing_ok=True)
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
    binaries = root / "opt/ha-masters/bin"
    binaries.mkdir(parents=True)
    shutil.copy2(programs / "kubelet", binaries / "kubelet")
    shutil.rmtree(root / "var/cache/apt/archives", ignore_errors=True)


def _with_libraries(root: Path, program: str) -> dict[str, Path]:
    """A program of `root` and all that it loads, by their paths in there; where those are links, from where they lead."""
    said = _run("chroot", str(root), "ldd", program)
    paths = [program, *(word for word in said.split() if word.startswith("/"))]
    files = _run("chroot", str(root), "readlink", "-f", *paths).split()
    return {path: root / file[1:] for path, file in zip(paths, files, strict=True)}


def _load(image: Image, containers: Iterable[recipe.ContainerImage]) -> None:
    """containerd itself takes the images in, once, in the root that it will serve in."""
    archives = image.root / "images"
    archives.mkdir()
    names = []
    for each in containers:
        name = each.reference.rpartition("/")[2].replace(":", "-") + ".tar"
        archive.write(each, archives / name)
        names.append(f"/images/{name}")
    script = (
        "mount -t tmpfs tmpfs /run && mount -t proc proc /proc && mount -t sysfs sys /sys && mkdir -p /run/containerd"
        " && { containerd > /run/containerd.log 2>&1 & }"
        " ; for n in $(seq 100); do ctr version > /dev/null 2>&1 && break; sleep 0.1; done"
        " ; for i in "
        + " ".join(names)
        + "; do ctr -n k8s.io images import --snapshotter overlayfs $i || exit 1; done"
        " ; kill %1; wait"
    )
    _run("unshare", "--mount", "--pid", "--fork", "chroot", str(image.root), "bash", "-c", script)
    shutil.rmtree(archives)
    (image.root / "var/lib/containerd").rename(image.containerd)
    (image.root / "var/lib/containerd").mkdir()


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-2000:]
        raise ImageUnavailableError(
            f"`{command[0]}` ended with {done.returncode} while the image was built:\n{said}"
        )
    return done.stdout
