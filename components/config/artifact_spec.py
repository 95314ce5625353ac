"""Files and images that masters fetch: as the section `artifacts` is written, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.config import values
from components.config.artifact_values import ARCHIVE_SHA256, MIRROR, file, mirror, sha256
from components.config.setting import own, required, setting

RELEASE, IMAGE = "release", "image"


@dataclass(frozen=True, slots=True)
class FileSpec:
    """A file on the mirror, by its path there; or elsewhere, by its https:// address."""

    path: str = required("path", file, "", "Write its path below the mirror")
    sha256: str = required("sha256", sha256(ARCHIVE_SHA256), "", ARCHIVE_SHA256)


@dataclass(frozen=True, slots=True)
class ArchiveSpec:
    """One of `artifacts.images` that is a file on the mirror."""

    reference: str = own("reference", "")
    path: str = required("path", file, "", "Write the archive's path below the mirror")
    sha256: str = required("sha256", sha256(ARCHIVE_SHA256), "", ARCHIVE_SHA256)


@dataclass(frozen=True, slots=True)
class ImagesSpec:
    """The section `artifacts.images`: each a reference, or an archive; of what nodes pull by themselves, a reference."""

    etcd: Any = own("etcd", None, ArchiveSpec, called="<image>")
    kube_apiserver: Any = own("kube-apiserver", None, ArchiveSpec, called="<image>")
    kube_controller_manager: Any = own("kube-controller-manager", None, ArchiveSpec, called="<image>")
    kube_scheduler: Any = own("kube-scheduler", None, ArchiveSpec, called="<image>")
    pause: Any = own("pause", None, ArchiveSpec, called="<image>")
    kube_proxy: Any = own("kube-proxy", None)
    coredns: Any = own("coredns", None)
    metrics_server: Any = own("metrics-server", None)
    cluster_autoscaler: Any = own("cluster-autoscaler", None)
    cloud_controller_manager: Any = own("cloud-controller-manager", None)


@dataclass(frozen=True, slots=True)
class WrittenArtifacts:
    """The section `artifacts`. What isn't written there is the release's, and `ArtifactsSpec` has both."""

    source: str = setting("from", values.one_of(RELEASE, IMAGE), IMAGE)
    mirror: str = setting("mirror", mirror, MIRROR)
    kubelet: FileSpec | None = own("kubelet", None, FileSpec)
    containerd: Any = own("containerd", None)
    """A version, or a file; so are the next two."""
    runc: Any = own("runc", None)
    cni_plugins: Any = own("cniPlugins", None)
    images: Any = own("images", None, ImagesSpec, names_things=True)


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """A container image: without `archive` it is pulled, and its reference has a digest."""

    name: str
    reference: str
    archive: FileSpec | None = None


@dataclass(frozen=True, slots=True)
class RuntimeSpec:
    """What runs containers: archives of containerd and of the CNI plugins, and the program runc."""

    containerd: FileSpec
    runc: FileSpec
    cni_plugins: FileSpec


@dataclass(frozen=True, slots=True)
class ArtifactsSpec:
    """Files and images that masters fetch. `mirror` is `https://…` or `gs://bucket/prefix`, without a slash at its end.

    `runtime` is None where Debian's packages run containers. `addons` are references of what every cluster with workers
    runs, by name, as far as they are the operator's; so is `cloud_controller`.
    """

    mirror: str
    kubelet: FileSpec
    images: tuple[ImageSpec, ...]
    runtime: RuntimeSpec | None = None
    addons: Mapping[str, str] = field(default_factory=dict)
    cloud_controller: str = ""
