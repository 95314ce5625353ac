"""What the image is made of. Pure but for reading versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    "nftables",
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

COREDNS: Final = "v1.14.2"
"""The tag that the product's table has. What bears it here is `lab.toolchain.kubernetes.recipe.COREDNS`, and says so itself:
of the table's release no module can be had.
"""

METRICS_SERVER: Final = "v0.8.1"
"""Likewise: the table's newest, borne by `lab.toolchain.kubernetes.recipe.METRICS_SERVER`."""

NFT: Final = "/usr/sbin/nft"
"""kube-proxy's tool, and with it, in its image, the libraries that it loads."""


@dataclass(frozen=True)
class ContainerImage:
    """One layer with one program, from the host's `source`; `program` is its path in there, `beside` lie with it, and
    `others` are the host's files by their paths in there.
    """

    reference: str
    source: Path
    program: str
    command: tuple[str, ...]
    beside: tuple[Path, ...] = ()
    others: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Built:
    """What images are made of: folders of the toolchain's groups, the machines' root, and what `NFT` is made of in there."""

    etcd: Path
    kubernetes: Path
    coredns: Path
    metrics: Path
    root: Path
    nft: Mapping[str, Path]


def images(built: Built) -> tuple[ContainerImage, ...]:
    """Named as `node.manifests` and `components.config` name them where no artifacts are configured."""

    def own(name: str, folder: Path, version: str, *beside: str) -> ContainerImage:
        program, reference = f"/usr/local/bin/{name}", f"ha-masters.local/{name}:{version}"
        return ContainerImage(
            reference, folder / name, program, (program,), tuple(folder / each for each in beside)
        )

    kubernetes, root = built.kubernetes, built.root

    pause = ContainerImage(PAUSE, root / BUSYBOX[1:], BUSYBOX, (BUSYBOX, "sh", "-c", _SLEEP))
    programs = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    proxy = own("kube-proxy", kubernetes, f"v{KUBERNETES}")
    return (
        pause,
        own("etcd", built.etcd, ETCD, "etcdctl", "etcdutl"),
        *(own(name, kubernetes, f"v{KUBERNETES}") for name in programs),
        replace(proxy, others=built.nft),
        own("coredns", built.coredns, COREDNS),
        own("metrics-server", built.metrics, METRICS_SERVER),
    )


def image_key() -> str:
    """Names the image by all that goes into it: these modules, the packages, and what Go built."""
    digest = hashlib.sha256(f"{SUITE} {PACKAGES}".encode())
    for group in ("etcd", "kubernetes", "coredns", "metrics"):
        digest.update(key(group, go_version()).encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]
