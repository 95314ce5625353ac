"""The VPC that masters live in: the stack's own by default, or an existing one by name."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.config import NetworkSpec, StackConfig
from components.resource_names import Names
from node.contract import ports

BESIDE_ETCD = [f"1-{ports.ETCD_CLIENT - 1}", f"{ports.ETCD_METRICS + 1}-65535"]
IAP_TUNNELS = "35.235.240.0/20"
"""Identity-Aware Proxy's TCP forwarding, the only way to SSH: https://cloud.google.com/iap/docs/using-tcp-forwarding."""


class Network(pulumi.ComponentResource):
    """Subnet with a secondary range for pods, Cloud NAT for machines without a public address, and who reaches a master:
    SSH through IAP, every apiserver each kubelet, and pods one another.

    With an existing network and subnetwork nothing but these rules is created: routes and NAT are then their owner's.
    """

    network: pulumi.Output[str]
    subnetwork: pulumi.Output[str]
    nat_addresses: tuple[pulumi.Output[str], ...] = ()
    """What machines without a public address are seen as, by the API too: a passthrough load balancer is reached from
    inside the network through Cloud NAT (https://cloud.google.com/load-balancing/docs/network/networklb-backend-service).
    """

    def __init__(
        self,
        name: str,
        config: StackConfig,
        names: Names,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        spec, region = config.network, config.region
        super().__init__(
            "ha-masters:index:Network",
            name,
            {
                "network": spec.network,
                "subnetwork": spec.subnetwork,
                "subnetRange": spec.subnet_range,
                "podRange": spec.pod_range,
                "serviceRange": spec.service_range,
                "region": region,
            },
            opts,
        )
        self.pod_range_name = spec.pod_range_name
        child = pulumi.ResourceOptions(parent=self)
        if spec.network and spec.subnetwork:
            project = names.project
            self.network = pulumi.Output.from_input(f"projects/{project}/global/networks/{spec.network}")
            self.subnetwork = pulumi.Output.from_input(
                f"projects/{project}/regions/{region}/subnetworks/{spec.subnetwork}"
            )
        else:
            self._create(name, spec, names, region, child, needs_nat=not config.masters.public_addresses)
        self.ssh = gcp.compute.Firewall(
            f"{name}-ssh",
            name=names.of("ssh"),
            description="SSH to masters through Identity-Aware Proxy only",
            network=self.network,
            source_ranges=[IAP_TUNNELS],
            target_tags=[names.master_tag],
            allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=["22"])],
            opts=child,
        )
        self.kubelets = gcp.compute.Firewall(
            f"{name}-kubelets",
            name=names.of("kubelets"),
            description="Each apiserver reaches each master's kubelet, for logs and exec",
            network=self.network,
            source_tags=[names.master_tag],
            target_tags=[names.master_tag],
            allows=[
                gcp.compute.FirewallAllowArgs(protocol="tcp", ports=[str(ports.KUBELET)]),
                gcp.compute.FirewallAllowArgs(protocol="icmp"),
            ],
            opts=child,
        )
        # A tag doesn't stand for a VM's alias range, where pods are: https://cloud.google.com/vpc/docs/configure-alias-ip-ranges.
        self.pods = gcp.compute.Firewall(
            f"{name}-pods",
            name=names.of("pods"),
            description="Pods reach one another; etcd's ports stay closed, whoever listens there",
            network=self.network,
            source_ranges=[spec.pod_range],
            destination_ranges=[spec.pod_range],
            target_tags=[names.master_tag],
            allows=[
                gcp.compute.FirewallAllowArgs(protocol="tcp", ports=BESIDE_ETCD),
                *(gcp.compute.FirewallAllowArgs(protocol=each) for each in ("udp", "icmp", "sctp")),
            ],
            opts=child,
        )
        self.register_outputs({"network": self.network, "subnetwork": self.subnetwork})

    def _create(
        self,
        name: str,
        spec: NetworkSpec,
        names: Names,
        region: str,
        child: pulumi.ResourceOptions,
        *,
        needs_nat: bool,
    ) -> None:
        network = gcp.compute.Network(
            f"{name}-vpc", name=names.cluster, auto_create_subnetworks=False, opts=child
        )
        subnetwork = gcp.compute.Subnetwork(
            f"{name}-subnet",
            name=names.of("masters"),
            network=network.self_link,
            region=region,
            ip_cidr_range=spec.subnet_range,
            private_ip_google_access=True,
            secondary_ip_ranges=[
                gcp.compute.SubnetworkSecondaryIpRangeArgs(
                    range_name=spec.pod_range_name, ip_cidr_range=spec.pod_range
                )
            ],
            opts=child,
        )
        self.network = network.self_link
        self.subnetwork = subnetwork.self_link
        if needs_nat:
            router = gcp.compute.Router(
                f"{name}-router",
                name=names.of("router"),
                network=network.self_link,
                region=region,
                opts=child,
            )
            address = gcp.compute.Address(
                f"{name}-nat-address",
                name=names.of("nat"),
                region=region,
                address_type="EXTERNAL",
                description="What machines without a public address are seen as",
                opts=child,
            )
            self.nat_addresses = (address.address,)
            gcp.compute.RouterNat(
                f"{name}-nat",
                name=names.of("nat"),
                router=router.name,
                region=region,
                nat_ip_allocate_option="MANUAL_ONLY",
                nat_ips=[address.self_link],
                source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
                subnetworks=[
                    gcp.compute.RouterNatSubnetworkArgs(
                        name=subnetwork.self_link, source_ip_ranges_to_nats=["ALL_IP_RANGES"]
                    )
                ],
                opts=child,
            )
