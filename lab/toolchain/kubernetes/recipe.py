"""What is built from what: etcd and its clients, the programs of Kubernetes, CoreDNS, metrics-server, Google's cloud
controller manager, kwok, etcd's own judge of histories, Pulumi's provider of Kubernetes, and Kubernetes' own tests. Pure but
for reading the module files.

Each group stands in a folder of its own, because tests of the agent need etcd alone (40 s), machines need Kubernetes,
CoreDNS and metrics-server too (8 min), nobody but `tests/robustness` the judge (1 min), nobody but stacks with `addons` the
provider (13 min), nobody but tests of Services the cloud controller manager (5 min), nobody but a test of many nodes kwok
(2 min), and nobody but `tests/conformance` Kubernetes' own tests (3 min). Other versions are groups too, such as
`etcd-3.7.3`, for the upgrade that `make live` runs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.toolchain.recipe import Part, installed

HERE = Path(__file__).parent
ETCD: Final = "3.6.8"
KUBERNETES: Final = "1.36.3"
COREDNS: Final = "1.14.3"
"""The oldest that the module proxy serves: the one that is nearest to the product's."""
METRICS_SERVER: Final = "0.8.0"
"""The product's is no module that can be had; this is the one before it."""
KWOK: Final = "0.8.0"
JUDGE: Final = "3.7.3"
"""Of etcd's tests (go.etcd.io/etcd/tests/v3), which read what earlier releases wrote as well."""
PROVIDER: Final = "provider"
"""Pulumi's provider of Kubernetes; its version is that of the installed SDK, by which the engine asks for it."""
ETCD_LATER: Final = ("3.6.16", "3.7.3")
"""In the order in which an upgrade passes them: 3.7 is reached from 3.6.11 or later only."""
KUBERNETES_LATER: Final = "1.37.2"

_VERSION = "k8s.io/component-base/version"
_PROGRAMS = (
    ("kube-apiserver", 150),
    ("kube-controller-manager", 60),
    ("kube-scheduler", 15),
    ("kubelet", 40),
    ("kube-proxy", 10),
    ("kubeadm", 15),
    ("kubectl", 15),
)


@dataclass(frozen=True)
class KubernetesPart(Part):
    """Kubernetes answers the version that it was linked with; without one it says v0.0.0, and clients refuse it."""

    @property
    def ldflags(self) -> str:
        major, minor, _ = self.version.removeprefix("v").split(".")
        values = {
            "gitVersion": self.version,
            "gitMajor": major,
            "gitMinor": minor,
            "gitTreeState": "clean",
        }
        return "-s -w " + " ".join(f"-X {_VERSION}.{name}={value}" for name, value in values.items())


def groups() -> dict[str, tuple[Part, ...]]:
    """Group name to its parts, in the order that takes least time."""
    return {
        "etcd": _etcd("kubernetes/etcd", ETCD),
        **{f"etcd-{version}": _etcd(f"kubernetes/etcd-{version}", version) for version in ETCD_LATER},
        "kubernetes": _kubernetes("kubernetes/binaries", KUBERNETES),
        f"kubernetes-{KUBERNETES_LATER}": _kubernetes(
            f"kubernetes/binaries-{KUBERNETES_LATER}", KUBERNETES_LATER, without=("kubeadm", "kubectl")
        ),
        "coredns": (_coredns(),),
        "metrics": (_metrics_server(),),
        "cloud": (_cloud(),),
        "judge": (
            Part("judge", "kubernetes/judge", ".", "main.version", f"v{JUDGE}", "bin/judge", seconds=45),
        ),
        "kwok": (_kwok(),),
        PROVIDER: (_provider(),),
        "conformance": _conformance(),
    }


def key(group: str, go: str) -> str:
    """Names the result of building a group's pinned modules, with its flags, by this Go."""
    digest = hashlib.sha256(f"{group} {go}".encode())
    parts = groups()[group]
    for part in parts:
        digest.update(f"{part.package} {part.ldflags} {part.target}".encode())
    folder = HERE.parent / parts[0].module
    own = sorted(folder.glob("*.go")) if parts[0].package == "." else []
    for file in (folder / "go.mod", folder / "go.sum", *own):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _etcd(module: str, version: str) -> tuple[Part, ...]:
    variable = "go.etcd.io/etcd/api/v3/version.GitSHA"
    return tuple(
        Part(name, module, f"go.etcd.io/etcd/{package}/v3", variable, f"v{version}", f"bin/{name}", seconds)
        for name, package, seconds in (
            ("etcd", "server", 30),
            ("etcdctl", "etcdctl", 8),
            ("etcdutl", "etcdutl", 4),
        )
    )


def _kubernetes(module: str, version: str, *, without: tuple[str, ...] = ()) -> tuple[Part, ...]:
    return tuple(
        KubernetesPart(
            name,
            module,
            f"k8s.io/kubernetes/cmd/{name}",
            f"{_VERSION}.gitVersion",
            f"v{version}",
            f"bin/{name}",
            seconds,
        )
        for name, seconds in _PROGRAMS
        if name not in without
    )


def _conformance() -> tuple[Part, ...]:
    """The tests, what runs them many at a time, and what runs in their pods."""
    return tuple(
        KubernetesPart(
            name,
            "kubernetes/conformance",
            package,
            f"{_VERSION}.gitVersion",
            f"v{KUBERNETES}",
            f"bin/{name}",
            seconds,
        )
        for name, package, seconds in (
            ("e2e.test", "k8s.io/kubernetes/test/e2e", 130),
            ("ginkgo", "github.com/onsi/ginkgo/v2/ginkgo", 5),
            ("agnhost", "k8s.io/kubernetes/test/images/agnhost", 15),
            ("nonewprivs", "k8s.io/kubernetes/test/images/nonewprivs", 1),
            ("sample-apiserver", "k8s.io/sample-apiserver", 10),
        )
    )


def _cloud() -> Part:
    """Google's provider in Kubernetes' frame for such managers. The official image's own module isn't served, for it needs
    others that aren't.
    """
    return KubernetesPart(
        "cloud-controller-manager",
        "kubernetes/cloud",
        ".",
        f"{_VERSION}.gitVersion",
        f"v{KUBERNETES}",
        "bin/cloud-controller-manager",
        seconds=290,
    )


def _provider() -> Part:
    """Of a program of ours, as its own embeds a generated file; most of what it needs is Helm's and Kubernetes'."""
    version = installed("pulumi-kubernetes")
    name = "pulumi-resource-kubernetes"
    return Part(name, "kubernetes/provider", ".", "main.version", version, f"bin/{name}", 780)


def _metrics_server() -> Part:
    package, variable = (
        "sigs.k8s.io/metrics-server/cmd/metrics-server",
        "k8s.io/client-go/pkg/version.gitVersion",
    )
    name = "metrics-server"
    return Part(name, "kubernetes/metrics", package, variable, f"v{METRICS_SERVER}", f"bin/{name}", 130)


def _kwok() -> Part:
    name = "kwok"
    package, variable = "sigs.k8s.io/kwok/cmd/kwok", "sigs.k8s.io/kwok/pkg/consts.Version"
    return Part(name, "kubernetes/kwok", package, variable, KWOK, f"bin/{name}", 110)


def _coredns() -> Part:
    """Of a program of ours, as its own is made of plugins for clouds by half. The version is CoreDNS' own to tell."""
    return Part("coredns", "kubernetes/coredns", ".", "main.version", f"v{COREDNS}", "bin/coredns", 75)
