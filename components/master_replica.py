"""One master: what outlives its machine, and then the machine."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from ipaddress import ip_network

import pulumi
import pulumi_gcp as gcp

from components.config import ReplicaSpec, StackConfig
from components.etcd_cluster import EtcdCluster
from components.gates import ReplicaReady, ReplicaTurn
from components.machine import STARTUP_SCRIPT, canonical, config_hash, machine_config, restart_shape
from components.master_identity import MasterIdentity
from components.naming import Names
from components.network import Network
from components.pki import CLIENT, PEER, SERVER, Leaf, Pki

DATA_DISK_DEVICE = "etcd-data"
"""The machine finds its disk at `/dev/disk/by-id/google-etcd-data`."""

POD_PREFIX_LENGTH = 24
KUBERNETES_NAMES = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)


class MasterReplica(pulumi.ComponentResource):
    """Identity first (address, disk, certificates), then `boot`.

    Between the two the whole cluster's desired membership is written, which needs every replica's address and must stand
    before any machine reads it. The disk, the address and the certificates outlive the VM: a VM that is replaced rejoins
    as the same member with the same data.
    """

    address: pulumi.Output[str]
    vm: gcp.compute.Instance
    ready: ReplicaReady

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
        self._disk = self._data_disk(etcd)
        self.leaves = self._issue(pki, etcd)
        self._secret = self._store(identity, pki, etcd)

    @property
    def self_link_path(self) -> str:
        """The VM's path, known before it exists."""
        return f"projects/{self._names.project}/zones/{self.spec.zone}/instances/{self._vm_name}"

    def boot(self, members: pulumi.Resource, after: ReplicaReady | None) -> None:
        """Declares the VM and its gates. `after` is the gate of the replica before it in the chain."""
        name, spec = self.spec.identity, self.spec
        previous = [after] if after else []
        turn = ReplicaTurn(
            f"{name}-turn",
            bucket=self._names.bucket,
            replica=name,
            shape=restart_shape(self._config, spec.machine_type),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[members, *previous]),
        )
        version, access = self._secret
        settings = canonical(machine_config(self._config))
        digest = pulumi.Output.all(version.name, self._api_address).apply(
            lambda known: config_hash(STARTUP_SCRIPT, settings, *known)
        )
        self.vm = self._machine(turn, settings, digest, version, [members, access, turn])
        self.ready = ReplicaReady(
            f"{name}-ready",
            bucket=self._names.bucket,
            replica=name,
            instance_id=self.vm.instance_id,
            config_hash=digest,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.vm]),
        )
        self.register_outputs({"address": self.address, "instance": self._vm_name})

    def _data_disk(self, etcd: EtcdCluster) -> gcp.compute.Disk:
        name, protection = self.spec.identity, self._config.etcd.data_disk_protection
        disk = gcp.compute.Disk(
            f"{name}-data",
            name=self._names.of(name, "data"),
            zone=self.spec.zone,
            type=self._config.etcd.data_disk_type,
            size=self.spec.data_disk_size_gb,
            create_snapshot_before_destroy=protection == "snapshot",
            labels=dict(self._config.labels),
            opts=pulumi.ResourceOptions(
                parent=self, protect=protection == "protect", delete_before_replace=True
            ),
        )
        gcp.compute.DiskResourcePolicyAttachment(
            f"{name}-data-snapshots",
            name=etcd.snapshots.name,
            disk=disk.name,
            zone=self.spec.zone,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return disk

    def _issue(self, pki: Pki, etcd: EtcdCluster) -> dict[str, Leaf]:
        """This replica's certificates. None names an ephemeral address."""
        name, spec = self.spec.identity, self._config.api
        service_address = str(ip_network(self._config.network.service_range)[1])
        api_names = [*KUBERNETES_NAMES, *([spec.dns_name.rstrip(".")] if spec.dns_name else [])]
        return {
            "etcd-peer": etcd.peer_ca.issue(
                f"{name}-etcd-peer",
                common_name=name,
                uses=PEER,
                parent=self,
                dns_names=[name],
                ip_addresses=[self.address],
            ),
            "etcd-server": etcd.client_ca.issue(
                f"{name}-etcd-server",
                common_name=name,
                uses=SERVER,
                parent=self,
                dns_names=[name, "localhost"],
                ip_addresses=[self.address, "127.0.0.1"],
            ),
            "etcd-client": etcd.client_ca.issue(
                f"{name}-etcd-client", common_name=f"apiserver-{name}", uses=CLIENT, parent=self
            ),
            "apiserver": pki.cluster_ca.issue(
                f"{name}-apiserver",
                common_name="kube-apiserver",
                uses=SERVER,
                parent=self,
                dns_names=api_names,
                ip_addresses=[self._api_address, self.address, service_address],
            ),
            "apiserver-kubelet-client": pki.cluster_ca.issue(
                f"{name}-apiserver-kubelet-client",
                common_name=f"kube-apiserver-kubelet-client-{name}",
                organization="system:masters",
                uses=CLIENT,
                parent=self,
            ),
            "kubelet": pki.cluster_ca.issue(
                f"{name}-kubelet",
                common_name=f"system:node:{self._vm_name}",
                organization="system:nodes",
                uses=PEER,
                parent=self,
                dns_names=[self._vm_name],
                ip_addresses=[self.address],
            ),
        }

    def _store(
        self, identity: MasterIdentity, pki: Pki, etcd: EtcdCluster
    ) -> tuple[gcp.secretmanager.SecretVersion, gcp.secretmanager.SecretIamPolicy]:
        """All of this replica's keys and certificates in one secret, as JSON of file name to PEM."""
        name = self.spec.identity
        files: dict[str, pulumi.Input[str]] = {
            "ca.crt": pki.cluster_ca.certificate_pem,
            "front-proxy-ca.crt": pki.front_proxy_ca.certificate_pem,
            "etcd-peer-ca.crt": etcd.peer_ca.certificate_pem,
            "etcd-client-ca.crt": etcd.client_ca.certificate_pem,
            "service-account.key": pki.service_account_key.private_key_pem,
            "service-account.pub": pki.service_account_key.public_key_pem,
        }
        shared = {leaf.name.removeprefix("pki-"): leaf for leaf in pki.shared}
        for stem, leaf in {**shared, **self.leaves}.items():
            files[f"{stem}.crt"] = leaf.certificate_pem
            files[f"{stem}.key"] = leaf.key_pem
        secret = gcp.secretmanager.Secret(
            f"{name}-secret",
            secret_id=self._names.of(name, "pki"),
            replication=gcp.secretmanager.SecretReplicationArgs(
                auto=gcp.secretmanager.SecretReplicationAutoArgs()
            ),
            labels=dict(self._config.labels),
            opts=pulumi.ResourceOptions(parent=self),
        )
        version = gcp.secretmanager.SecretVersion(
            f"{name}-secret-version",
            secret=secret.id,
            # Among the files are keys, which the provider marks as secret; so is what is made of them.
            secret_data=pulumi.Output.all(**files).apply(lambda known: json.dumps(known, sort_keys=True)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        # The whole policy and not one more member of it: nobody else is given access to these keys.
        access = gcp.secretmanager.SecretIamPolicy(
            f"{name}-secret-access",
            secret_id=secret.id,
            policy_data=identity.member.apply(
                lambda member: canonical(
                    {"bindings": [{"role": "roles/secretmanager.secretAccessor", "members": [member]}]}
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return version, access

    def _machine(
        self,
        turn: ReplicaTurn,
        settings: str,
        digest: pulumi.Output[str],
        version: gcp.secretmanager.SecretVersion,
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
            tags=[self._names.master_tag],
            labels=dict(self._config.labels),
            boot_disk=gcp.compute.InstanceBootDiskArgs(
                auto_delete=True,
                initialize_params=gcp.compute.InstanceBootDiskInitializeParamsArgs(
                    image=masters.image, size=masters.boot_disk_size_gb, type="pd-balanced"
                ),
            ),
            attached_disks=[
                gcp.compute.InstanceAttachedDiskArgs(
                    source=self._disk.self_link, device_name=DATA_DISK_DEVICE
                )
            ],
            network_interfaces=[interface],
            service_account=gcp.compute.InstanceServiceAccountArgs(
                email=self._service_account, scopes=["cloud-platform"]
            ),
            shielded_instance_config=gcp.compute.InstanceShieldedInstanceConfigArgs(
                enable_secure_boot=True, enable_vtpm=True, enable_integrity_monitoring=True
            ),
            metadata={
                "startup-script": STARTUP_SCRIPT,
                "cluster-name": self._names.cluster,
                "replica": self.spec.identity,
                "bucket": self._names.bucket,
                "api-address": self._api_address,
                "secret": version.name,
                "machine-config": settings,
                "config-hash": digest,
                "block-project-ssh-keys": "TRUE",
                "enable-oslogin": "TRUE",
            },
            # A VM's name is its replica's, so the old one goes first; its disk and its address wait for the next.
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_with=[turn, self._disk],
                depends_on=list(after),
            ),
        )


def boot_in_turn(
    replicas: Sequence[MasterReplica], members: pulumi.Resource, *, standing: Collection[str]
) -> None:
    """Boots all replicas once `members` is written: newcomers side by side, those that stand one after another.

    `standing` are the identities whose machines the state holds already: a change that restarts or replaces machines
    reaches the next of them only when the one before serves again.
    """
    previous: ReplicaReady | None = None
    for replica in replicas:
        if replica.spec.identity in standing:
            replica.boot(members, after=previous)
            previous = replica.ready
        else:
            replica.boot(members, after=None)
