"""What of a master outlives its machine: its address, its certificates and its secret."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.config import ReplicaSpec
from components.foundation import Foundation
from components.replica_leaves import issue_leaves
from components.replica_secret import store_secret


class MasterReplica(pulumi.ComponentResource):
    """One replica before its machine, which `components.master_machine` boots.

    Between the two the whole cluster's desired membership is written, which needs every replica's address and must stand
    before any machine reads it. The disk, the address and the certificates outlive the VM: a VM that is replaced rejoins
    as the same member with the same data.
    """

    address: pulumi.Output[str]

    def __init__(self, spec: ReplicaSpec, on: Foundation, opts: pulumi.ResourceOptions | None = None) -> None:
        name = spec.identity
        super().__init__(
            "ha-masters:index:MasterReplica",
            name,
            {
                "name": spec.name,
                "zone": spec.zone,
                "identity": spec.identity,
                "machineType": spec.machine_type,
                "dataDiskSizeGb": spec.data_disk_size_gb,
            },
            opts,
        )
        self.spec, self.on = spec, on
        self.vm_name = on.names.of(name)
        self.address = gcp.compute.Address(
            f"{name}-address",
            name=self.vm_name,
            region=on.config.region,
            address_type="INTERNAL",
            subnetwork=on.network.subnetwork,
            opts=pulumi.ResourceOptions(parent=self),
        ).address
        self.leaves = issue_leaves(self, spec, on, self.address)
        self.secret = store_secret(self, spec, on, self.leaves)

    @property
    def self_link_path(self) -> str:
        """The VM's path, known before it exists."""
        return f"projects/{self.on.names.project}/zones/{self.spec.zone}/instances/{self.vm_name}"
