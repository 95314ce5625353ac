"""etcd as Pulumi sees it: who shall be a member, who may stay, and the gates that wait until it is so."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components.cluster_bucket import ClusterBucket
from components.config import BackupSpec, EtcdSpec, StackConfig
from components.gates import ClusterAlive, ClusterEnd, EtcdMembership
from components.master_machine import MasterMachine
from components.master_replica import MasterReplica
from components.master_service_account import MasterServiceAccount
from components.network import Network
from components.node_release import publish
from components.pki.cluster import EtcdTrust
from components.pki.generations import Generations
from components.resource_names import Names, labels
from node.contract import bucket_layout, ports
from node.contract.authorities import ETCD_CLIENTS, ETCD_PEERS
from node.contract.desired import Member, Members, Retained
from node.contract.restore import Restore

CLIENT_AND_PEER_PORTS = f"{ports.ETCD_CLIENT}-{ports.ETCD_PEER}"
SNAPSHOT_TIME = "03:00"
"""UTC. Google takes the snapshot within the hour."""


class EtcdCluster(pulumi.ComponentResource):
    """Bucket, trust, firewall and snapshot schedule; then `declare`, `joined` and `released` in the order of an update.

    Pulumi never adds or removes a member itself: it says who shall be in, and the masters take the steps, one at a time,
    because only they know whether a step would cost quorum.
    """

    def __init__(
        self,
        name: str,
        config: StackConfig,
        names: Names,
        network: Network,
        service_account: MasterServiceAccount,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        spec, region = config.etcd, config.region
        super().__init__(
            "ha-masters:index:EtcdCluster",
            name,
            {
                "version": spec.version,
                "replicas": [
                    {"name": replica.name, "zone": replica.zone, "identity": replica.identity}
                    for replica in sorted(config.replicas, key=lambda each: each.identity)
                ],
                "dataDiskProtection": spec.data_disk_protection,
            },
            opts,
        )
        self._name, self._names = name, names
        self._wanted = sorted(replica.identity for replica in config.replicas)
        self._places = {
            replica.identity: {"zone": replica.zone, "instance": names.of(replica.identity)}
            for replica in config.replicas
        }
        child = pulumi.ResourceOptions(parent=self)
        self.trust = EtcdTrust(
            Generations(
                f"{name}-peer-ca", names.cluster, ETCD_PEERS, config.authorities.of(ETCD_PEERS), child
            ),
            Generations(
                f"{name}-client-ca", names.cluster, ETCD_CLIENTS, config.authorities.of(ETCD_CLIENTS), child
            ),
        )
        bucket = self._bucket(region, spec, labels(config))
        release = publish(f"{name}-agent", bucket.name, self)
        access = gcp.storage.BucketIAMMember(
            f"{name}-bucket-access",
            bucket=bucket.name,
            role="roles/storage.objectUser",
            member=service_account.member,
            opts=child,
        )
        self.alive = ClusterAlive(
            f"{name}-alive",
            bucket=names.bucket,
            cluster=names.cluster,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[bucket]),
        )
        self.firewall = gcp.compute.Firewall(
            f"{name}-firewall",
            name=names.of("etcd"),
            description="etcd's clients and peers: masters only",
            network=network.network,
            source_tags=[names.master_tag],
            target_tags=[names.master_tag],
            allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=[CLIENT_AND_PEER_PORTS])],
            opts=child,
        )
        schedule = gcp.compute.ResourcePolicy(
            f"{name}-snapshots",
            name=names.of("etcd-snapshots"),
            region=region,
            description="Daily snapshots of etcd's data disks",
            snapshot_schedule_policy=gcp.compute.ResourcePolicySnapshotSchedulePolicyArgs(
                schedule=gcp.compute.ResourcePolicySnapshotSchedulePolicyScheduleArgs(
                    daily_schedule=gcp.compute.ResourcePolicySnapshotSchedulePolicyScheduleDailyScheduleArgs(
                        days_in_cycle=1, start_time=SNAPSHOT_TIME
                    )
                ),
                retention_policy=gcp.compute.ResourcePolicySnapshotSchedulePolicyRetentionPolicyArgs(
                    max_retention_days=spec.backup.retention_days, on_source_disk_delete="KEEP_AUTO_SNAPSHOTS"
                ),
            ),
            opts=child,
        )
        self.bucket = ClusterBucket(bucket, access, release, schedule)
        self._leaves = (
            *self.trust.peer_ca.all,
            *self.trust.client_ca.all,
            self.firewall,
            access,
            schedule,
        )

    def declare(
        self, replicas: Sequence[MasterReplica], restore: Restore | None = None
    ) -> gcp.storage.BucketObject:
        """Writes who shall be a voter, and before that what to restore, if anything.

        Machines read both, so they stand before any of them boots.
        """
        addresses = pulumi.Output.all(*[replica.address for replica in replicas])
        content = addresses.apply(
            lambda known: Members(
                cluster=self._names.cluster,
                members=tuple(
                    Member(replica.spec.identity, address, replica.spec.zone)
                    for replica, address in sorted(
                        zip(replicas, known, strict=True), key=lambda pair: pair[0].spec.identity
                    )
                ),
            ).to_json()
        )
        before: list[pulumi.Resource] = [self.alive]
        if restore:
            before.append(
                self._object("desired-restore", bucket_layout.RESTORE, restore.to_json(), [self.alive])
            )
        return self._object("desired-members", bucket_layout.MEMBERS, content, before)

    def joined(self, machines: Sequence[MasterMachine]) -> EtcdMembership:
        """Returns the gate after which every wanted replica is a healthy voter and serves."""
        return EtcdMembership(
            f"{self._name}-joined",
            goal="joined",
            bucket=self._names.bucket,
            members=self._wanted,
            instances={machine.spec.identity: machine.vm.instance_id for machine in machines},
            project=self._names.project,
            places=self._places,
            opts=pulumi.ResourceOptions(
                parent=self,
                # Machines try again until they may read the bucket, so they needn't wait for it to boot.
                depends_on=[self.bucket.access, *(machine.ready for machine in machines)],
            ),
        )

    def guarded(self, guards: Sequence[pulumi.Resource], *, protected: bool) -> None:
        """Declares what goes first when the whole cluster goes, so that its guards know."""
        self._end = ClusterEnd(
            f"{self._name}-end",
            bucket=self._names.bucket,
            cluster=self._names.cluster,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=protected,
                depends_on=[self.bucket.bucket, *guards],
            ),
        )

    def retain(self, *, after: pulumi.Resource) -> gcp.storage.BucketObject:
        """Lets everyone else go, once the API no longer needs them: the masters do it by themselves."""
        retained = Retained(cluster=self._names.cluster, members=tuple(self._wanted)).to_json()
        return self._object("desired-retained", bucket_layout.RETAINED, retained, [after])

    def released(
        self, *, after: pulumi.Resource, above: Sequence[pulumi.Resource], protected: bool
    ) -> EtcdMembership:
        """Waits until those have left that needn't stay.

        The gate stands on everything: on `above`, which is all that isn't etcd's, and on all of etcd's. After a delete that
        fails the engine goes on with what the failed one doesn't stand on, so its protection is what keeps the whole
        cluster from a careless destroy (`performPostSteps` in the engine's deployment_executor.go).
        """
        gate = EtcdMembership(
            f"{self._name}-left",
            goal="left",
            bucket=self._names.bucket,
            members=self._wanted,
            instances={},
            project=self._names.project,
            places=self._places,
            opts=pulumi.ResourceOptions(
                parent=self, protect=protected, depends_on=[after, self._end, *self._leaves, *above]
            ),
        )
        self.register_outputs({"bucket": self.bucket.bucket.name})
        return gate

    def _bucket(self, region: str, spec: EtcdSpec, marked: dict[str, str]) -> gcp.storage.Bucket:
        return gcp.storage.Bucket(
            f"{self._name}-bucket",
            name=self._names.bucket,
            location=region.upper(),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=gcp.storage.BucketVersioningArgs(enabled=True),
            # Machines write status and snapshots here that no state knows of; the protected address is what stops a
            # careless destroy.
            force_destroy=True,
            lifecycle_rules=[
                gcp.storage.BucketLifecycleRuleArgs(
                    action=gcp.storage.BucketLifecycleRuleActionArgs(type="Delete"),
                    condition=_old_snapshots(spec.backup),
                ),
                gcp.storage.BucketLifecycleRuleArgs(
                    action=gcp.storage.BucketLifecycleRuleActionArgs(type="Delete"),
                    condition=gcp.storage.BucketLifecycleRuleConditionArgs(
                        days_since_noncurrent_time=1, num_newer_versions=3, with_state="ARCHIVED"
                    ),
                ),
            ],
            labels=marked,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _object(
        self, suffix: str, path: str, content: pulumi.Input[str], after: Sequence[pulumi.Resource]
    ) -> gcp.storage.BucketObject:
        return gcp.storage.BucketObject(
            f"{self._name}-{suffix}",
            bucket=self.bucket.bucket.name,
            name=path,
            content=content,
            content_type="application/json",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )


def _old_snapshots(backup: BackupSpec) -> gcp.storage.BucketLifecycleRuleConditionArgs:
    """Returns what the bucket deletes by itself below `snapshots/`: by age, which also takes the last one where none is
    taken any more. Where the masters choose which go, only what they have deleted a day ago.
    """
    prefixes = [bucket_layout.SNAPSHOTS]
    if backup.keep:
        return gcp.storage.BucketLifecycleRuleConditionArgs(
            days_since_noncurrent_time=1, with_state="ARCHIVED", matches_prefixes=prefixes
        )
    return gcp.storage.BucketLifecycleRuleConditionArgs(age=backup.retention_days, matches_prefixes=prefixes)
