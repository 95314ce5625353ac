"""What is known of releases, as plain values. A digest of an image is `sha256:…`, that of a file 64 hex digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields

ARCHITECTURES = ("amd64", "arm64")

SKEW_MINORS = 3

ByArchitecture = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KubernetesRelease:
    """One patch of Kubernetes. `images` are indices for all architectures; `pause` is a tag of `Releases.pause`, chosen when
    the entry was made: any serves.
    """

    kubelet: ByArchitecture
    images: Mapping[str, str]
    pause: str = field(compare=False)


class Conflict(Exception):  # noqa: N818 - it says what two documents are in
    """Two documents say different things of one release."""


@dataclass(frozen=True, slots=True)
class Releases:
    """Kubernetes and programs by version, images by tag."""

    kubernetes: Mapping[str, KubernetesRelease] = field(default_factory=dict)
    etcd: Mapping[str, str] = field(default_factory=dict)
    pause: Mapping[str, str] = field(default_factory=dict)
    coredns: Mapping[str, str] = field(default_factory=dict)
    kube_proxy: Mapping[str, str] = field(default_factory=dict)
    metrics_server: Mapping[str, str] = field(default_factory=dict)
    cluster_autoscaler: Mapping[str, str] = field(default_factory=dict)
    cloud_controller_manager: Mapping[str, str] = field(default_factory=dict)
    containerd: Mapping[str, ByArchitecture] = field(default_factory=dict)
    runc: Mapping[str, ByArchitecture] = field(default_factory=dict)
    cni_plugins: Mapping[str, ByArchitecture] = field(default_factory=dict)

    def __or__(self, other: Releases) -> Releases:
        """Returns both together; what the other chose stands. Raises Conflict where they differ: what was published once
        never becomes something else.
        """
        if differing := self.differing(other):
            raise Conflict(", ".join(differing))
        return Releases(
            **{part.name: {**getattr(self, part.name), **getattr(other, part.name)} for part in fields(self)}
        )

    def __sub__(self, other: Releases) -> Releases:
        """Returns what the other doesn't know."""
        return Releases(
            **{
                part.name: {
                    name: value
                    for name, value in getattr(self, part.name).items()
                    if name not in getattr(other, part.name)
                }
                for part in fields(self)
            }
        )

    def differing(self, other: Releases) -> list[str]:
        """Returns the names of what both tell of, and not the same."""
        return [
            f"{part.name} {name}"
            for part in fields(self)
            for name, value in getattr(self, part.name).items()
            if getattr(other, part.name).get(name, value) != value
        ]

    def etcd_tag(self, version: str) -> str:
        """Returns the newest build of `version` (3.6.1 is 3.6.1-1); empty where none is known."""
        builds = [tag for tag in self.etcd if tag.rpartition("-")[0] == version]
        return max(builds, key=lambda tag: int(tag.rpartition("-")[2]), default="")

    @property
    def coredns_tag(self) -> str:
        """The newest; empty where none is known."""
        return max(self.coredns, key=_numbers, default="")

    @property
    def metrics_server_tag(self) -> str:
        """The newest; empty where none is known. One goes with every Kubernetes from 1.31 on:
        https://github.com/kubernetes-sigs/metrics-server#compatibility-matrix.
        """
        return max(self.metrics_server, key=_numbers, default="")

    def kube_proxy_tag(self, version: str) -> str:
        """Returns the newest that an apiserver of `version` goes with: none that is newer than it, or more than three
        minors older. Empty where none is known. https://kubernetes.io/releases/version-skew-policy/#kube-proxy
        """
        major, minor, _ = newest = _numbers(version)
        oldest = (major, minor - SKEW_MINORS, 0)
        fitting = [tag for tag in self.kube_proxy if oldest <= _numbers(tag) <= newest]
        return max(fitting, key=_numbers, default="")

    def cluster_autoscaler_tag(self, version: str) -> str:
        """Returns the newest of the minor of `version`; empty where none is known. It tries out where pods would go with the
        scheduler's own code: https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler#releases.
        """
        fitting = [tag for tag in self.cluster_autoscaler if _numbers(tag)[:2] == _numbers(version)[:2]]
        return max(fitting, key=_numbers, default="")

    def cloud_controller_tag(self, version: str) -> str:
        """Returns the newest that an apiserver of `version` goes with: of its own minor, or of the one before. Empty where
        none is known. v35.0.8 is 1.35's: https://kubernetes.io/releases/version-skew-policy/#kube-controller-manager-kube-scheduler-and-cloud-controller-manager.
        """
        _, minor, _ = _numbers(version)
        fitting = [tag for tag in self.cloud_controller_manager if _numbers(tag)[0] in (minor - 1, minor)]
        return max(fitting, key=_numbers, default="")

    @property
    def etcd_versions(self) -> frozenset[str]:
        return frozenset(tag.rpartition("-")[0] for tag in self.etcd)


def _numbers(tag: str) -> tuple[int, int, int]:
    major, minor, patch = map(int, tag.removeprefix("v").split("."))
    return major, minor, patch


def spans(versions: Iterable[str]) -> str:
    """Versions for people, the newest first: `1.36.0 to 1.36.3 and 1.35.2`."""
    said = [first if first == last else f"{first} to {last}" for first, last in _runs(versions)]
    return " and ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


def _runs(versions: Iterable[str]) -> Iterator[tuple[str, str]]:
    numbers = sorted((tuple(map(int, version.split("."))) for version in versions), reverse=True)
    run: list[tuple[int, ...]] = []
    for number in numbers:
        if run and (*number[:-1], number[-1] + 1) != run[-1]:
            yield _text(run[-1]), _text(run[0])
            run = []
        run.append(number)
    if run:
        yield _text(run[-1]), _text(run[0])


def _text(number: tuple[int, ...]) -> str:
    return ".".join(map(str, number))
