"""One master: what outlives its machine, and then the machine."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components.config import ReplicaSpec, StackConfig
from components.etcd_cluster import EtcdCluster
from components.gates import DataGuard, DiskTurn, MachineGuard, ReplicaReady, ReplicaTurn, Site
from components.machine import config_hash, machine_config, restart_shape
from components.master_identity import MasterIdentity
from components.naming import Names, labels
from components.network import Network
from components.outlook import Outlook
from components.pki import Pki
from components.replica_secret import issue_leaves, store_secret
from node.contract import metadata
from node.contract.fields import canonical
from node.release.startup import STARTUP_SCRIPT

DATA_DISK_DEVICE = "etcd-data"
"""The machine finds its disk at `/dev/disk/by-id/google-etcd-data`."""

POD_PREFIX_LENGTH = 24


class MasterReplica(pulumi.ComponentResource):
    """Identity first (address, disk, certificates), then `boot`.

    Between the two the whole cluster's desired membership is written, which needs every replica's address and must stand
    before any machine reads it. The disk, the address and the certificates outlive the VM: a VM that is replaced rejoins
    as the same member with the same data.
    """

    address: pulumi.Output[str]
    disk: gcp.compute.Disk
    vm: gcp.compute.Instance
    ready: ReplicaReady
    guards: tuple[MachineGuard, DataGuard]

    def __init__(
        self,
        spec: ReplicaSpec,
        config: StackConfig,
        names: Names,
        network: Network,
        identity: MasterIdentity,
        pki: Pki,
        etcd: EtcdCluster,
        api_address: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
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
        self.spec = spec
        self._config, self._names, self._network = config, names, network
        self._service_account, self._api_address = identity.email, api_address
        self._vm_name = names.of(name)
        child = pulumi.ResourceOptions(parent=self)
        self.address = gcp.compute.Address(
            f"{name}-address",
            name=self._vm_name,
            region=config.region,
            address_type="INTERNAL",
            subnetwork=network.subnetwork,
            opts=child,
        ).address
        self._etcd = etcd
        self.leaves = issue_leaves(
            self, spec, config, pki, etcd, node_name=self._vm_name, addresses=(api_address, self.address)
        )
        self._secret = store_secret(
            self, name, names.of(name, "pki"), config, identity, pki, etcd, self.leaves
        )

    @property
    def self_link_path(self) -> str:
        """The VM's path, known before it exists."""
        return f"projects/{self._names.project}/zones/{self.spec.zone}/instances/{self._vm_name}"

    def boot(self, members: pulumi.Resource, after: ReplicaReady | None) -> None:
        """Declares the VM and its gates. `after` is the gate of the replica before it in the chain."""
        name, spec = self.spec.identity, self.spec
        gated = pulumi.ResourceOptions(parent=self, depends_on=[members, *([after] if after else [])])
        site = Site(
            bucket=self._names.bucket,
            replica=name,
            project=self._names.project,
            zone=spec.zone,
            instance=self._vm_name,
            disk=self._names.of(name, "data"),
        )
        shape = restart_shape(self._config, spec.machine_type)
        turn = ReplicaTurn(f"{name}-turn", site, shape=shape, opts=gated)
        disk_turn = DiskTurn(f"{name}-disk-turn", site, opts=gated)
        self.disk = self._data_disk(disk_turn)
        secret = self._secret
        settings = canonical(machine_config(self._config).to_fields())
        digest = pulumi.Output.all(secret.version, self._api_address).apply(
            lambda known: config_hash(STARTUP_SCRIPT, self._etcd.agent.sha256, settings, *known)
        )
        self.vm = self._machine(
            turn, settings, digest, [members, self._etcd.agent.resource, secret.access, turn]
        )
        self.ready = ReplicaReady(
            f"{name}-ready",
            site,
            instance_id=self.vm.instance_id,
            config_hash=digest,
            shape=shape,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.vm]),
        )
        self.guards = (
            MachineGuard(
                f"{name}-machine-guard",
                site,
                instance_id=self.vm.instance_id,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[self.vm]),
            ),
            DataGuard(
                f"{name}-data-guard",
                site,
                disk_id=self.disk.disk_id,
                address=self.address,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[self.disk]),
            ),
        )
        self.register_outputs({"address": self.address, "instance": self._vm_name})

    def _data_disk(self, turn: DiskTurn) -> gcp.compute.Disk:
        name, protection = self.spec.identity, self._config.etcd.data_disk_protection
        disk = gcp.compute.Disk(
            f"{name}-data",
            name=self._names.of(name, "data"),
            zone=self.spec.zone,
            type=self._config.etcd.data_disk_type,
            size=self.spec.data_disk_size_gb,
            create_snapshot_before_destroy=protection == "snapshot",
            labels=labels(self._config),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=protection == "protect",
                delete_before_replace=True,
                replace_with=[turn],
                depends_on=[turn],
            ),
        )
        gcp.compute.DiskResourcePolicyAttachment(
            f"{name}-data-snapshots",
            name=self._etcd.snapshots.name,
            disk=disk.name,
            zone=self.spec.zone,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return disk

    def _machine(
        self,
        turn: ReplicaTurn,
        settings: str,
        digest: pulumi.Output[str],
        after: Sequence[pulumi.Resource],
    ) -> gcp.compute.Instance:
        masters = self._config.masters
        interface = gcp.compute.InstanceNetworkInterfaceArgs(
            network=self._network.network,
            subnetwork=self._network.subnetwork,
            network_ip=self.address,
            access_configs=(
                [gcp.compute.InstanceNetworkInterfaceAccessConfigArgs()] if masters.public_addresses else None
            ),
            alias_ip_ranges=[
                gcp.compute.InstanceNetworkInterfaceAliasIpRangeArgs(
                    ip_cidr_range=f"/{POD_PREFIX_LENGTH}",
                    subnetwork_range_name=self._network.pod_range_name,
                )
            ],
        )
        return gcp.compute.Instance(
            f"{self.spec.identity}-vm",
            name=self._vm_name,
            zone=self.spec.zone,
            machine_type=self.spec.machine_type,
            allow_stopping_for_update=True,
            desired_status="RUNNING",
            tags=[self._names.master_tag],
            labels=labels(self._config),
            boot_disk=gcp.compute.InstanceBootDiskArgs(
                auto_delete=True,
                initialize_params=gcp.compute.InstanceBootDiskInitializeParamsArgs(
                    image=masters.image,
                    size=masters.boot_disk_size_gb,
                    type="pd-balanced",
                    # Ties the machine to this very data disk: another one of the same name is another machine's, and
                    # the engine orders the deletes (group, machine, disk) by such dependencies only.
                    labels={"data-disk": self.disk.disk_id},
                ),
            ),
            attached_disks=[
                gcp.compute.InstanceAttachedDiskArgs(source=self.disk.self_link, device_name=DATA_DISK_DEVICE)
            ],
            network_interfaces=[interface],
            service_account=gcp.compute.InstanceServiceAccountArgs(
                email=self._service_account, scopes=["cloud-platform"]
            ),
            shielded_instance_config=gcp.compute.InstanceShieldedInstanceConfigArgs(
                enable_secure_boot=True, enable_vtpm=True, enable_integrity_monitoring=True
            ),
            metadata={
                metadata.STARTUP_SCRIPT: STARTUP_SCRIPT,
                metadata.CLUSTER_NAME: self._names.cluster,
                metadata.REPLICA: self.spec.identity,
                metadata.BUCKET: self._names.bucket,
                metadata.API_ADDRESS: self._api_address,
                metadata.SECRET: self._secret.version,
                metadata.MACHINE_CONFIG: settings,
                metadata.AGENT_SHA256: self._etcd.agent.sha256,
                metadata.CONFIG_HASH: digest,
                "block-project-ssh-keys": "TRUE",
                "enable-oslogin": "TRUE",
            },
            # A VM's name is its replica's, so the old one goes first; its disk and its address wait for the next.
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_with=[turn],
                depends_on=list(after),
            ),
        )


def boot_in_turn(replicas: Sequence[MasterReplica], members: pulumi.Resource, before: Outlook) -> None:
    """Boots all replicas once `members` is written: newcomers side by side, those that stand one after another.

    A change that restarts or replaces machines that stand reaches the next of them only when the one before serves again.
    Those that are down come first: nobody else may go down while they are, so a change that was cut off between a
    machine's delete and its create could otherwise be taken back by nobody. Beside a sole one, newcomers wait until it is
    through: had one of them joined while it restarts, etcd would be two voters with one of them down. It may be no use
    without a machine that returns to its disk, so with such a one among them nobody waits for it.
    """
    standing = before.standing.identities
    previous: ReplicaReady | None = None
    there = [replica for replica in replicas if replica.spec.identity in standing]
    for replica in sorted(there, key=lambda each: each.spec.identity not in before.down):
        replica.boot(members, after=previous)
        previous = replica.ready
    newcomers = {replica.spec.identity for replica in replicas} - standing
    sole = previous if len(standing) == 1 and newcomers.isdisjoint(before.returning) else None
    for replica in replicas:
        if replica.spec.identity not in standing:
            replica.boot(members, after=sole)
