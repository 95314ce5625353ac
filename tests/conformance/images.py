"""The images that Kubernetes' tests name, of its own agnhost and of Debian's packages, in one archive without a registry.

agnhost and its likes stand on Alpine; here they do on a layer of Debian's busybox, bash, curl, dig, getent, ip and netcat.
The shell is bash: Debian's busybox drops variables of its environment whose names it can't set, such as `data-1`.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from lab.machines import image
from lab.toolchain import kubernetes
from tests.conformance import upstream
from tests.e2e.debian import libraries, unpacked
from tests.e2e.web import NGINX_CONFIGURATION

PACKAGES: Final = ("busybox", "nginx", "bind9-dnsutils", "netcat-openbsd")
PATH: Final = "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TOOLS: Final = ("busybox", "bash", "curl", "dig", "getent", "ip", "nc.openbsd")
NGINX: Final = "/usr/sbin/nginx"
_USERS = """root:x:0:0:root:/root:/bin/sh
user-defined-in-image:x:1000:1000::/tmp:/bin/sh
nobody:x:65534:65534:nobody:/tmp:/bin/sh
"""
_GROUPS = """root:x:0:
user-defined-in-image:x:1000:
group-defined-in-image:x:50000:user-defined-in-image
nogroup:x:65534:
"""
"""As agnhost's Dockerfile has them."""
_NNP = "/usr/local/bin/nnp"
_PAUSE = "trap 'exit 0' TERM INT; busybox sleep 2147483647 & wait"


@dataclass(frozen=True)
class Layer:
    """The host's files and texts by their paths in the image; `links` likewise by what they point to."""

    files: Mapping[str, Path] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    folders: Sequence[str] = ()
    modes: Mapping[str, int] = field(default_factory=dict)
    """Of files that aren't as they lie on the host."""


@dataclass(frozen=True)
class Image:
    references: tuple[str, ...]
    layers: tuple[Layer, ...]
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = ""


def archive(folder: Path) -> Path:
    """All images as `ctr images import` reads them, made in `folder`."""
    target = folder / "images.tar"
    write(_images(folder), target)
    return target


def _images(folder: Path) -> list[Image]:
    built, root, source = kubernetes.ensure("conformance"), image.ensure().root, upstream.source()
    packages = unpacked(PACKAGES, root, folder)
    named = upstream.images(source)

    def of(*names: str) -> tuple[str, ...]:
        return tuple(named[name] for name in names)

    programs = {f"/bin/{name}": _found(name, packages, root) for name in TOOLS}
    loaded = {
        path: file for each in programs.values() for path, file in libraries(each, root, packages).items()
    }
    applets = _applets(programs["/bin/busybox"], root, packages)
    tools = Layer(
        files={**programs, **loaded},
        texts={
            "/etc/passwd": _USERS,
            "/etc/group": _GROUPS,
            "/etc/nsswitch.conf": "hosts: files dns\n",
        },
        links={f"/bin/{name}": "busybox" for name in applets if name not in TOOLS}
        | {"/bin/nc": "nc.openbsd", "/bin/sh": "bash", "/usr/bin/env": "/bin/busybox"},
        folders=("root", "home", "uploads", "var", "run", "mnt"),
    )
    test_images = source / "test/images"
    agnhost = Layer(
        files={
            "/agnhost": built / "agnhost",
            **{
                f"/localhost.{kind}": test_images / f"agnhost/porter/localhost.{kind}"
                for kind in ("crt", "key")
            },
        },
        links={"/agnhost-2": "agnhost"},
    )
    page = "usr/share/nginx/html/index.html"
    nginx = Layer(
        files={NGINX: packages / NGINX[1:], f"/{page}": packages / page}
        | libraries(packages / NGINX[1:], root, packages),
        texts={"/etc/nginx.conf": NGINX_CONFIGURATION},
        folders=("var/log", "var/log/nginx", "var/lib", "var/lib/nginx"),
    )
    runs, api = ("/agnhost",), "sample-apiserver"

    def picture(name: str) -> Image:
        layer = Layer(files={"/data.json": test_images / name / "html/data.json"})
        return Image(of(name.capitalize()), (tools, agnhost, layer), runs, ("test-webserver",))

    return [
        Image(of("BusyBox", "GlibcDnsTesting"), (tools,), command=("sh",)),
        Image(of("Agnhost", "AgnhostPrev"), (tools, agnhost), runs, ("pause",)),
        Image(of("NonRoot"), (tools, agnhost), runs, ("pause",), user="1234"),
        Image(of("Pause"), (tools,), ("/bin/sh", "-c", _PAUSE)),
        Image(of("Nginx", "NginxNew"), (tools, nginx), command=(NGINX, "-c", "/etc/nginx.conf")),
        Image(
            of("Nonewprivs"),
            (tools, Layer(files={_NNP: built / "nonewprivs"}, modes={_NNP: 0o6755})),
            command=("nnp",),
        ),
        Image(of("APIServer"), (Layer(files={f"/{api}": built / api}),), (f"/{api}",)),
        Image(of("Etcd"), (Layer(files={"/usr/local/bin/etcd": kubernetes.ensure("etcd") / "etcd"}),)),
        picture("nautilus"),
        picture("kitten"),
    ]


def _found(program: str, *roots: Path) -> Path:
    places = [root / folder / program for root in roots for folder in ("usr/bin", "bin")]
    return next(place for place in places if place.exists()).resolve()


def _applets(busybox: Path, *roots: Path) -> list[str]:
    loader = libraries(busybox, *roots)["/lib64/ld-linux-x86-64.so.2"]
    path = ":".join(str(root / "usr/lib/x86_64-linux-gnu") for root in roots)
    command = [str(loader), "--library-path", path, str(busybox), "--list"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.split()


def write(images: Iterable[Image], target: Path) -> None:
    """Docker's format; a layer that several images have is written once."""
    manifest: list[dict[str, object]] = []
    known: dict[int, str] = {}
    with tarfile.open(target, "w") as tar:
        for place, each in enumerate(images):
            digests = []
            for layer in each.layers:
                if id(layer) not in known:
                    known[id(layer)] = _add_layer(tar, layer, target)
                digests.append(known[id(layer)])
            config = {
                "architecture": "amd64",
                "os": "linux",
                "config": {
                    "Env": [PATH],
                    "Entrypoint": list(each.entrypoint),
                    "Cmd": list(each.command),
                    "User": each.user,
                },
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
            }
            _add_text(tar, f"{place}.json", json.dumps(config))
            manifest.append(
                {
                    "Config": f"{place}.json",
                    "RepoTags": list(each.references),
                    "Layers": [f"{digest}.tar" for digest in digests],
                }
            )
        _add_text(tar, "manifest.json", json.dumps(manifest))


def _add_layer(archive: tarfile.TarFile, layer: Layer, target: Path) -> str:
    file = target.with_suffix(".layer")
    with tarfile.open(file, "w") as tar:
        for folder in sorted(_folders(layer)):
            info = tarfile.TarInfo(folder)
            info.type, info.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(info)
        for path, source in sorted(layer.files.items()):
            info = tarfile.TarInfo(path.lstrip("/"))
            info.size = source.stat().st_size
            info.mode = layer.modes.get(path, 0o755 if source.stat().st_mode & 0o100 else 0o644)
            with source.open("rb") as stream:
                tar.addfile(info, stream)
        for path, text in sorted(layer.texts.items()):
            _add_text(tar, path.lstrip("/"), text)
        for path, points_to in sorted(layer.links.items()):
            info = tarfile.TarInfo(path.lstrip("/"))
            info.type, info.linkname = tarfile.SYMTYPE, points_to
            tar.addfile(info)
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    archive.add(file, f"{digest}.tar")
    file.unlink()
    return digest


def _folders(layer: Layer) -> set[str]:
    """All that the layer's files stand in, and those that it has for their own sake."""
    paths = [PurePosixPath("tmp"), *(PurePosixPath(each) for each in layer.folders)]
    for path in (*layer.files, *layer.texts, *layer.links):
        paths.append(PurePosixPath(path.lstrip("/")).parent)
    return {str(each) for path in paths for each in (path, *path.parents)} - {"."}


def _add_text(tar: tarfile.TarFile, path: str, text: str) -> None:
    data = text.encode()
    info = tarfile.TarInfo(path)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))
