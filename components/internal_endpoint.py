"""An address of the API inside the network, which never changes either, and the forwarding rule that holds it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components.api_load_balancer import ApiLoadBalancer
from components.config import StackConfig
from components.gates import ApiReady
from components.master_machine import MasterMachine
from components.network import Network
from components.resource_names import INTERNAL_API, Names


class InternalEndpoint:
    """The internal half of `ApiEndpoint`, whose children its resources are.

    The rule has a backend service from the first master on. Google can switch an internal rule between target instance and
    backend service in place, other than an external one
    (https://cloud.google.com/load-balancing/docs/switch-between-target-instance-and-backend-service), but its provider
    deletes and creates it for that (`backend_service` is ForceNew in resource_compute_forwarding_rule.go at 7.39). So it is
    made once, and no growth or shrink touches it.

    The subnetwork alone is named: Google then takes its network, and in a custom-mode network asks for one. Clients of every
    region of the network are let through (`allow_global_access`), for VPN and Interconnect end where they end; who may reach
    the API is the firewall's business.
    """

    address: pulumi.Output[str]

    def __init__(
        self, name: str, config: StackConfig, names: Names, network: Network, *, parent: pulumi.Resource
    ) -> None:
        self._name, self._names, self._config, self._network = name, names, config, network
        self._parent = parent
        self.address = gcp.compute.Address(
            f"{name}-address",
            name=names.of(INTERNAL_API),
            region=config.region,
            address_type="INTERNAL",
            subnetwork=network.subnetwork,
            description="The API's address inside the network; clients and certificates name it",
            opts=pulumi.ResourceOptions(parent=parent, protect=config.api.protect_address),
        ).address
        self.url = pulumi.Output.concat("https://", self.address, ":", str(config.api.port))

    def serve(
        self,
        machines: Sequence[MasterMachine],
        balancer: ApiLoadBalancer,
        *,
        after: Sequence[pulumi.Resource],
    ) -> ApiReady:
        """Points the rule at the masters, once `after` is done. Returns the gate that waits until the API answers there."""
        service = balancer.internal_service
        if service is None:
            raise ValueError("the load balancer has no internal backend service")
        rule = gcp.compute.ForwardingRule(
            f"{self._name}-rule",
            name=self._names.of(INTERNAL_API),
            region=self._config.region,
            ip_address=self.address,
            ip_protocol="TCP",
            ports=[str(self._config.api.port)],
            load_balancing_scheme="INTERNAL",
            subnetwork=self._network.subnetwork,
            allow_global_access=True,
            backend_service=service.self_link,
            opts=pulumi.ResourceOptions(
                parent=self._parent,
                delete_before_replace=True,
                depends_on=[*after, *balancer.complete_inside],
            ),
        )
        return ApiReady(
            f"{self._name}-ready",
            bucket=self._names.bucket,
            replicas=[machine.spec.identity for machine in machines],
            project=self._names.project,
            region=self._config.region,
            wanted={"backendService": self._names.of(INTERNAL_API)},
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=[rule]),
        )
