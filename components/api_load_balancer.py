"""What stands behind the forwarding rule while there are two replicas or more."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components.config import StackConfig
from components.master_machine import MasterMachine
from components.network import Network
from components.resource_names import Names
from node.contract import timings

PROBE_RANGES = ("35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22")
"""Where Google probes external passthrough load balancers from: https://cloud.google.com/load-balancing/docs/health-checks."""

FAILURES_TO_LEAVE = 2
SUCCESSES_TO_RETURN = 2


class ApiLoadBalancer(pulumi.ComponentResource):
    """A regional external passthrough load balancer: packets reach an apiserver with the address unchanged.

    Health is the apiserver's own `/readyz`. Unmanaged groups, one a zone: Google allows no group across zones, and a
    managed one would make and delete masters by itself, which nobody but etcd's membership may decide.
    """

    backend_service: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        config: StackConfig,
        names: Names,
        network: Network,
        machines: Sequence[MasterMachine],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        zones, port = config.zones, config.api.port
        super().__init__(
            "ha-masters:index:ApiLoadBalancer",
            name,
            {
                "port": port,
                "zones": list(zones),
                "replicas": sorted(machine.spec.identity for machine in machines),
            },
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        self.probes = gcp.compute.Firewall(
            f"{name}-probes",
            name=names.of("api-probes"),
            description="Google's health checks to the apiservers",
            network=network.network,
            source_ranges=list(PROBE_RANGES),
            target_tags=[names.master_tag],
            allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=[str(port)])],
            opts=child,
        )
        self.health_check = gcp.compute.RegionHealthCheck(
            f"{name}-health",
            name=names.of("api"),
            region=config.region,
            check_interval_sec=timings.HEALTH_CHECK_INTERVAL,
            timeout_sec=timings.HEALTH_CHECK_INTERVAL,
            healthy_threshold=SUCCESSES_TO_RETURN,
            unhealthy_threshold=FAILURES_TO_LEAVE,
            https_health_check=gcp.compute.RegionHealthCheckHttpsHealthCheckArgs(
                port=port, request_path="/readyz"
            ),
            opts=child,
        )
        groups = {zone: self._group(name, names, zone, network.network, child) for zone in zones}
        self.memberships = [
            self._membership(name, machine, groups[machine.spec.zone]) for machine in machines
        ]
        self.service = gcp.compute.RegionBackendService(
            f"{name}-backends",
            name=names.of("api"),
            region=config.region,
            load_balancing_scheme="EXTERNAL",
            protocol="TCP",
            health_checks=self.health_check.self_link,
            connection_draining_timeout_sec=timings.CONNECTION_DRAIN,
            backends=[
                gcp.compute.RegionBackendServiceBackendArgs(
                    group=groups[zone].self_link, balancing_mode="CONNECTION"
                )
                for zone in zones
            ],
            opts=child,
        )
        self.backend_service = self.service.self_link
        self.register_outputs({"backendService": self.backend_service})

    @property
    def complete(self) -> list[pulumi.Resource]:
        """What must exist before traffic may be sent here."""
        return [self.service, self.probes, *self.memberships]

    def _group(
        self,
        name: str,
        names: Names,
        zone: str,
        network: pulumi.Input[str],
        child: pulumi.ResourceOptions,
    ) -> gcp.compute.InstanceGroup:
        suffix = zone.rsplit("-", 1)[-1]
        return gcp.compute.InstanceGroup(
            f"{name}-group-{suffix}",
            name=names.of("api", suffix),
            zone=zone,
            network=network,
            # Members are resources of their own below; without this the group would expel them again.
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(ignore_changes=["instances"])),
        )

    def _membership(
        self,
        name: str,
        machine: MasterMachine,
        group: gcp.compute.InstanceGroup,
    ) -> gcp.compute.InstanceGroupMembership:
        # The VM's output on purpose: a VM that is deleted takes its membership along, and another of its name is no
        # member. With it the membership goes and comes with its VM, and the old machine leaves before it is stopped.
        return gcp.compute.InstanceGroupMembership(
            f"{name}-{machine.spec.identity}",
            instance=machine.vm.self_link,
            instance_group=group.name,
            zone=machine.spec.zone,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
