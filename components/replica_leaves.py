"""The certificates of one replica."""

from __future__ import annotations

from ipaddress import ip_network

import pulumi

from components.config import ReplicaSpec
from components.foundation import Foundation
from components.pki.authority import CLIENT, PEER, SERVER, Leaf

KUBERNETES_NAMES = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)


def issue_leaves(
    parent: pulumi.Resource, spec: ReplicaSpec, on: Foundation, own_address: pulumi.Input[str]
) -> dict[str, Leaf]:
    """Certificates by file stem, as children of `parent`. None of them names an ephemeral address.

    The operator's extra names stand first: by that a state tells them from the program's own and from `dnsName`.
    """
    name, config, pki, trust = spec.identity, on.config, on.pki, on.trust
    node_name, dns_name = on.names.of(name), config.api.dns_name
    service_address = str(ip_network(config.network.service_range)[1])
    api_names = [
        *config.api.extra_dns_names,
        *KUBERNETES_NAMES,
        *([dns_name.rstrip(".")] if dns_name else []),
    ]
    return {
        "etcd-peer": trust.peer_ca.issue(
            f"{name}-etcd-peer",
            common_name=name,
            uses=PEER,
            parent=parent,
            dns_names=[name],
            ip_addresses=[own_address],
        ),
        "etcd-server": trust.client_ca.issue(
            f"{name}-etcd-server",
            common_name=name,
            uses=SERVER,
            parent=parent,
            dns_names=[name, "localhost"],
            ip_addresses=[own_address, "127.0.0.1"],
        ),
        "etcd-client": trust.client_ca.issue(
            f"{name}-etcd-client", common_name=f"apiserver-{name}", uses=CLIENT, parent=parent
        ),
        "apiserver": pki.cluster_ca.issue(
            f"{name}-apiserver",
            common_name="kube-apiserver",
            uses=SERVER,
            parent=parent,
            dns_names=api_names,
            ip_addresses=[
                *config.api.extra_addresses,
                *([on.api_internal_address] if on.api_internal_address else []),
                on.api_address,
                own_address,
                service_address,
            ],
        ),
        "apiserver-kubelet-client": pki.cluster_ca.issue(
            f"{name}-apiserver-kubelet-client",
            common_name=f"kube-apiserver-kubelet-client-{name}",
            organization="system:masters",
            uses=CLIENT,
            parent=parent,
        ),
        "kubelet": pki.cluster_ca.issue(
            f"{name}-kubelet",
            common_name=f"system:node:{node_name}",
            organization="system:nodes",
            uses=PEER,
            parent=parent,
            dns_names=[node_name],
            ip_addresses=[own_address],
        ),
    }
