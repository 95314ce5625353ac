"""`machine-config` of a VM's metadata: versions, ranges, flags and artifacts, the same for every master of a cluster.

    {"kubernetesVersion": "1.36.3", "etcdVersion": "3.6.8", "etcdQuotaBytes": 4294967296,
     "backupIntervalSeconds": 1800, "apiPort": 443, "podRange": "10.64.0.0/14", "serviceRange": "10.0.16.0/20",
     "identityLeaseDurationSeconds": 3600, "identityLeaseRenewIntervalSeconds": 10,
     "artifacts": {"mirror": "https://… or gs://bucket/prefix",
                   "binaries": [{"name": "kubelet", "path": "…/kubelet", "sha256": "…"}],
                   "images": [{"name": "etcd", "image": "…/etcd:3.6.8-0@sha256:…", "path": "", "sha256": ""}]}}

An image with a `path` is an archive on the mirror, loaded into containerd; one without is pulled by its reference. A path of
a program may be an https:// address. `archives`, written like `binaries` where there are any, are of programs: `containerd`
and `cni-plugins`, in the place of Debian's packages. `snapshotKeep` is there where the operator asks for it (`snapshots`).
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network
from typing import Any, Final, Self

from node.contract.fields import Fields, FormatError, attribute
from node.contract.snapshots import BY_AGE, Keep

CONTAINERD, CNI_PLUGINS = "containerd", "cni-plugins"
CONTROL_PLANE_IMAGES: Final = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True)
class Binary:
    """A program, or an archive of some, by the name that it has on the machine. `path` is below the mirror, or https://."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Image:
    """`image` is the reference that manifests use. With `path`, an archive of it lies on the mirror."""

    name: str
    image: str
    path: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Artifacts:
    """All that a machine fetches, each pinned. Empty where the VM's image holds everything already."""

    mirror: str = ""
    binaries: tuple[Binary, ...] = ()
    images: tuple[Image, ...] = ()
    archives: tuple[Binary, ...] = ()

    def archive(self, name: str) -> Binary | None:
        return next((each for each in self.archives if each.name == name), None)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        mirror = fields.text("mirror")
        binaries, images = [], []
        archives = [_binary(item) for item in fields.objects("archives")] if fields.has("archives") else []
        for item in fields.objects("binaries"):
            binaries.append(_binary(item))
        for item in fields.objects("images"):
            name, image, path = item.text("name"), item.text("image"), item.text("path")
            images.append(Image(name, image, path, _checksum(item) if path else item.text("sha256")))
            item.close()
        fields.close()
        return cls(mirror, tuple(binaries), tuple(images), tuple(archives))

    def to_fields(self) -> dict[str, Any]:
        return {
            "mirror": self.mirror,
            "binaries": [asdict(each) for each in self.binaries],
            "images": [asdict(each) for each in self.images],
            **({"archives": [asdict(each) for each in self.archives]} if self.archives else {}),
        }


@dataclass(frozen=True)
class MachineConfig:
    """Ranges are IPv4 CIDRs, sizes bytes, durations seconds.

    The lease durations of API server identity are read for the status' sake only: no kube-apiserver of 1.34 to 1.37 has
    a flag for them (`IdentityLeaseDurationSeconds` and `IdentityLeaseRenewIntervalPeriod` are variables of
    pkg/controlplane/apiserver/server.go, 3600 s and 10 s).
    """

    kubernetes_version: str
    etcd_version: str
    etcd_quota_bytes: int
    backup_interval_seconds: int
    api_port: int
    pod_range: str
    service_range: str
    identity_lease_duration_seconds: int
    identity_lease_renew_interval_seconds: int
    artifacts: Artifacts = Artifacts()
    snapshot_keep: Keep = BY_AGE

    def __post_init__(self) -> None:
        for key, version in (
            ("kubernetesVersion", self.kubernetes_version),
            ("etcdVersion", self.etcd_version),
        ):
            if not _VERSION.fullmatch(version):
                raise FormatError(f"machine-config.{key} is {version!r}; expected three numbers, as 1.36.3")
        for key, block in (("podRange", self.pod_range), ("serviceRange", self.service_range)):
            try:
                IPv4Network(block)
            except ValueError:
                raise FormatError(f"machine-config.{key} is {block!r}; expected an IPv4 range") from None
        if not 1 <= self.api_port <= 65_535:
            raise FormatError(f"machine-config.apiPort is {self.api_port}; expected a port, 1 to 65535")

    @property
    def service_dns_address(self) -> str:
        """The tenth address of the service range, by the custom of every installer."""
        return str(IPv4Network(self.service_range)[10])

    def image(self, name: str) -> str:
        """Returns the reference of a control plane image; the plain name and version where none is configured."""
        for image in self.artifacts.images:
            if image.name == name:
                return image.image
        version = self.etcd_version if name == "etcd" else f"v{self.kubernetes_version}"
        return f"ha-masters.local/{name}:{version}"

    def to_fields(self) -> dict[str, Any]:
        """As they stand in the metadata, in canonical JSON. `artifacts` and `snapshotKeep` are there only if asked for."""
        return {
            "kubernetesVersion": self.kubernetes_version,
            "etcdVersion": self.etcd_version,
            "etcdQuotaBytes": self.etcd_quota_bytes,
            "backupIntervalSeconds": self.backup_interval_seconds,
            "apiPort": self.api_port,
            "podRange": self.pod_range,
            "serviceRange": self.service_range,
            "identityLeaseDurationSeconds": self.identity_lease_duration_seconds,
            "identityLeaseRenewIntervalSeconds": self.identity_lease_renew_interval_seconds,
            **({"artifacts": self.artifacts.to_fields()} if self.artifacts != Artifacts() else {}),
            **({"snapshotKeep": self.snapshot_keep.to_fields()} if self.snapshot_keep else {}),
        }

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = attribute("machine-config", text)
        config = cls(
            kubernetes_version=fields.text("kubernetesVersion"),
            etcd_version=fields.text("etcdVersion"),
            etcd_quota_bytes=fields.number("etcdQuotaBytes"),
            backup_interval_seconds=fields.number("backupIntervalSeconds"),
            api_port=fields.number("apiPort"),
            pod_range=fields.text("podRange"),
            service_range=fields.text("serviceRange"),
            identity_lease_duration_seconds=fields.number("identityLeaseDurationSeconds"),
            identity_lease_renew_interval_seconds=fields.number("identityLeaseRenewIntervalSeconds"),
            artifacts=Artifacts.read(fields.object("artifacts")) if fields.has("artifacts") else Artifacts(),
            snapshot_keep=Keep.read(fields.object("snapshotKeep")) if fields.has("snapshotKeep") else BY_AGE,
        )
        fields.close()
        return config


def _binary(item: Fields) -> Binary:
    binary = Binary(item.text("name"), item.text("path"), _checksum(item))
    item.close()
    return binary


def _checksum(fields: Fields) -> str:
    value = fields.text("sha256")
    if not _SHA256.fullmatch(value):
        raise FormatError(f"machine-config.artifacts: sha256 is {value!r}; expected 64 hex digits")
    return value
