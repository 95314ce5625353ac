"""A container image with one program in it, as the archive that `ctr images import` reads (docker's format)."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

from .recipe import ContainerImage


def write(image: ContainerImage, target: Path) -> None:
    layer = target.with_suffix(".layer")
    with tarfile.open(layer, "w") as tar:
        for folder in ("etc", "tmp", "usr", "usr/local", "usr/local/bin", "bin"):
            _folder(tar, folder)
        program = image.program.lstrip("/")
        tar.add(image.source, program, filter=_plain)
        for other in image.beside:
            tar.add(other, f"{program.rpartition('/')[0]}/{other.name}", filter=_plain)
        for path, source in image.others.items():
            tar.add(source, path.lstrip("/"), filter=_plain)
    with layer.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["PATH=/usr/local/bin:/usr/sbin:/bin"], "Entrypoint": list(image.command)},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [image.reference], "Layers": ["layer.tar"]}]
    with tarfile.open(target, "w") as tar:
        _text(tar, "config.json", config)
        _text(tar, "manifest.json", manifest)
        tar.add(layer, "layer.tar", filter=_plain)
    layer.unlink()


def _folder(tar: tarfile.TarFile, name: str) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
    tar.addfile(info)


def _text(tar: tarfile.TarFile, name: str, value: object) -> None:
    data = json.dumps(value).encode()
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """The same bytes whoever built it, and when."""
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    return info
