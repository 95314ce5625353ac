"""The one secret that carries a replica's keys and certificates to its machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.config import ReplicaSpec
from components.foundation import Foundation
from components.pki.authority import Leaf
from components.resource_names import labels
from node.contract.fields import canonical
from node.contract.secret_files import ENCRYPTION_KEYS, SERVING_CA, SERVING_CA_KEY


@dataclass(frozen=True, slots=True)
class ReplicaSecret:
    """The secret's newest version by its full name, and the policy that lets masters read it."""

    version: pulumi.Output[str]
    access: gcp.secretmanager.SecretIamPolicy


def store_secret(
    parent: pulumi.Resource, spec: ReplicaSpec, on: Foundation, leaves: Mapping[str, Leaf]
) -> ReplicaSecret:
    """Writes all of a replica's keys and certificates, as JSON of file name to PEM, for the masters alone to read."""
    name, pki = spec.identity, on.pki
    files: dict[str, pulumi.Input[str]] = {
        "ca.crt": pki.cluster_ca.certificate_pem,
        "front-proxy-ca.crt": pki.front_proxy_ca.certificate_pem,
        "etcd-peer-ca.crt": on.trust.peer_ca.certificate_pem,
        "etcd-client-ca.crt": on.trust.client_ca.certificate_pem,
        **{
            file: key.private_key_pem
            for file, key in zip(ENCRYPTION_KEYS, pki.secrets_encryption_keys, strict=False)
        },
        "service-account.key": pki.service_account_keys.private_key_pem,
        "service-account.pub": pki.service_account_keys.public_key_pem,
    }
    if signer := pki.kubelet_serving_ca:
        files |= {SERVING_CA: signer.certificate_pem, SERVING_CA_KEY: signer.key_pem}
    shared = {leaf.name.removeprefix("pki-"): leaf for leaf in pki.shared}
    for stem, leaf in {**shared, **leaves}.items():
        files[f"{stem}.crt"] = leaf.certificate_pem
        files[f"{stem}.key"] = leaf.key_pem
    secret = gcp.secretmanager.Secret(
        f"{name}-secret",
        secret_id=on.names.of(name, "pki"),
        replication=gcp.secretmanager.SecretReplicationArgs(
            auto=gcp.secretmanager.SecretReplicationAutoArgs()
        ),
        labels=labels(on.config),
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
        policy_data=on.service_account.member.apply(
            lambda member: canonical(
                {"bindings": [{"role": "roles/secretmanager.secretAccessor", "members": [member]}]}
            )
        ),
        opts=pulumi.ResourceOptions(parent=parent, deleted_with=secret),
    )
    return ReplicaSecret(version.name, access)
