"""What the releases that a config names consist of, by the table of digests; a release that isn't in it is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from components.config.artifact_spec import FileSpec, ImageSpec
from components.config.errors import Refused
from components.config.section import Section
from components.releases import Releases
from components.releases.facts import spans

REGISTRY = "registry.k8s.io"
"""Where https://kubernetes.io/releases/download/ has images."""

ETCD, PAUSE = "etcd", "pause"
COREDNS, KUBE_PROXY, METRICS_SERVER = "coredns", "kube-proxy", "metrics-server"
CLUSTER_AUTOSCALER = "cluster-autoscaler"
CLOUD_CONTROLLER = "cloud-controller-manager"
OWN = "ha-masters.local"
"""The registry of images that only machines' own image has: node.contract.machine_config has it for the control plane."""

CONTROL_PLANE = (ETCD, "kube-apiserver", "kube-controller-manager", "kube-scheduler")


@dataclass(frozen=True, slots=True)
class Program:
    """A program that its project publishes on GitHub. `table` is its field of `Releases`."""

    table: str
    address: str

    def versions(self, releases: Releases) -> Mapping[str, Mapping[str, str]]:
        found: Mapping[str, Mapping[str, str]] = getattr(releases, self.table)
        return found

    def spans(self, releases: Releases) -> str:
        return spans(self.versions(releases))


_GITHUB = "https://github.com/{project}/releases/download/v{{version}}/{file}"

PROGRAMS: Mapping[str, Program] = {
    "containerd": Program(
        "containerd",
        _GITHUB.format(
            project="containerd/containerd", file="containerd-{version}-linux-{architecture}.tar.gz"
        ),
    ),
    "runc": Program("runc", _GITHUB.format(project="opencontainers/runc", file="runc.{architecture}")),
    "cniPlugins": Program(
        "cni_plugins",
        _GITHUB.format(
            project="containernetworking/plugins", file="cni-plugins-linux-{architecture}-v{version}.tgz"
        ),
    ),
}
"""By their keys in the config."""


@dataclass(frozen=True, slots=True)
class Released:
    """The releases that `top` and `members`, its section `etcd`, name. A version is None where it isn't to be relied on."""

    releases: Releases
    kubernetes: str | None
    etcd: str | None
    architecture: str
    top: Section
    members: Section

    def kubelet(self) -> FileSpec:
        if not self._kubernetes_is_known():
            return FileSpec("", "")
        path = f"release/v{self.kubernetes}/bin/linux/{self.architecture}/kubelet"
        return FileSpec(path, self.releases.kubernetes[str(self.kubernetes)].kubelet[self.architecture])

    def images(self, without: Collection[str]) -> dict[str, ImageSpec]:
        """Returns all but those whose names are `without`."""
        found = {}
        if ETCD not in without and self._etcd_is_known():
            tag = self.releases.etcd_tag(str(self.etcd))
            found[ETCD] = f"{REGISTRY}/{ETCD}:{tag}@{self.releases.etcd[tag]}"
        wanted = [name for name in (*CONTROL_PLANE[1:], PAUSE) if name not in without]
        if wanted and self._kubernetes_is_known():
            release = self.releases.kubernetes[str(self.kubernetes)]
            for name in wanted:
                # Without its tag: some releases of containerd don't find a sandbox's image by tag and digest together.
                found[name] = (
                    f"{REGISTRY}/{PAUSE}@{self.releases.pause[release.pause]}"
                    if name == PAUSE
                    else f"{REGISTRY}/{name}:v{self.kubernetes}@{release.images[name]}"
                )
        return {name: ImageSpec(name, reference) for name, reference in found.items()}

    def addons(
        self, own: Mapping[str, str], *, in_image: bool, measures: bool, scales: bool
    ) -> dict[str, str]:
        """Returns references of what clusters with workers run, by name. `own` are the operator's. `in_image`: the machines'
        own image holds them, under the names that a control plane's have there. `measures`: metrics-server is one of them,
        `scales`: cluster-autoscaler.
        """
        if self.kubernetes is None:
            return {}
        scaling = {}
        if scales and CLUSTER_AUTOSCALER not in own:
            scaling = {CLUSTER_AUTOSCALER: self._cluster_autoscaler(in_image=in_image)}
        proxy, dns = self.releases.kube_proxy_tag(self.kubernetes), self.releases.coredns_tag
        metrics = self.releases.metrics_server_tag
        if in_image:
            return {
                KUBE_PROXY: f"{OWN}/{KUBE_PROXY}:v{self.kubernetes}",
                COREDNS: f"{OWN}/{COREDNS}:{dns}",
                **({METRICS_SERVER: f"{OWN}/{METRICS_SERVER}:{metrics}"} if measures else {}),
                **scaling,
            }
        if not proxy and KUBE_PROXY not in own:
            self.top.refuse(
                "pools",
                Refused(
                    f"need a kube-proxy, and none that goes with Kubernetes {self.kubernetes} is known",
                    f"Run `python -m admin pin {self.kubernetes}`, which reads its digest where it is published",
                ),
                "workers",
            )
            return {}
        found = {COREDNS: f"{REGISTRY}/{COREDNS}/{COREDNS}:{dns}@{self.releases.coredns[dns]}"}
        if measures:
            named = f"{REGISTRY}/{METRICS_SERVER}/{METRICS_SERVER}:{metrics}"
            found[METRICS_SERVER] = f"{named}@{self.releases.metrics_server[metrics]}"
        if proxy:
            found[KUBE_PROXY] = f"{REGISTRY}/{KUBE_PROXY}:{proxy}@{self.releases.kube_proxy[proxy]}"
        return {**found, **scaling, **own}

    def _cluster_autoscaler(self, *, in_image: bool) -> str:
        version = str(self.kubernetes)
        tag = self.releases.cluster_autoscaler_tag(version)
        if in_image:
            return f"{OWN}/{CLUSTER_AUTOSCALER}:{tag or f'v{version}'}"
        if tag:
            digest = self.releases.cluster_autoscaler[tag]
            return f"{REGISTRY}/autoscaling/{CLUSTER_AUTOSCALER}:{tag}@{digest}"
        wrong = f"with min and max need cluster-autoscaler, and none for Kubernetes {version} is known by its digest"
        remedy = f"Write size, or artifacts.images.{CLUSTER_AUTOSCALER}: <registry/name:tag>@sha256:<64 hex digits>"
        self.top.refuse("pools", Refused(wrong, f"{remedy}, of the cluster's own minor"), "workers")
        return ""

    def cloud_controller(self, own: str, *, in_image: bool) -> str:
        """Returns the reference of Google's cloud controller manager. `own` is the operator's, or empty."""
        if own or self.kubernetes is None:
            return own
        if in_image:
            return f"{OWN}/{CLOUD_CONTROLLER}:v{self.kubernetes}"
        if tag := self.releases.cloud_controller_tag(self.kubernetes):
            digest = self.releases.cloud_controller_manager[tag]
            return f"{REGISTRY}/cloud-provider-gcp/{CLOUD_CONTROLLER}:{tag}@{digest}"
        version = self.kubernetes
        self.top.refuse(
            "cloudController",
            Refused(
                f"needs Google's cloud controller manager, and none for Kubernetes {version} is known by its digest",
                f"Write artifacts.images.{CLOUD_CONTROLLER}: <registry/name:tag>@sha256:<64 hex digits>, of its own minor "
                "or the one before",
            ),
        )
        return ""

    def program(self, key: str, version: str) -> FileSpec | None:
        """Returns one of `PROGRAMS`; None for a version that isn't known."""
        known = PROGRAMS[key].versions(self.releases).get(version)
        if known is None:
            return None
        address = PROGRAMS[key].address.format(version=version, architecture=self.architecture)
        return FileSpec(address, known[self.architecture])

    def _kubernetes_is_known(self) -> bool:
        return _known(self.top, "kubernetesVersion", self.kubernetes, self.releases.kubernetes, "")

    def _etcd_is_known(self) -> bool:
        return _known(self.members, "version", self.etcd, self.releases.etcd_versions, "--etcd ")


def _known(section: Section, key: str, version: str | None, releases: Collection[str], flag: str) -> bool:
    """Refuses a version that isn't known, once. `flag` is what `admin pin` takes before it."""
    known = version in releases
    if not known and section.ok(key):
        section.refuse(
            key,
            Refused(
                "is not among the releases whose digests are known",
                f"Run `python -m admin pin {flag}{version}`, which reads them where they are published, or choose "
                f"one of {spans(releases)}",
            ),
            version,
        )
    return known
