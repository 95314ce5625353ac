"""What a stack asks for, as frozen values: nothing further in reads raw config.

Sizes are in GB as Google counts them (GiB), durations in seconds. Ranges are IPv4 CIDRs in canonical
spelling. Every value here has been checked; how, and what is said about a bad one, stands in the module
of its section.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.config import addons as of_their_own
from components.config import cloud_controller, names, pools, replicas, values, versions
from components.config.access import ALWAYS, ApiSpec
from components.config.addons import AddonSpec
from components.config.artifact_spec import ArtifactsSpec, WrittenArtifacts
from components.config.authorities import AuthoritiesSpec
from components.config.etcd import EtcdSpec
from components.config.lease import LeaseSpec
from components.config.masters import MastersSpec
from components.config.network import NetworkSpec
from components.config.pools import PoolSpec
from components.config.replicas import ReplicaSpec
from components.config.setting import own, required, section, sections, setting
from node.contract.authorities import Authorities


@dataclass(frozen=True, slots=True)
class StackConfig:
    """The outermost keys: one control plane, and its workers."""

    cluster_name: str = required(
        "clusterName",
        lambda value: names.cluster_name(values.text(value)),
        "",
        "Name the cluster; every resource's name begins with it, and it can't be changed later",
    )
    kubernetes_version: str = setting("kubernetesVersion", versions.kubernetes, versions.KUBERNETES_DEFAULT)
    replicas: tuple[ReplicaSpec, ...] = sections("replicas", ReplicaSpec, replicas.EXAMPLE)
    network: NetworkSpec = section("network", NetworkSpec)
    api: ApiSpec = section("api", ApiSpec)
    masters: MastersSpec = section("masters", MastersSpec)
    etcd: EtcdSpec = section("etcd", EtcdSpec)
    artifacts: ArtifactsSpec | None = own("artifacts", None, WrittenArtifacts)
    """None where the machines' image holds everything already."""
    lease: LeaseSpec = section("identity", LeaseSpec)
    labels: Mapping[str, str] = own("labels", {})
    pools: tuple[PoolSpec, ...] = sections("pools", PoolSpec, pools.EXAMPLE)
    cloud_controller: str = setting("cloudController", cloud_controller.mode, cloud_controller.OFF)
    """What masters have Google do for the cluster's objects: `off` nothing, `services` load balancers for Services."""
    metrics_server: bool = setting("metricsServer", values.switch, True)
    """Whether clusters with workers run it, for `kubectl top` and autoscaling by load."""

    own_addons: tuple[AddonSpec, ...] = sections("addons", AddonSpec, of_their_own.EXAMPLE)
    """The operator's, while `addons` are what the cluster needs."""
    authorities: Authorities = own("authorities", Authorities(), AuthoritiesSpec, names_things=True)

    project: str = ""
    region: str = ""
    """Both are the provider's: `gcp:project` and `gcp:region`."""
    addons: Mapping[str, str] = field(default_factory=dict)
    """Images of what workers can't do without, by name. Empty where there are none."""
    cloud_controller_image: str = ""
    """Google's cloud controller manager, where it isn't off."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones in use, sorted, each once."""
        return tuple(sorted({replica.zone for replica in self.replicas}))

    @property
    def workers(self) -> bool:
        """Whether anything is to be made for workers. What was made goes with the last pool, once its nodes are drained."""
        return bool(self.pools)

    @property
    def autoscaled(self) -> bool:
        """Whether cluster-autoscaler chooses the size of any pool."""
        return any(pool.autoscaled for pool in self.pools)

    @property
    def serves_services(self) -> bool:
        """Whether Services of type LoadBalancer have addresses of Google's."""
        return self.cloud_controller == cloud_controller.SERVICES

    @property
    def load_balanced(self) -> bool:
        """From the second replica on, or always, as behind an internal address alone; else one is the target of the public
        forwarding rule itself. An internal rule has a backend service from the first replica on.
        """
        return len(self.replicas) > 1 or self.api.load_balancer == ALWAYS or not self.api.public
