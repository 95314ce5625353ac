"""Fetches pinned binaries and images from the mirror, and not again those that are here with the right checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

from node.contract.machine_config import Artifacts
from node.host import paths
from node.host.bucket import Bucket
from node.host.commands import Commands, MachineError
from node.host.files import under, write
from node.host.web import WebError, request

FETCH_SECONDS = 60.0
Download = Callable[[str, BinaryIO], None]
_MOVED = (301, 302, 303, 307, 308)
_MOVES = 5
_IMAGES = f"{paths.STATE}/images"


def downloads(mirror: str, bucket_of: Callable[[str], Bucket]) -> Download:
    """Returns what fetches a path on the mirror: from `gs://bucket/prefix` with the machine's token, else by HTTP(S),
    which may lead elsewhere, as dl.k8s.io does: what is fetched is known by its checksum. A path that is an https:// address
    is fetched from there, whatever the mirror.
    """

    def from_bucket(path: str, sink: BinaryIO) -> None:
        name, _, prefix = mirror.removeprefix("gs://").rstrip("/").partition("/")
        bucket_of(name).download(f"{prefix}/{path}".lstrip("/"), sink)

    def from_web(url: str, sink: BinaryIO) -> None:
        secure = url.startswith("https://")
        for _ in range(_MOVES):
            reply = request("GET", url, timeout=FETCH_SECONDS, sink=sink, allow=_MOVED)
            if reply.status not in _MOVED:
                return
            target = urljoin(url, reply.headers.get("location", ""))
            if secure and not target.startswith("https://"):
                raise WebError(f"{url} leads to {target}, away from HTTPS")
            url = target
        raise WebError(f"{url} leads elsewhere {_MOVES} times")

    def download(path: str, sink: BinaryIO) -> None:
        if path.startswith("https://"):
            from_web(path, sink)
        elif mirror.startswith("gs://"):
            from_bucket(path, sink)
        else:
            from_web(f"{mirror.rstrip('/')}/{path}", sink)

    return download


def install(root: Path, artifacts: Artifacts, download: Download, commands: Commands) -> bool:
    """Returns whether the kubelet's binary is another one now. Raises WebError or MachineError.

    The kubelet comes last: had an image failed after it, the next try would find it in place and not restart it.
    """
    for image in artifacts.images:
        if not image.path:
            continue
        imported = under(root, f"{_IMAGES}/{image.name}.imported")
        if imported.exists() and imported.read_text() == image.sha256:
            continue
        archive = under(root, f"{_IMAGES}/{image.name}.tar")
        fetch(archive, image.path, image.sha256, download, 0o600)
        commands.run("ctr", "--namespace", "k8s.io", "images", "import", str(archive), seconds=300)
        write(imported, image.sha256)
        archive.unlink()
    changed = False
    for binary in artifacts.binaries:
        target = under(root, f"{paths.BINARIES}/{binary.name}")
        changed |= fetch(target, binary.path, binary.sha256, download, 0o755) and binary.name == "kubelet"
    if not under(root, f"{paths.BINARIES}/kubelet").exists():
        raise MachineError(f"there is no {paths.BINARIES}/kubelet, and machine-config.artifacts names none")
    return changed


def fetch(target: Path, path: str, sha256: str, download: Download, mode: int) -> bool:
    """Returns whether it had to be fetched. Nothing with another checksum ever gets the target's name."""
    if target.exists() and _digest(target) == sha256:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    with draft.open("wb") as file:
        download(path, file)
    if (found := _digest(draft)) != sha256:
        draft.unlink()
        raise MachineError(f"{path} from the mirror has SHA-256 {found}, and {sha256} was asked for")
    draft.chmod(mode)
    draft.replace(target)
    return True


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
