"""The address of the API, or its two, each with the one forwarding rule that always holds it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components.api_load_balancer import ApiLoadBalancer
from components.config import StackConfig
from components.gates import ApiReady
from components.internal_endpoint import InternalEndpoint
from components.master_machine import MasterMachine
from components.network import Network
from components.resource_names import Names


class ApiEndpoint(pulumi.ComponentResource):
    """Address, its own or one that is reserved already, firewall and DNS name first; `serve` then points the rule at what
    answers.

    The address belongs to the rule and never to a VM, because Pulumi deletes only after all creates and updates: going
    back to one master would ask for an address that the old rule still holds, and Google refuses. One replica: the rule
    targets a target instance. More: the load balancer's backend service. Google can't switch a rule between the two, so
    the rule is replaced, old one first; between one sole master and the next it is updated in place.

    With `api.internal` there is an internal address, too, or that one alone; `address`, `host` and `url` are then its.
    """

    address: pulumi.Output[str]
    inside: InternalEndpoint | None = None
    host: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        config: StackConfig,
        names: Names,
        network: Network,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        spec = config.api
        own = (config.network.subnet_range, config.network.pod_range)
        super().__init__(
            "ha-masters:index:ApiEndpoint",
            name,
            {
                "port": spec.port,
                "authorizedNetworks": list(spec.authorized_networks),
                "dnsName": spec.dns_name,
                "managedZone": spec.managed_zone,
                "protectAddress": spec.protect_address,
                **({"internal": spec.internal} if spec.inside else {}),
            },
            opts,
        )
        self._name, self._names, self._spec, self._region = name, names, spec, config.region
        child = pulumi.ResourceOptions(parent=self)
        if spec.inside:
            self.inside = InternalEndpoint(f"{name}-internal", config, names, network, parent=self)
        if self.inside and not spec.public:
            self.address = self.inside.address
        elif spec.address:
            self.address = gcp.compute.get_address_output(
                name=spec.address, project=names.project, region=config.region
            ).address
        else:
            self.address = gcp.compute.Address(
                f"{name}-address",
                name=names.of("api"),
                region=config.region,
                address_type="EXTERNAL",
                description="The API's address; clients and certificates name it",
                opts=pulumi.ResourceOptions(parent=self, protect=spec.protect_address),
            ).address
        self.firewall = gcp.compute.Firewall(
            f"{name}-clients",
            name=names.of("api-clients"),
            description="Who may reach the API",
            network=network.network,
            # Who comes by the internal address is seen as what he is: no NAT lies between.
            source_ranges=pulumi.Output.all(*(network.nat_addresses if spec.public else ())).apply(
                lambda nat: sorted({*spec.authorized_networks, *own, *(f"{each}/32" for each in nat)})
            ),
            target_tags=[names.master_tag],
            allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=[str(spec.port)])],
            opts=child,
        )
        if not spec.inside:
            self._record()
        self.host = pulumi.Output.from_input(spec.dns_name.rstrip(".")) if spec.dns_name else self.address
        self.url = pulumi.Output.concat("https://", self.host, ":", str(spec.port))

    @property
    def beside(self) -> pulumi.Output[str] | None:
        """The internal address where there is a public one, too."""
        return self.inside.address if self.inside and self._spec.public else None

    def serve(
        self,
        machines: Sequence[MasterMachine],
        balancer: ApiLoadBalancer | None,
        *,
        after: pulumi.Resource,
    ) -> ApiReady:
        """Points the rule at the load balancer, or at the only replica, once `after` is done.

        Returns the gate that waits until the API answers there.
        """
        gate = self._serve_public(machines, balancer, after=after) if self._spec.public else None
        if self.inside:
            if balancer is None:
                raise ValueError("an internal address has a load balancer")
            gate = self.inside.serve(machines, balancer, after=[gate or after, self.firewall])
            # Once both addresses are served: between them the name moves to one that answers.
            self._record(after=gate)
        if gate is None:
            raise ValueError("the API has no address")
        self.register_outputs(
            {
                "address": self.address,
                "addressName": self._spec.address,
                "url": self.url,
                "protectAddress": self._spec.protect_address,
            }
        )
        return gate

    def _serve_public(
        self, machines: Sequence[MasterMachine], balancer: ApiLoadBalancer | None, *, after: pulumi.Resource
    ) -> ApiReady:
        child = pulumi.ResourceOptions(parent=self)
        if balancer is None or balancer.backend_service is None:
            (only,) = machines
            # The target's logical name carries the replica's: under a fixed one the old target would be deleted
            # first, while the rule still holds it.
            backend: dict[str, pulumi.Input[str]] = {"target": self._target(only).self_link}
            ready_for = [only.vm]
            wanted = {"instance": self._names.of(only.spec.identity)}
        else:
            backend = {"backend_service": balancer.backend_service}
            ready_for = balancer.complete
            wanted = {"backendService": self._names.of("api")}
        self.rule = gcp.compute.ForwardingRule(
            f"{self._name}-rule",
            name=self._names.of("api"),
            region=self._region,
            ip_address=self.address,
            ip_protocol="TCP",
            port_range=str(self._spec.port),
            load_balancing_scheme="EXTERNAL",
            **backend,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                depends_on=[after, self.firewall, *ready_for],
            ),
        )
        return ApiReady(
            f"{self._name}-ready",
            bucket=self._names.bucket,
            replicas=[machine.spec.identity for machine in machines],
            project=self._names.project,
            region=self._region,
            wanted=wanted,
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[self.rule])),
        )

    def _record(self, after: pulumi.Resource | None = None) -> None:
        spec = self._spec
        if spec.dns_name and spec.managed_zone:
            gcp.dns.RecordSet(
                f"{self._name}-dns",
                managed_zone=spec.managed_zone,
                name=f"{spec.dns_name.rstrip('.')}.",
                type="A",
                ttl=spec.dns_ttl_seconds,
                rrdatas=[self.address],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[after] if after else None),
            )

    def _target(self, machine: MasterMachine) -> gcp.compute.TargetInstance:
        # Named by its path and not by the VM's output: a sole master that is replaced on its own disk keeps its
        # target, which the rule holds and which Google would refuse to delete.
        return gcp.compute.TargetInstance(
            f"{self._name}-target-{machine.spec.identity}",
            name=self._names.of(machine.spec.identity),
            zone=machine.spec.zone,
            instance=machine.path,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[machine.vm]),
        )
