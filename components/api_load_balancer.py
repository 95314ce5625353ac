"""What stands behind a forwarding rule that has no sole master for its target: groups of masters, and backend services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_gcp as gcp

from components.config import StackConfig
from components.master_machine import MasterMachine
from components.network import Network
from components.resource_names import INTERNAL_API, Names
from node.contract import timings

PROBE_RANGES = ("35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22")
"""Where Google probes external passthrough load balancers from: https://cloud.google.com/load-balancing/docs/health-checks."""

INTERNAL_PROBE_RANGES = ("35.191.0.0/16", "130.211.0.0/22")
"""And internal ones: the same page."""

FAILURES_TO_LEAVE = 2
SUCCESSES_TO_RETURN = 2


class ApiLoadBalancer(pulumi.ComponentResource):
    """Regional passthrough load balancers, external, internal or both: packets keep the address that they were sent to.

    Health is the apiserver's own `/readyz`. Unmanaged groups, one a zone: Google allows no group across zones, and a
    managed one would make and delete masters by itself, which nobody but etcd's membership may decide. A VM may be in one
    group behind load balancers (https://cloud.google.com/load-balancing/docs/backend-service#restrictions_and_guidance), so
    both backend services have the same groups, and the same health check, which asks at each rule's own address.
    """

    backend_service: pulumi.Output[str] | None = None
    """The external one; None where there is no public address, or where its rule targets the only master."""
    internal_service: gcp.compute.RegionBackendService | None = None

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
        self._name, self._names, self._network, self._config = name, names, network, config
        external, inside = config.api.public and config.load_balanced, config.api.inside
        self._probes = self._let_in("probes", "api-probes", PROBE_RANGES, child) if external else None
        self._probes_inside = (
            self._let_in("internal-probes", "api-internal-probes", INTERNAL_PROBE_RANGES, child)
            if inside
            else None
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
        self.membership_of = {
            machine.spec.identity: self._membership(name, machine, groups[machine.spec.zone])
            for machine in machines
        }
        if external:
            self.service = self._service("backends", "api", "EXTERNAL", groups, child)
            self.backend_service = self.service.self_link
        if inside:
            self.internal_service = self._service("internal", INTERNAL_API, "INTERNAL", groups, child)
        self.register_outputs({"backendService": self.backend_service})

    @property
    def complete(self) -> list[pulumi.Resource]:
        """What must exist before traffic may be sent here."""
        return [self.service, *filter(None, [self._probes]), *self.membership_of.values()]

    @property
    def complete_inside(self) -> list[pulumi.Resource]:
        """The same for the internal address."""
        return [*filter(None, [self.internal_service, self._probes_inside]), *self.membership_of.values()]

    def _let_in(
        self, suffix: str, called: str, ranges: Sequence[str], child: pulumi.ResourceOptions
    ) -> gcp.compute.Firewall:
        return gcp.compute.Firewall(
            f"{self._name}-{suffix}",
            name=self._names.of(called),
            description="Google's health checks to the apiservers",
            network=self._network.network,
            source_ranges=list(ranges),
            target_tags=[self._names.master_tag],
            allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=[str(self._config.api.port)])],
            opts=child,
        )

    def _service(
        self,
        suffix: str,
        called: str,
        scheme: str,
        groups: Mapping[str, gcp.compute.InstanceGroup],
        child: pulumi.ResourceOptions,
    ) -> gcp.compute.RegionBackendService:
        """Without `network`, the internal one is of the network that its backends are in."""
        return gcp.compute.RegionBackendService(
            f"{self._name}-{suffix}",
            name=self._names.of(called),
            region=self._config.region,
            load_balancing_scheme=scheme,
            protocol="TCP",
            health_checks=self.health_check.self_link,
            connection_draining_timeout_sec=timings.CONNECTION_DRAIN,
            backends=[
                gcp.compute.RegionBackendServiceBackendArgs(
                    group=groups[zone].self_link, balancing_mode="CONNECTION"
                )
                for zone in self._config.zones
            ],
            opts=child,
        )

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
        # member. With it the membership goes and comes with its VM, and the old machine leaves before it is stopped; and
        # before the guard of the VM is asked, so that nothing but the VM's delete follows on its word.
        return gcp.compute.InstanceGroupMembership(
            f"{name}-{machine.spec.identity}",
            instance=machine.vm.self_link,
            instance_group=group.name,
            zone=machine.spec.zone,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, depends_on=[machine.guard]),
        )
