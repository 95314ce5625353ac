"""What all pools share: who workers are to Google, what masters may do with them, who reaches whom; then the pools."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components import base_addons
from components.config import StackConfig
from components.desired_pools import desired
from components.foundation import Foundation
from components.gates import PoolsLeave, PoolsSettled
from components.network import IAP_TUNNELS
from components.node_pool import NodePool
from components.standing.facts import Standing
from node.contract import bucket_layout, ports, worker_identity
from node.contract.fields import canonical
from node.contract.pools import group_name
from node.contract.worker_config import dns_address

MASTERS_MAY = (
    "compute.instanceGroupManagers.get",
    "compute.instanceGroupManagers.list",
    "compute.instanceGroupManagers.update",
    *worker_identity.MASTERS_PERMISSIONS,
)
"""To see, make and delete workers, and to admit them. `update` is what createInstances and deleteInstances ask for; VMs are
then made by Google's own agent, so masters need no right to use a template, an image or the workers' account:
https://cloud.google.com/compute/docs/reference/rest/v1/instanceGroupManagers/createInstances.
"""

AUTOSCALER_MAY = (
    "compute.instanceTemplates.get",
    "compute.machineTypes.get",
    "compute.machineTypes.list",
    "compute.regions.get",
    "compute.zoneOperations.get",
    "compute.zones.list",
)
"""What cluster-autoscaler asks for besides, with the masters' account: cloudprovider/gce/autoscaling_gce_client.go."""

ALL_PROTOCOLS = ("tcp", "udp", "icmp", "sctp")


class Workers(pulumi.ComponentResource):
    """Made where pools are listed. `declare` then tells the masters; all of it goes with the last pool.

    The workers' account may read the program that they run, and nothing else: no secret, no status, no snapshot. Workers
    reach the API as everything in the subnetwork does (`ApiEndpoint`), and etcd's ports have no rule for them.
    """

    def __init__(
        self,
        name: str,
        on: Foundation,
        standing: Standing,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        self._name, self._on, self._standing = name, on, standing
        self._beside = pulumi.ResourceOptions(parent=opts.parent if opts else None)
        pools = sorted(on.config.pools, key=lambda pool: pool.name)
        super().__init__(
            "ha-masters:index:Workers",
            name,
            {
                "accountId": on.names.workers_account_id,
                "zones": list(on.config.zones),
                "pools": [
                    {"name": pool.name, "zones": list(pool.zones), **pool.sizes, "spot": pool.spot}
                    for pool in pools
                ],
            },
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        account = gcp.serviceaccount.Account(
            f"{name}-account",
            account_id=on.names.workers_account_id,
            display_name=f"Workers of {on.names.cluster}",
            opts=child,
        )
        self.email = account.email
        self._rights = [
            _release_access(name, on, account.member, child),
            *_masters_rights(name, on, child),
        ]
        self._firewall = _firewall(name, on, child)
        within = pulumi.ResourceOptions(parent=self)
        self.pools = [
            NodePool(spec, on, self.email, standing.templates.get(spec.name, ""), within) for spec in pools
        ]

    @property
    def guards(self) -> list[pulumi.Resource]:
        """What keeps groups from being deleted before they are empty."""
        return [guard for pool in self.pools for guard in pool.guards]

    def declare(self, after: pulumi.Resource) -> PoolsLeave:
        """Tells the masters, who make and drain machines, and waits until all zones are as asked. Returns what goes first
        when the last pool goes.
        """
        on, pools = self._on, self.pools
        self._base_addons(after)
        content = pulumi.Output.all(self.email, *[pool.template for pool in pools]).apply(
            lambda known: desired(
                [pool.spec for pool in pools],
                self._standing.pools,
                {pool.spec.name: link for pool, link in zip(pools, known[1:], strict=True)},
                cluster=on.names.cluster,
                project=on.names.project,
                account=known[0],
            ).to_json()
        )
        declared = gcp.storage.BucketObject(
            f"{self._name}-desired-pools",
            bucket=on.bucket.bucket.name,
            name=bucket_layout.POOLS,
            content=content,
            content_type="application/json",
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    after,
                    on.bucket.release.resource,
                    *self._rights,
                    *self._firewall,
                    *(group for pool in pools for group in pool.groups),
                ],
            ),
        )
        PoolsSettled(
            f"{self._name}-settled",
            bucket=on.names.bucket,
            pools=content,
            # Not a child: masters that leave stand on all of these, and needn't wait for a drain.
            opts=pulumi.ResourceOptions.merge(self._beside, pulumi.ResourceOptions(depends_on=[declared])),
        )
        self.register_outputs({"email": self.email})
        return PoolsLeave(
            f"{self._name}-leave",
            bucket=on.names.bucket,
            opts=pulumi.ResourceOptions.merge(
                self._beside, pulumi.ResourceOptions(depends_on=[self, declared])
            ),
        )

    def _base_addons(self, after: pulumi.Resource) -> None:
        """Writes them `after` the masters' turns, for kube-proxy may not be newer than an apiserver that it asks."""
        config, name = self._on.config, f"{self._name}-base-addons"
        network, port = config.network, config.api.port
        workers = sum(len(pool.zones) * (pool.size or int(pool.autoscaled)) for pool in config.pools)
        nodes = len(config.replicas) + workers if workers else 0
        scaled = [
            base_addons.Scaled(
                config.project,
                zone,
                group_name(config.cluster_name, pool.name, zone),
                pool.size,
                pool.ceiling,
            )
            for pool in sorted(config.pools, key=lambda each: each.name)
            if pool.autoscaled
            for zone in pool.zones
        ]
        content = pulumi.Output.all(
            self._on.inside_address, self._on.pki.kubelet_authorities_pem if config.metrics_server else ""
        ).apply(
            lambda known: base_addons.objects(
                config.addons,
                base_addons.Api(known[0], port),
                network.pod_range,
                dns_address(network.service_range),
                nodes,
                kubelet_authorities=known[1],
                serves_services=config.serves_services,
                scaled=scaled,
            )
        )
        gcp.storage.BucketObject(
            name,
            bucket=self._on.bucket.bucket.name,
            name=bucket_layout.BASE_ADDONS,
            content=content.apply(lambda made: canonical(made) + "\n"),
            content_type="application/json",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )


def pool_table(config: StackConfig) -> list[dict[str, pulumi.Input[object]]]:
    """Returns one row a pool, for the stack's outputs."""
    return [
        {"name": pool.name, "zones": list(pool.zones), **pool.sizes, "machineType": pool.machine_type}
        for pool in sorted(config.pools, key=lambda each: each.name)
    ]


def _release_access(
    name: str, on: Foundation, member: pulumi.Output[str], child: pulumi.ResourceOptions
) -> gcp.storage.BucketIAMMember:
    """Lets workers read objects below `agent/` only: https://cloud.google.com/storage/docs/access-control/iam#conditions."""
    objects = f"projects/_/buckets/{on.names.bucket}/objects/{bucket_layout.RELEASES}"
    return gcp.storage.BucketIAMMember(
        f"{name}-release-access",
        bucket=on.bucket.bucket.name,
        role="roles/storage.objectViewer",
        member=member,
        condition=gcp.storage.BucketIAMMemberConditionArgs(
            title="releases", expression=f'resource.name.startsWith("{objects}")'
        ),
        opts=child,
    )


def _masters_rights(name: str, on: Foundation, child: pulumi.ResourceOptions) -> Sequence[pulumi.Resource]:
    role = gcp.projects.IAMCustomRole(
        f"{name}-masters-role",
        role_id=on.names.workers_role_id,
        title=f"Masters of {on.names.cluster}: workers",
        description="What a cluster's masters do to make, admit and drain its workers",
        permissions=[*MASTERS_MAY, *(AUTOSCALER_MAY if on.config.autoscaled else ())],
        opts=child,
    )
    binding = gcp.projects.IAMMember(
        f"{name}-masters-access",
        project=on.names.project,
        role=role.name,
        member=on.service_account.member,
        opts=child,
    )
    return role, binding


def _firewall(name: str, on: Foundation, child: pulumi.ResourceOptions) -> Sequence[pulumi.Resource]:
    """A tag doesn't stand for a VM's alias range, where pods are, so pods are named by their range:
    https://cloud.google.com/vpc/docs/configure-alias-ip-ranges.
    """
    names, pods = on.names, on.config.network.pod_range
    anything = [gcp.compute.FirewallAllowArgs(protocol=each) for each in ALL_PROTOCOLS]

    def rule(
        suffix: str,
        description: str,
        allows: list[gcp.compute.FirewallAllowArgs],
        *,
        to: Sequence[str] = (names.worker_tag,),
        **who: list[str],
    ) -> gcp.compute.Firewall:
        return gcp.compute.Firewall(
            f"{name}-{suffix}",
            name=names.of("workers", suffix),
            description=description,
            network=on.network.network,
            target_tags=list(to),
            allows=allows,
            opts=child,
            **who,
        )

    kubelet = gcp.compute.FirewallAllowArgs(protocol="tcp", ports=[str(ports.KUBELET)])
    ping = gcp.compute.FirewallAllowArgs(protocol="icmp")
    ssh = gcp.compute.FirewallAllowArgs(protocol="tcp", ports=["22"])
    tags = [names.master_tag, names.worker_tag]
    return [
        rule("ssh", "SSH to workers through Identity-Aware Proxy only", [ssh], source_ranges=[IAP_TUNNELS]),
        rule(
            "kubelets",
            "Each apiserver reaches each worker's kubelet, for logs and exec",
            [kubelet, ping],
            source_tags=[names.master_tag],
        ),
        rule(
            "nodes",
            "Nodes reach pods on workers: apiservers their webhooks, and whatever is in a node's own network",
            anything,
            source_tags=tags,
            destination_ranges=[pods],
        ),
        rule(
            "pods",
            "Pods of all nodes reach those on workers",
            anything,
            source_ranges=[pods],
            destination_ranges=[pods],
        ),
        *(
            [
                rule(
                    "metrics",
                    "metrics-server, a pod on workers, asks every kubelet",
                    [kubelet],
                    to=tags,
                    source_ranges=[pods],
                )
            ]
            if on.config.metrics_server
            else ()
        ),
    ]
