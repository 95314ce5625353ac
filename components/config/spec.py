"""What a stack asks for, as frozen values: nothing further in reads raw config.

Sizes are in GB as Google counts them (GiB), durations in seconds. Ranges are IPv4 CIDRs in canonical
spelling. Every value here has been checked; how, and what is said about a bad one, stands in the module
named for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.config import names
from components.config.backup import BackupSpec
from components.config.extra_names import addresses
from components.config.masters import MastersSpec
from node.contract.api_server import ApiServer
from node.contract.authorities import Authorities

DataDiskProtection = Literal["snapshot", "protect", "none"]


AUTO, ALWAYS = "auto", "always"


@dataclass(frozen=True, slots=True)
class ReplicaSpec:
    """One master. What its machine and its disks are is its own, or else that of `masters` and `etcd`; types of disks that
    neither names follow from the machine type.
    """

    name: str
    zone: str
    machine_type: str
    boot_disk_type: str
    data_disk_type: str
    data_disk_size_gb: int

    @property
    def identity(self) -> str:
        """Name and zone in one word (`m1-b`): another zone is another member, so that a move is a swap."""
        return names.identity(self.name, self.zone)


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """Where the masters live.

    `network` and `subnetwork` name existing ones; None means that the stack makes its own. In an existing
    subnetwork the ranges are those it has, and `pod_range_name` names its secondary range for pods.
    """

    network: str | None
    subnetwork: str | None
    subnet_range: str
    pod_range: str
    service_range: str
    pod_range_name: str


ROLES = ("view", "edit", "admin", "cluster-admin")
"""Kubernetes' ClusterRoles for users: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles."""


@dataclass(frozen=True, slots=True)
class UserSpec:
    """Who gets a kubeconfig of his own. Without a `role` it says who he is, and the operator binds him to something."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class ApiSpec:
    """How the API is reached. No `authorized_networks` means: from inside the network only, where the
    stack has made it and so knows what its Cloud NAT is seen as; of another network, name the NAT's addresses here.
    """

    authorized_networks: tuple[str, ...]
    dns_name: str | None
    managed_zone: str | None
    dns_ttl_seconds: int
    port: int
    protect_address: bool
    address: str | None = None
    """The name of an address that is reserved already; None where the stack reserves one."""
    load_balancer: str = AUTO
    """`auto`: from the second replica on, as kube-up had it. `always`: one master, too, stands behind it, so that the
    address never moves, and needs no protocol forwarding, which organizations made since May 2024 forbid by default
    (https://cloud.google.com/resource-manager/docs/secure-by-default-organizations).
    """
    extra_names: tuple[str, ...] = ()
    """DNS names and addresses in the API servers' certificates beside the API's own."""
    server: ApiServer = field(default_factory=ApiServer)
    users: tuple[UserSpec, ...] | None = None
    """None: nothing is made for users. None of them, but asked for: bindings that say so."""

    @property
    def extra_addresses(self) -> tuple[str, ...]:
        return addresses(self.extra_names)

    @property
    def extra_dns_names(self) -> tuple[str, ...]:
        return tuple(name for name in self.extra_names if name not in self.extra_addresses)


@dataclass(frozen=True, slots=True)
class EtcdSpec:
    """The members' software and disks. `data_disk_type` is None where it follows the machine of each.

    `data_disk_protection` says what stands between a data disk and its end: `snapshot` has Google take a
    snapshot before the disk is destroyed, `protect` is Pulumi's flag (a shrink then needs `pulumi state
    unprotect` first), `none` is nothing at all.

    `restore` is the id of a request, as `node.contract.restore` has it: a snapshot's name or the identity of the replica
    whose disk is left; empty where none is asked for. `restore_over` is the living cluster that may be given up for it.
    """

    version: str
    data_disk_type: str | None
    data_disk_size_gb: int
    quota_bytes: int
    backup: BackupSpec
    data_disk_protection: DataDiskProtection
    restore: str = ""
    restore_over: str = ""


@dataclass(frozen=True, slots=True)
class LeaseSpec:
    """The lease by which an API server tells the others that it lives.

    The defaults are those of Kubernetes, and no API server of 1.34 to 1.36 has a flag to change them.
    """

    lease_duration_seconds: int = 3_600
    renew_interval_seconds: int = 10


@dataclass(frozen=True, slots=True)
class FileSpec:
    """A file on the mirror, by its path there; or elsewhere, by its https:// address."""

    path: str
    sha256: str


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

    `runtime` is None where Debian's packages run containers.
    """

    mirror: str
    kubelet: FileSpec
    images: tuple[ImageSpec, ...]
    runtime: RuntimeSpec | None = None


@dataclass(frozen=True, slots=True)
class TaintSpec:
    """https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/. `value` may be empty."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """Workers of one sort. `size`, `max_surge` and `max_unavailable` are of each zone by itself.

    `labels` and `taints` are Kubernetes', with which nodes register. A drain that takes longer than its timeout stops and
    says what keeps it: nothing is ever forced.
    """

    name: str
    zones: tuple[str, ...]
    size: int
    machine_type: str
    image: str
    boot_disk_type: str
    boot_disk_size_gb: int
    labels: Mapping[str, str]
    taints: tuple[TaintSpec, ...]
    spot: bool
    max_surge: int
    max_unavailable: int
    drain_timeout_seconds: int


@dataclass(frozen=True, slots=True)
class StackConfig:
    """One control plane."""

    cluster_name: str
    project: str
    region: str
    kubernetes_version: str
    replicas: tuple[ReplicaSpec, ...]
    network: NetworkSpec
    api: ApiSpec
    masters: MastersSpec
    etcd: EtcdSpec
    lease: LeaseSpec
    labels: Mapping[str, str] = field(default_factory=dict)
    artifacts: ArtifactsSpec | None = None
    """None where the machines' image holds everything already."""
    pools: tuple[PoolSpec, ...] = ()

    authorities: Authorities = field(default_factory=Authorities)
    """The first generation of each issues, all are trusted."""

    addons: Mapping[str, str] = field(default_factory=dict)
    """Images of what workers can't do without, by name. Empty where there are none."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones in use, sorted, each once."""
        return tuple(sorted({replica.zone for replica in self.replicas}))

    @property
    def workers(self) -> bool:
        """Whether anything is to be made for workers. What was made goes with the last pool, once its nodes are drained."""
        return bool(self.pools)

    @property
    def load_balanced(self) -> bool:
        """From the second replica on, or always; else one alone is the target of the forwarding rule itself."""
        return len(self.replicas) > 1 or self.api.load_balancer == ALWAYS
