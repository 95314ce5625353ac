"""What the image is made of. Pure but for reading versions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.toolchain.kubernetes.recipe import ETCD, KUBERNETES, key
from lab.toolchain.recipe import go_version

SUITE: Final = "bookworm"
PACKAGES: Final = (
    # What Google's Debian image has, as far as a master needs it.
    "systemd",
    "systemd-sysv",
    "dbus",
    "google-guest-agent",
    "python3",
    "curl",
    "ca-certificates",
    "iproute2",
    "procps",
    "kmod",
    "e2fsprogs",
    # What node.bootstrap would install.
    "containerd",
    "runc",
    "containernetworking-plugins",
    "iptables",
    "conntrack",
    "ethtool",
    # The sandbox of pods and, in tests, their load.
    "busybox-static",
)

PAUSE: Final = "ha-masters.local/pause:lab"
_SLEEP = "trap 'exit 0' TERM INT; busybox sleep 2147483647 & wait"
"""As Kubernetes' own: the first process of a namespace of processes has to ask for SIGTERM, or it doesn't get it."""

BUSYBOX: Final = "/bin/busybox"


@dataclass(frozen=True)
class ContainerImage:
    """One layer with one program, from the host's `source`; `program` is its path in there, and `beside` lie with it."""

    reference: str
    source: Path
    program: str
    command: tuple[str, ...]
    beside: tuple[Path, ...] = ()


def images(kubernetes: Path, etcd: Path, root: Path) -> tuple[ContainerImage, ...]:
    """Named as `node.manifests` names them where no artifacts are configured."""

    def own(name: str, folder: Path, version: str, *beside: str) -> ContainerImage:
        program, reference = f"/usr/local/bin/{name}", f"ha-masters.local/{name}:{version}"
        others = tuple(folder / each for each in beside)
        return ContainerImage(reference, folder / name, program, (program,), others)

    pause = ContainerImage(PAUSE, root / BUSYBOX[1:], BUSYBOX, (BUSYBOX, "sh", "-c", _SLEEP))
    programs = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    return (
        pause,
        own("etcd", etcd, ETCD, "etcdctl", "etcdutl"),
        *(own(name, kubernetes, f"v{KUBERNETES}") for name in programs),
    )


def image_key() -> str:
    """Names the image by all that goes into it: these modules, the packages, and what Go built."""
    digest = hashlib.sha256(f"{SUITE} {PACKAGES}".encode())
    for group in ("etcd", "kubernetes"):
        digest.update(key(group, go_version()).encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]
