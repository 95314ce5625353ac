"""nginx and a busybox whose `wget` asks a name server, as container images: the two that the blog's story runs.

Debian has both; their libraries are those of the machines' own root. No registry is asked: the archives are handed to a
machine's containerd.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from lab.machines import image
from lab.machines.image import archive
from lab.machines.image.recipe import ContainerImage
from tests.e2e.lab import Lab

NGINX, BUSYBOX = "nginx:1.22", "busybox:1.35"
"""With a tag, so that no kubelet asks a registry for what its node has."""

IMPORT_SECONDS = 120

_CONFIGURATION = """daemon off; user root; worker_processes 1; pid /tmp/nginx.pid; error_log stderr; events {}
http {
  access_log off;
  server { listen 80; root /usr/share/nginx/html; }
}
"""


def archives(folder: Path) -> list[Path]:
    """Both images, as `ctr images import` reads them. Needs Debian's mirror."""
    root, packages = image.ensure().root, folder / "root"
    _unpacked(root, folder, packages)
    (folder / "nginx.conf").write_text(_CONFIGURATION)
    (folder / "keep").touch()
    nginx, busybox = packages / "usr/sbin/nginx", packages / "bin/busybox"
    page = "usr/share/nginx/html/index.html"
    wanted = [
        ContainerImage(
            f"docker.io/library/{NGINX}",
            nginx,
            "/usr/sbin/nginx",
            ("/usr/sbin/nginx", "-c", "/etc/nginx.conf"),
            others={
                **_libraries(root, nginx),
                "/etc/nginx.conf": folder / "nginx.conf",
                "/etc/passwd": root / "etc/passwd",
                "/etc/group": root / "etc/group",
                "/var/log/nginx/keep": folder / "keep",
                "/var/lib/nginx/keep": folder / "keep",
                f"/{page}": packages / page,
            },
        ),
        ContainerImage(
            f"docker.io/library/{BUSYBOX}",
            busybox,
            "/bin/busybox",
            ("/bin/sh",),
            others={**_libraries(root, busybox), "/bin/sh": busybox, "/bin/wget": busybox},
        ),
    ]
    made = []
    for each in wanted:
        file = folder / f"{each.source.name}.tar"
        archive.write(each, file)
        made.append(file)
    return made


def hand_out(life: Lab, machines: Iterable[str], images: Iterable[Path]) -> None:
    """Each machine's containerd has these images afterwards."""
    texts = [file.read_bytes() for file in images]
    for machine in machines:
        for text in texts:
            command = ("ctr", "--namespace", "k8s.io", "images", "import", "-")
            life.inside(machine, *command, stdin=text, seconds=IMPORT_SECONDS)


def _unpacked(root: Path, folder: Path, into: Path) -> None:
    """Debian's packages of the suite that `root` is of."""
    lists, cache = folder / "lists", folder / "cache"
    for each in (lists, cache):
        each.mkdir(parents=True)
    options = {
        "Dir::Etc::sourcelist": root / "etc/apt/sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": lists,
        "Dir::Cache": cache,
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "--quiet", "--quiet", *(f"--option={key}={value}" for key, value in options.items())]
    _run(*apt, "update", folder=folder)
    _run(*apt, "download", "nginx", "nginx-common", "busybox", folder=folder)
    for package in folder.glob("*.deb"):
        _run("dpkg-deb", "--extract", str(package), str(into), folder=folder)


def _libraries(root: Path, program: Path) -> dict[str, Path]:
    """What a program loads from `root`, by its path in there."""
    loader = root / "lib64/ld-linux-x86-64.so.2"
    folder = root / "usr/lib/x86_64-linux-gnu"
    said = _run(str(loader), "--library-path", str(folder), "--list", str(program), folder=root)
    names = [line.split()[0] for line in said.splitlines() if f"=> {folder}/" in line]
    found = {f"/lib/x86_64-linux-gnu/{name}": (folder / name).resolve() for name in names}
    return {"/lib64/ld-linux-x86-64.so.2": (folder / "ld-linux-x86-64.so.2").resolve(), **found}


def _run(*command: str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout
