"""A replica's certificates, and the one secret that carries them to its machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pulumi
import pulumi_gcp as gcp

from components.config import ReplicaSpec, StackConfig
from components.master_identity import MasterIdentity
from components.naming import labels
from components.pki import CLIENT, PEER, SERVER, Leaf, Pki
from node.contract.fields import canonical

if TYPE_CHECKING:
    from components.etcd_cluster import EtcdCluster

KUBERNETES_NAMES = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)


@dataclass(frozen=True, slots=True)
class ReplicaSecret:
    """The secret's newest version by its full name, and the policy that lets masters read it."""

    version: pulumi.Output[str]
    access: gcp.secretmanager.SecretIamPolicy


def issue_leaves(
    parent: pulumi.Resource,
    spec: ReplicaSpec,
    config: StackConfig,
    pki: Pki,
    etcd: EtcdCluster,
    *,
    node_name: str,
    addresses: tuple[pulumi.Input[str], pulumi.Input[str]],
) -> dict[str, Leaf]:
    """Certificates by file stem. `addresses` are the API's and the replica's own; none names an ephemeral one."""
    name, dns_name = spec.identity, config.api.dns_name
    api_address, own_address = addresses
    service_address = str(ip_network(config.network.service_range)[1])
    api_names = [*KUBERNETES_NAMES, *([dns_name.rstrip(".")] if dns_name else [])]
    return {
        "etcd-peer": etcd.peer_ca.issue(
            f"{name}-etcd-peer",
            common_name=name,
            uses=PEER,
            parent=parent,
            dns_names=[name],
            ip_addresses=[own_address],
        ),
        "etcd-server": etcd.client_ca.issue(
            f"{name}-etcd-server",
            common_name=name,
            uses=SERVER,
            parent=parent,
            dns_names=[name, "localhost"],
            ip_addresses=[own_address, "127.0.0.1"],
        ),
        "etcd-client": etcd.client_ca.issue(
            f"{name}-etcd-client", common_name=f"apiserver-{name}", uses=CLIENT, parent=parent
        ),
        "apiserver": pki.cluster_ca.issue(
            f"{name}-apiserver",
            common_name="kube-apiserver",
            uses=SERVER,
            parent=parent,
            dns_names=api_names,
            ip_addresses=[api_address, own_address, service_address],
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


def store_secret(
    parent: pulumi.Resource,
    name: str,
    secret_id: str,
    config: StackConfig,
    identity: MasterIdentity,
    pki: Pki,
    etcd: EtcdCluster,
    leaves: Mapping[str, Leaf],
) -> ReplicaSecret:
    """Writes all of a replica's keys and certificates, as JSON of file name to PEM, for the masters alone to read."""
    files: dict[str, pulumi.Input[str]] = {
        "ca.crt": pki.cluster_ca.certificate_pem,
        "front-proxy-ca.crt": pki.front_proxy_ca.certificate_pem,
        "etcd-peer-ca.crt": etcd.peer_ca.certificate_pem,
        "etcd-client-ca.crt": etcd.client_ca.certificate_pem,
        "secrets-encryption.key": pki.secrets_encryption_key.private_key_pem,
        "service-account.key": pki.service_account_key.private_key_pem,
        "service-account.pub": pki.service_account_key.public_key_pem,
    }
    shared = {leaf.name.removeprefix("pki-"): leaf for leaf in pki.shared}
    for stem, leaf in {**shared, **leaves}.items():
        files[f"{stem}.crt"] = leaf.certificate_pem
        files[f"{stem}.key"] = leaf.key_pem
    secret = gcp.secretmanager.Secret(
        f"{name}-secret",
        secret_id=secret_id,
        replication=gcp.secretmanager.SecretReplicationArgs(
            auto=gcp.secretmanager.SecretReplicationAutoArgs()
        ),
        labels=labels(config),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    version = gcp.secretmanager.SecretVersion(
        f"{name}-secret-version",
        secret=secret.id,
        # Among the files are keys, which the provider marks as secret; so is what is made of them.
        secret_data=pulumi.Output.all(**files).apply(lambda known: json.dumps(known, sort_keys=True)),
        # It goes with its secret: to destroy it first is one more call, and one that can't be made twice.
        opts=pulumi.ResourceOptions(parent=parent, deleted_with=secret),
    )
    # The whole policy and not one more member of it: nobody else is given access to these keys.
    access = gcp.secretmanager.SecretIamPolicy(
        f"{name}-secret-access",
        secret_id=secret.id,
        policy_data=identity.member.apply(
            lambda member: canonical(
                {"bindings": [{"role": "roles/secretmanager.secretAccessor", "members": [member]}]}
            )
        ),
        opts=pulumi.ResourceOptions(parent=parent, deleted_with=secret),
    )
    return ReplicaSecret(version.name, access)
