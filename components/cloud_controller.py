"""What `cloudController: services` takes in the project: rights for the masters' account, and a guard behind all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp

from components.config import StackConfig
from components.gates import ServicesLeave
from components.master_service_account import MasterServiceAccount
from components.resource_names import Names

MASTERS_MAY: Final = (
    "compute.addresses.create",
    "compute.addresses.createInternal",
    "compute.addresses.delete",
    "compute.addresses.deleteInternal",
    "compute.addresses.get",
    "compute.addresses.list",
    "compute.addresses.use",
    "compute.addresses.useInternal",
    "compute.firewalls.create",
    "compute.firewalls.delete",
    "compute.firewalls.get",
    "compute.firewalls.update",
    "compute.forwardingRules.create",
    "compute.forwardingRules.delete",
    "compute.forwardingRules.get",
    "compute.globalOperations.get",
    "compute.healthChecks.create",
    "compute.healthChecks.delete",
    "compute.healthChecks.get",
    "compute.healthChecks.update",
    "compute.healthChecks.useReadOnly",
    "compute.httpHealthChecks.create",
    "compute.httpHealthChecks.delete",
    "compute.httpHealthChecks.get",
    "compute.httpHealthChecks.update",
    "compute.httpHealthChecks.useReadOnly",
    "compute.instanceGroups.create",
    "compute.instanceGroups.delete",
    "compute.instanceGroups.get",
    "compute.instanceGroups.list",
    "compute.instanceGroups.update",
    "compute.instanceGroups.use",
    "compute.instances.get",
    "compute.instances.list",
    "compute.instances.use",
    "compute.networks.updatePolicy",
    "compute.networks.use",
    "compute.regionBackendServices.create",
    "compute.regionBackendServices.delete",
    "compute.regionBackendServices.get",
    "compute.regionBackendServices.update",
    "compute.regionBackendServices.use",
    "compute.regionOperations.get",
    "compute.subnetworks.use",
    "compute.targetPools.addInstance",
    "compute.targetPools.create",
    "compute.targetPools.delete",
    "compute.targetPools.get",
    "compute.targetPools.removeInstance",
    "compute.targetPools.use",
    "compute.zoneOperations.get",
    "compute.zones.list",
)
"""What the service controller's calls ask for, external and internal load balancers (k8s.io/cloud-provider-gcp/providers
v0.28.2, gce/gce_loadbalancer_external.go, gce_loadbalancer_internal.go, and what these call); the names as Google's
reference has them with each method. `instances.use` is what target pools and groups ask for of their VMs,
`networks.updatePolicy` what firewall rules ask for. Rules of a shared network's project aren't among them.
"""


class CloudController(pulumi.ComponentResource):
    """Made where Services are to have addresses. Masters start the manager with these rights, so they stand on `rights`."""

    def __init__(
        self,
        name: str,
        config: StackConfig,
        names: Names,
        account: MasterServiceAccount,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("ha-masters:index:CloudController", name, {"mode": config.cloud_controller}, opts)
        self._name, self._names = name, names
        self._beside = pulumi.ResourceOptions(parent=opts.parent if opts else None)
        child = pulumi.ResourceOptions(parent=self)
        role = gcp.projects.IAMCustomRole(
            f"{name}-role",
            role_id=names.cloud_controller_role_id,
            title=f"Masters of {names.cluster}: load balancers",
            description="What a cluster's masters do to serve Services of type LoadBalancer",
            permissions=list(MASTERS_MAY),
            opts=child,
        )
        access = gcp.projects.IAMMember(
            f"{name}-access",
            project=names.project,
            role=role.name,
            member=account.member,
            opts=child,
        )
        self.rights: Sequence[pulumi.Resource] = (role, access)
        self.register_outputs({"mode": config.cloud_controller})

    def guarded(self, after: pulumi.Resource) -> None:
        """Declares what goes first in a destroy: `after` stands on everything. So nothing is destroyed while load balancers
        of Services are there, which nobody would take away.
        """
        ServicesLeave(
            f"{self._name}-leave",
            bucket=self._names.bucket,
            project=self._names.project,
            tag=self._names.worker_tag,
            opts=pulumi.ResourceOptions.merge(
                self._beside, pulumi.ResourceOptions(depends_on=[after, *self.rights])
            ),
        )
