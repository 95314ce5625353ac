"""One master as its manifests need to know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from node.manifests.machine_config import MachineConfig


@dataclass(frozen=True)
class Machine:
    """`replica` is the identity (`m1-b`), `address` its reserved internal address, `api_address` the cluster's.

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

    @property
    def node_name(self) -> str:
        """The VM's name, which the kubelet's certificate bears as `system:node:<name>`."""
        return f"{self.cluster}-{self.replica}"

    @property
    def region(self) -> str:
        return self.zone.rpartition("-")[0]

    @property
    def api_url(self) -> str:
        """The local apiserver: its certificate names this address, and never loopback."""
        return f"https://{self.address}:{self.config.api_port}"
