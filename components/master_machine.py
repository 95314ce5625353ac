"""One master's machine: its data disk, its VM, the gates in front of both and the guards behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.config import ReplicaSpec, StackConfig, families
from components.config.pools import POD_PREFIX_LENGTH
from components.gates import DataGuard, DiskTurn, MachineGuard, ReplicaReady, ReplicaTurn, Site
from components.master_replica import MasterReplica
from components.outlook import Outlook
from components.resource_names import labels, snapshot_prefix
from components.vm_metadata import cloud_controller, config_hash, machine_config
from components.waiting import waits_for
from node.contract import metadata
from node.contract.fields import canonical
from node.release.startup import STARTUP_SCRIPT

DATA_DISK_DEVICE = "etcd-data"
"""The machine finds its disk at `/dev/disk/by-id/google-etcd-data`."""


@dataclass(frozen=True, slots=True)
class MasterMachine:
    """A replica's machine, which exists only once `boot` has declared it. `path` is the VM's, known before the VM exists."""

    replica: MasterReplica
    site: Site
    disk: gcp.compute.Disk
    vm: gcp.compute.Instance
    ready: ReplicaReady
    guard: MachineGuard

    @property
    def spec(self) -> ReplicaSpec:
        return self.replica.spec

    @property
    def path(self) -> str:
        return self.replica.self_link_path

    def guard_departure(self, memberships: Sequence[pulumi.Resource]) -> MachineGuard:
        """Declares who is asked first when the machine is to go, before it leaves the groups of `memberships`.

        `guard` is asked again when the VM alone is left to delete: another master may have died since.
        """
        return MachineGuard(
            f"{self.spec.identity}-departure-guard",
            self.site,
            instance_id=self.vm.instance_id,
            opts=pulumi.ResourceOptions(parent=self.replica, depends_on=[self.guard, *memberships]),
        )


def boot_in_turn(
    replicas: Sequence[MasterReplica], members: pulumi.Resource, before: Outlook
) -> list[MasterMachine]:
    """Boots all replicas once `members` is written: newcomers side by side, those that stand one after another.

    A change that restarts or replaces machines that stand reaches the next of them only when the one before serves again.
    Those that are down come first: nobody else may go down while they are, so a change that was cut off between a
    machine's delete and its create could otherwise be taken back by nobody. Beside a sole one, newcomers wait until it is
    through: had one of them joined while it restarts, etcd would be two voters with one of them down. It may be no use
    without a machine that returns to its disk, so with such a one among them nobody waits for it.
    """
    standing = before.standing.identities
    booted: dict[str, MasterMachine] = {}
    previous: ReplicaReady | None = None
    there = [replica for replica in replicas if replica.spec.identity in standing]
    for replica in sorted(there, key=lambda each: each.spec.identity not in before.down):
        machine = boot(replica, members, after=previous)
        booted[replica.spec.identity], previous = machine, machine.ready
    newcomers = {replica.spec.identity for replica in replicas} - standing
    sole = previous if len(standing) == 1 and newcomers.isdisjoint(before.returning) else None
    for replica in replicas:
        if replica.spec.identity not in standing:
            booted[replica.spec.identity] = boot(replica, members, after=sole)
    return [booted[replica.spec.identity] for replica in replicas]


def boot(replica: MasterReplica, members: pulumi.Resource, after: ReplicaReady | None) -> MasterMachine:
    """Declares the machine and its gates. `after` is the gate of the replica before it in the chain."""
    on, spec, name = replica.on, replica.spec, replica.spec.identity
    gated = pulumi.ResourceOptions(
        parent=replica, depends_on=[members, *([waits_for(after)] if after else [])]
    )
    site = Site(
        bucket=on.names.bucket,
        replica=name,
        project=on.names.project,
        zone=spec.zone,
        instance=replica.vm_name,
        disk=on.names.of(name, "data"),
    )
    shape = restart_shape(on.config, spec)
    turn = ReplicaTurn(f"{name}-turn", site, shape=shape, opts=gated)
    disk_turn = DiskTurn(f"{name}-disk-turn", site, opts=gated)
    disk = _data_disk(replica, disk_turn)
    data_guard = DataGuard(
        f"{name}-data-guard",
        site,
        disk_id=disk.disk_id,
        address=replica.address,
        opts=pulumi.ResourceOptions(parent=replica, depends_on=[disk]),
    )
    settings, release = canonical(machine_config(on.config).to_fields()), on.bucket.release
    cloud = cloud_controller(on.config, on.names)
    texts = (
        on.config.api.server.to_text(),
        on.config.authorities.to_text(),
        cloud.to_text() if cloud else "",
    )
    asked = [text for text in texts if text]
    addresses = [on.api_address, *([on.api_internal_address] if on.api_internal_address else [])]
    digest = pulumi.Output.all(replica.secret.version, *addresses).apply(
        lambda known: config_hash(STARTUP_SCRIPT, release.sha256, settings, *known, *asked)
    )
    vm = _vm(
        replica,
        disk,
        turn,
        settings,
        digest,
        [members, release.resource, replica.secret.access, *on.rights, turn, data_guard],
    )
    ready = ReplicaReady(
        f"{name}-ready",
        site,
        instance_id=vm.instance_id,
        config_hash=digest,
        shape=shape,
        opts=pulumi.ResourceOptions(parent=replica, depends_on=[vm]),
    )
    guard = MachineGuard(
        f"{name}-machine-guard",
        site,
        instance_id=vm.instance_id,
        opts=pulumi.ResourceOptions(parent=replica, depends_on=[vm]),
    )
    replica.register_outputs({"address": replica.address, "instance": replica.vm_name})
    return MasterMachine(replica, site, disk, vm, ready, guard)


def restart_shape(config: StackConfig, spec: ReplicaSpec) -> dict[str, Any]:
    """Returns what stops or replaces a VM when it changes: `ReplicaTurn` guards exactly these.

    Without a type, the boot disk is the one that every machine had before there was a choice: what a former release
    recorded is then no change.
    """
    shape = {
        "machineType": spec.machine_type,
        "image": config.masters.image,
        "bootDiskSizeGb": config.masters.boot_disk_size_gb,
    }
    return (
        shape if spec.boot_disk_type == families.BALANCED else {**shape, "bootDiskType": spec.boot_disk_type}
    )


def _data_disk(replica: MasterReplica, turn: DiskTurn) -> gcp.compute.Disk:
    on, name = replica.on, replica.spec.identity
    protection, disk_name = on.config.etcd.data_disk_protection, on.names.of(name, "data")
    disk = gcp.compute.Disk(
        f"{name}-data",
        name=disk_name,
        zone=replica.spec.zone,
        type=replica.spec.data_disk_type,
        size=replica.spec.data_disk_size_gb,
        create_snapshot_before_destroy=protection == "snapshot",
        create_snapshot_before_destroy_prefix=snapshot_prefix(disk_name)
        if protection == "snapshot"
        else None,
        labels=labels(on.config),
        opts=pulumi.ResourceOptions(
            parent=replica,
            protect=protection == "protect",
            delete_before_replace=True,
            replace_with=[turn],
            depends_on=[turn],
        ),
    )
    gcp.compute.DiskResourcePolicyAttachment(
        f"{name}-data-snapshots",
        name=on.bucket.snapshot_schedule.name,
        disk=disk.name,
        zone=replica.spec.zone,
        opts=pulumi.ResourceOptions(parent=replica, delete_before_replace=True),
    )
    return disk


def _vm(
    replica: MasterReplica,
    disk: gcp.compute.Disk,
    turn: ReplicaTurn,
    settings: str,
    digest: pulumi.Output[str],
    after: Sequence[pulumi.Resource],
) -> gcp.compute.Instance:
    on, spec = replica.on, replica.spec
    masters, cloud = on.config.masters, cloud_controller(on.config, on.names)
    interface = gcp.compute.InstanceNetworkInterfaceArgs(
        network=on.network.network,
        subnetwork=on.network.subnetwork,
        network_ip=replica.address,
        access_configs=(
            [gcp.compute.InstanceNetworkInterfaceAccessConfigArgs()] if masters.public_addresses else None
        ),
        alias_ip_ranges=[
            gcp.compute.InstanceNetworkInterfaceAliasIpRangeArgs(
                ip_cidr_range=f"/{POD_PREFIX_LENGTH}",
                subnetwork_range_name=on.network.pod_range_name,
            )
        ],
    )
    return gcp.compute.Instance(
        f"{spec.identity}-vm",
        name=replica.vm_name,
        zone=spec.zone,
        machine_type=spec.machine_type,
        allow_stopping_for_update=True,
        desired_status="RUNNING",
        tags=[on.names.master_tag],
        labels=labels(on.config),
        boot_disk=gcp.compute.InstanceBootDiskArgs(
            auto_delete=True,
            initialize_params=gcp.compute.InstanceBootDiskInitializeParamsArgs(
                image=masters.image,
                size=masters.boot_disk_size_gb,
                type=spec.boot_disk_type,
                # Ties the machine to this very data disk: another one of the same name is another machine's, and
                # the engine orders the deletes (group, machine, disk) by such dependencies only.
                labels={"data-disk": disk.disk_id},
            ),
        ),
        attached_disks=[
            gcp.compute.InstanceAttachedDiskArgs(source=disk.self_link, device_name=DATA_DISK_DEVICE)
        ],
        network_interfaces=[interface],
        service_account=gcp.compute.InstanceServiceAccountArgs(
            email=on.service_account.email, scopes=["cloud-platform"]
        ),
        shielded_instance_config=gcp.compute.InstanceShieldedInstanceConfigArgs(
            enable_secure_boot=True, enable_vtpm=True, enable_integrity_monitoring=True
        ),
        metadata={
            metadata.STARTUP_SCRIPT: STARTUP_SCRIPT,
            metadata.CLUSTER_NAME: on.names.cluster,
            metadata.REPLICA: spec.identity,
            metadata.BUCKET: on.names.bucket,
            metadata.API_ADDRESS: on.api_address,
            **({metadata.API_INTERNAL_ADDRESS: on.api_internal_address} if on.api_internal_address else {}),
            metadata.SECRET: replica.secret.version,
            metadata.MACHINE_CONFIG: settings,
            **({metadata.API_SERVER: asked} if (asked := on.config.api.server.to_text()) else {}),
            **({metadata.AUTHORITIES: told} if (told := on.config.authorities.to_text()) else {}),
            **({metadata.CLOUD_CONTROLLER: cloud.to_text()} if cloud else {}),
            metadata.AGENT_SHA256: on.bucket.release.sha256,
            metadata.CONFIG_HASH: digest,
            "block-project-ssh-keys": "TRUE",
            "enable-oslogin": "TRUE",
        },
        # A VM's name is its replica's, so the old one goes first; its disk and its address wait for the next.
        opts=pulumi.ResourceOptions(
            parent=replica,
            delete_before_replace=True,
            replace_with=[turn],
            depends_on=list(after),
        ),
    )
