"""A worker's VM as its metadata describe it: a machine of a pool, without a data disk, a secret, or a say in etcd."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from node.contract import metadata
from node.contract.fields import FormatError
from node.contract.worker_config import WorkerConfig


def is_worker(document: Mapping[str, Any]) -> bool:
    """Of what the metadata server's `instance/` describes."""
    return bool((document.get("attributes") or {}).get(metadata.WORKER_CONFIG))


@dataclass(frozen=True)
class Worker:
    """`name` is the VM's, and therefore the Node's: the identity that Google vouches for names it. `pod_range` is the VM's
    alias range. `authority` is the cluster's, in PEM. A `preemptible` VM has 30 s from its notice to its end, others 90 s.

    `kubelet_overrides` are merged over the kubelet's configuration, for machines whose kernel needs it.
    """

    name: str
    instance_id: str
    zone: str
    machine_type: str
    address: str
    pod_range: str
    authority: str
    config: WorkerConfig
    preemptible: bool = False
    kubelet_overrides: dict[str, Any] = field(default_factory=dict)

    @property
    def region(self) -> str:
        return self.zone.rpartition("-")[0]

    @property
    def provider_id(self) -> str:
        """By which a cloud's controllers know the Node's VM: cloud-provider-gcp, providers/gce/gce_util.go,
        `getProjectAndZoneAndNameFromProviderID` or its like.
        """
        return f"gce://{self.config.project}/{self.zone}/{self.name}"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Returns what the metadata server's `instance/` describes. Raises FormatError, naming what is missing."""
        attributes = document.get("attributes") or {}

        def attribute(name: str) -> str:
            if not (value := attributes.get(name)):
                raise FormatError(f"the VM's metadata has no `{name}`: make its pool's template again")
            return str(value)

        config = WorkerConfig.parse(attribute(metadata.WORKER_CONFIG))
        interfaces = document.get("networkInterfaces") or []
        if not interfaces:
            raise FormatError("the VM has no network interface: make its pool's template again")
        aliases = interfaces[0].get("ipAliases") or []
        if not aliases:
            raise FormatError(
                "the VM has no alias range, and pods no addresses: give the template's interface one of the subnet's "
                "range for pods, and make the VM again"
            )
        overrides = attributes.get(metadata.KUBELET_OVERRIDES)
        return cls(
            name=str(document["name"]),
            instance_id=str(document["id"]),
            zone=_last(document["zone"]),
            machine_type=_last(document["machineType"]),
            address=str(interfaces[0]["ip"]),
            pod_range=str(aliases[0]),
            authority=attribute(metadata.CLUSTER_CA),
            config=config,
            preemptible=str((document.get("scheduling") or {}).get("preemptible")).upper() == "TRUE",
            kubelet_overrides=json.loads(overrides) if overrides else {},
        )


def _last(path: object) -> str:
    return str(path).rpartition("/")[2]
