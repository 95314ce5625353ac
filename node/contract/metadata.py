"""A master's VM as its metadata describe it: attributes that Pulumi writes, and the machine that comes of them.

`kubelet-overrides`, `containerd-config`, and `storage-endpoint`, `secretmanager-endpoint`, `compute-endpoint` and
`identity-endpoint` are written by nobody here: whoever runs machines of another kind, or without Google's APIs, sets them.
A VM with `worker-config` is no master: see `worker`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from node.contract.api_server import ApiServer
from node.contract.authorities import Authorities
from node.contract.cloud_controller import CloudController
from node.contract.fields import FormatError
from node.contract.machine_config import MachineConfig

STARTUP_SCRIPT: Final = "startup-script"
CLUSTER_NAME: Final = "cluster-name"
REPLICA: Final = "replica"
BUCKET: Final = "bucket"
API_ADDRESS: Final = "api-address"
API_INTERNAL_ADDRESS: Final = "api-internal-address"
SECRET: Final = "secret"  # noqa: S105  (the name of a version, and no secret)
MACHINE_CONFIG: Final = "machine-config"
API_SERVER: Final = "api-server"
AUTHORITIES: Final = "authorities"
CLOUD_CONTROLLER: Final = "cloud-controller"
AGENT_SHA256: Final = "agent-sha256"
CONFIG_HASH: Final = "config-hash"
KUBELET_OVERRIDES: Final = "kubelet-overrides"
CONTAINERD_CONFIG: Final = "containerd-config"
STORAGE_ENDPOINT: Final = "storage-endpoint"
SECRET_MANAGER_ENDPOINT: Final = "secretmanager-endpoint"  # noqa: S105
COMPUTE_ENDPOINT: Final = "compute-endpoint"
IDENTITY_ENDPOINT: Final = "identity-endpoint"
WORKER_CONFIG: Final = "worker-config"
KUBE_ENV: Final = "kube-env"
"""In templates of workers: by it cluster-autoscaler knows which Node a VM of a group without any would be."""

CLUSTER_CA: Final = "cluster-ca"
"""The authority, in PEM, that vouches for the apiserver to workers."""


@dataclass(frozen=True)
class Machine:
    """`replica` is the identity (`m1-b`), `address` its reserved internal address, `api_address` the cluster's, and
    `api_internal_address` the cluster's other one, inside the network; empty where there is none.

    `loopback` is where local clients find etcd; tests give each of several members on one host its own.
    `kubelet_overrides` are merged over the kubelet's configuration, for machines whose kernel needs it.
    """

    cluster: str
    replica: str
    zone: str
    instance_id: str
    address: str
    api_address: str
    bucket: str
    secret: str
    config_hash: str
    config: MachineConfig
    pod_range: str = ""
    loopback: str = "127.0.0.1"
    kubelet_overrides: dict[str, Any] = field(default_factory=dict)
    api_server: ApiServer = field(default_factory=ApiServer)
    authorities: Authorities = field(default_factory=Authorities)
    api_internal_address: str = ""
    cloud_controller: CloudController | None = None

    @property
    def node_name(self) -> str:
        """The VM's name, which the kubelet's certificate bears as `system:node:<name>`."""
        return f"{self.cluster}-{self.replica}"

    @property
    def api_addresses(self) -> tuple[str, ...]:
        """All that packets for the API may be addressed to."""
        return tuple(filter(None, (self.api_address, self.api_internal_address)))

    @property
    def region(self) -> str:
        return self.zone.rpartition("-")[0]

    @property
    def api_url(self) -> str:
        """The local apiserver: its certificate names this address, and never loopback."""
        return f"https://{self.address}:{self.config.api_port}"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Returns what the metadata server's `instance/` describes. Raises FormatError, naming what is missing."""
        attributes = document.get("attributes") or {}

        def attribute(name: str) -> str:
            if not (value := attributes.get(name)):
                raise FormatError(f"the VM's metadata has no `{name}`: run `pulumi up` to write it again")
            return str(value)

        interfaces = document.get("networkInterfaces") or []
        if not interfaces:
            raise FormatError("the VM has no network interface: run `pulumi up` to make it again")
        overrides = attributes.get(KUBELET_OVERRIDES)
        return cls(
            cluster=attribute(CLUSTER_NAME),
            replica=attribute(REPLICA),
            zone=str(document["zone"]).rpartition("/")[2],
            instance_id=str(document["id"]),
            address=str(interfaces[0]["ip"]),
            api_address=attribute(API_ADDRESS),
            bucket=attribute(BUCKET),
            secret=attribute(SECRET),
            config_hash=attribute(CONFIG_HASH),
            config=MachineConfig.parse(attribute(MACHINE_CONFIG)),
            pod_range=str(next(iter(interfaces[0].get("ipAliases") or []), "")),
            kubelet_overrides=json.loads(overrides) if overrides else {},
            api_server=ApiServer.parse(str(attributes.get(API_SERVER) or "")),
            authorities=Authorities.parse(str(attributes.get(AUTHORITIES) or "")),
            api_internal_address=str(attributes.get(API_INTERNAL_ADDRESS) or ""),
            cloud_controller=CloudController.parse(
                str(attributes.get(CLOUD_CONTROLLER) or ""), str(attributes.get(COMPUTE_ENDPOINT) or "")
            ),
        )
