"""A pool of workers as Google sees it: one template, and one managed group in each zone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.config import PoolSpec
from components.config.pools import POD_PREFIX_LENGTH
from components.foundation import Foundation
from components.gates import PoolGuard
from components.resource_names import labels
from components.vm_metadata import kube_env, worker_config
from node.contract import metadata
from node.contract.fields import canonical
from node.contract.pools import CONTENT_DIGITS, group_name, template_name
from node.release.startup import STARTUP_SCRIPT

POOL_LABEL = "ha-masters-pool"


class NodePool(pulumi.ComponentResource):
    """Zonal groups, for a regional one chooses zone and victim by itself. None of them has a size of Pulumi's: taking a
    group's target size down deletes a VM of Google's choice with its pods on it. They are made empty, and the masters'
    leader fills and empties them, by what `desired/pools.json` says; for the same reason they update OPPORTUNISTICally:
    https://cloud.google.com/compute/docs/instance-groups/rolling-out-updates-to-managed-instance-groups.
    """

    template: pulumi.Output[str]

    def __init__(
        self,
        spec: PoolSpec,
        on: Foundation,
        account: pulumi.Output[str],
        recorded: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = f"pool-{spec.name}"
        told = {
            "name": spec.name,
            "zones": list(spec.zones),
            **spec.sizes,
            "machineType": spec.machine_type,
            "spot": spec.spot,
            "maxSurge": spec.max_surge,
            "maxUnavailable": spec.max_unavailable,
            "drainTimeoutSeconds": spec.drain_timeout_seconds,
        }
        super().__init__("ha-masters:index:NodePool", name, told, opts)
        self.spec = spec
        template = _template(name, spec, on, account, recorded, self)
        self.template = template.self_link
        self.groups: list[pulumi.Resource] = []
        self.guards: list[pulumi.Resource] = []
        for zone in spec.zones:
            group, guard = self._zone(name, zone, on, template)
            self.groups.append(group)
            self.guards.append(guard)
        self.register_outputs(told)

    def _zone(
        self, name: str, zone: str, on: Foundation, template: gcp.compute.RegionInstanceTemplate
    ) -> tuple[pulumi.Resource, pulumi.Resource]:
        letter, called = zone.rpartition("-")[2], group_name(on.names.cluster, self.spec.name, zone)
        group = gcp.compute.InstanceGroupManager(
            f"{name}-group-{letter}",
            name=called,
            base_instance_name=called,
            zone=zone,
            target_size=0,
            versions=[gcp.compute.InstanceGroupManagerVersionArgs(instance_template=template.self_link)],
            update_policy=gcp.compute.InstanceGroupManagerUpdatePolicyArgs(
                type="OPPORTUNISTIC", minimal_action="REPLACE"
            ),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["targetSize"]),
        )
        guard = PoolGuard(
            f"{name}-guard-{letter}",
            bucket=on.names.bucket,
            project=on.names.project,
            zone=zone,
            group=called,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[group]),
        )
        return group, guard


def _template(
    name: str,
    spec: PoolSpec,
    on: Foundation,
    account: pulumi.Output[str],
    recorded: str,
    parent: pulumi.Resource,
) -> gcp.compute.RegionInstanceTemplate:
    """Makes the template, named by its content and the one that the state has `recorded`. It is replaced by a successor of
    another name, and goes last, when no VM is made of it.
    """
    told = _metadata(spec, on)
    shape = {
        "machineType": spec.machine_type,
        "image": spec.image,
        "bootDiskType": spec.boot_disk_type,
        "bootDiskSizeGb": spec.boot_disk_size_gb,
        "spot": spec.spot,
        "labels": labels(on.config),
        "podRangeName": on.network.pod_range_name,
        "tag": on.names.worker_tag,
    }
    named = pulumi.Output.all(told, account, on.network.network, on.network.subnetwork).apply(
        lambda known: template_name(
            on.names.of(spec.name, _digest({"shape": shape, "known": known})), recorded
        )
    )
    return gcp.compute.RegionInstanceTemplate(
        f"{name}-template",
        name=named,
        region=on.config.region,
        description=f"Workers of {on.names.cluster}'s pool {spec.name}",
        machine_type=spec.machine_type,
        tags=[on.names.worker_tag],
        labels={**labels(on.config), POOL_LABEL: spec.name},
        disks=[
            gcp.compute.RegionInstanceTemplateDiskArgs(
                boot=True,
                auto_delete=True,
                source_image=spec.image,
                disk_type=spec.boot_disk_type,
                disk_size_gb=spec.boot_disk_size_gb,
            )
        ],
        network_interfaces=[
            gcp.compute.RegionInstanceTemplateNetworkInterfaceArgs(
                network=on.network.network,
                subnetwork=on.network.subnetwork,
                access_configs=(
                    [gcp.compute.RegionInstanceTemplateNetworkInterfaceAccessConfigArgs()]
                    if on.config.masters.public_addresses
                    else None
                ),
                alias_ip_ranges=[
                    gcp.compute.RegionInstanceTemplateNetworkInterfaceAliasIpRangeArgs(
                        ip_cidr_range=f"/{POD_PREFIX_LENGTH}",
                        subnetwork_range_name=on.network.pod_range_name,
                    )
                ],
            )
        ],
        service_account=gcp.compute.RegionInstanceTemplateServiceAccountArgs(
            email=account, scopes=["cloud-platform"]
        ),
        scheduling=_scheduling(spec),
        shielded_instance_config=gcp.compute.RegionInstanceTemplateShieldedInstanceConfigArgs(
            enable_secure_boot=True, enable_vtpm=True, enable_integrity_monitoring=True
        ),
        metadata=told,
        # Said by hand: the bridge deletes first whatever has a name of ours (tfbridge, nameRequiresDeleteBeforeReplace).
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=False),
    )


def _scheduling(spec: PoolSpec) -> gcp.compute.RegionInstanceTemplateSchedulingArgs | None:
    """A Spot VM neither restarts nor moves: https://cloud.google.com/compute/docs/instances/create-use-spot.

    What happens at a preemption is said, for Google fills that in, and the provider takes what it didn't ask for as a reason
    to make the template anew (GoogleCloudPlatform/cloud-foundation-fabric#778): each update would exchange all Spot workers.
    """
    if not spec.spot:
        return None
    return gcp.compute.RegionInstanceTemplateSchedulingArgs(
        provisioning_model="SPOT",
        preemptible=True,
        automatic_restart=False,
        on_host_maintenance="TERMINATE",
        instance_termination_action="STOP",
    )


def _metadata(spec: PoolSpec, on: Foundation) -> pulumi.Output[Mapping[str, str]]:
    """Nothing in it is secret: whoever may read the template may read all of it."""
    release = on.bucket.release

    def made(known: list[Any]) -> Mapping[str, str]:
        address, authority = known
        return {
            metadata.STARTUP_SCRIPT: STARTUP_SCRIPT,
            metadata.CLUSTER_NAME: on.names.cluster,
            metadata.BUCKET: on.names.bucket,
            metadata.AGENT_SHA256: release.sha256,
            metadata.WORKER_CONFIG: worker_config(on.config, spec, address).to_text(),
            metadata.CLUSTER_CA: authority,
            metadata.KUBE_ENV: kube_env(spec),
            "block-project-ssh-keys": "TRUE",
            "enable-oslogin": "TRUE",
        }

    return pulumi.Output.all(on.inside_address, on.pki.cluster_ca.certificate_pem).apply(made)


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()[:CONTENT_DIGITS]
