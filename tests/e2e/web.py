"""nginx and a busybox whose `wget` asks a name server, as container images: the two that the blog's story runs.

Debian has both; their libraries are those of the machines' own root. No registry is asked: the archives are handed to a
machine's containerd.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lab.machines import image
from lab.machines.image import archive
from lab.machines.image.recipe import ContainerImage
from tests.e2e.debian import libraries, unpacked
from tests.e2e.lab import Lab

NGINX, BUSYBOX = "nginx:1.22", "busybox:1.35"
"""With a tag, so that no kubelet asks a registry for what its node has."""

IMPORT_SECONDS = 120

NGINX_CONFIGURATION = """daemon off; user root; worker_processes 1; pid /tmp/nginx.pid; error_log stderr; events {}
http {
  access_log off;
  server { listen 80; root /usr/share/nginx/html; }
}
"""


def archives(folder: Path) -> list[Path]:
    """Both images, as `ctr images import` reads them. Needs Debian's mirror."""
    root = image.ensure().root
    packages = unpacked(("nginx", "busybox"), root, folder)
    (folder / "nginx.conf").write_text(NGINX_CONFIGURATION)
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
                **libraries(nginx, root, packages),
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
            others={**libraries(busybox, root, packages), "/bin/sh": busybox, "/bin/wget": busybox},
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
