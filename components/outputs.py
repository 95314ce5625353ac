"""What the stack tells its operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.api_endpoint import ApiEndpoint
from components.api_users import ApiUsers
from components.config import StackConfig
from components.kubeconfig import kubeconfig
from components.master_replica import MasterReplica
from components.network import Network
from components.pki.authority import Leaf
from components.pki.cluster import Pki
from components.pki.jwks import jwks
from components.present import Told
from components.resource_names import Names
from components.workers import pool_table
from node.contract.api_server import SERVICE_ACCOUNT_ISSUER
from node.planner.quorum import tolerance


def replica_table(replicas: Sequence[MasterReplica], names: Names) -> list[dict[str, pulumi.Input[str]]]:
    """Returns one row a replica."""
    return [
        {
            "name": replica.spec.name,
            "zone": replica.spec.zone,
            "identity": replica.spec.identity,
            "instance": names.of(replica.spec.identity),
            "address": replica.address,
        }
        for replica in sorted(replicas, key=lambda each: each.spec.identity)
    ]


def first_to_expire(leaves: Sequence[Leaf]) -> pulumi.Output[dict[str, str]]:
    """Returns the certificate that ends first. RFC 3339 in UTC sorts as text."""

    def earliest(ends: list[Any]) -> dict[str, str]:
        when, name = min(zip(ends, (leaf.name for leaf in leaves), strict=True))
        return {"certificate": name, "expires": when}

    return pulumi.Output.all(*[leaf.expires for leaf in leaves]).apply(earliest)


def export(
    config: StackConfig,
    names: Names,
    pki: Pki,
    endpoint: ApiEndpoint,
    network: Network,
    replicas: Sequence[MasterReplica],
    users: ApiUsers | None,
    now: pulumi.Output[Told],
) -> None:
    """Writes the stack's outputs.

    `failuresTolerated` is by design: what so many voters survive when all are well. `failuresToleratedNow`, a number or
    `unknown`, and `now`, in sentences, are what was seen when the update ended. The engine doesn't count a changed output as
    a change, so `--expect-no-changes` isn't troubled by them. An update that failed leaves those of the one before.
    """
    leaves = [*pki.leaves, *(leaf for replica in replicas for leaf in replica.leaves.values())]
    own = users.leaves if users else {}
    leaves += own.values()
    pulumi.export("endpoint", endpoint.url)
    pulumi.export("address", endpoint.address)
    pulumi.export("kubeconfig", pulumi.Output.secret(_admin(config, pki, endpoint.url)))
    if users:
        pulumi.export("kubeconfigs", pulumi.Output.secret(_kubeconfigs(config, pki, endpoint, own)))
    if endpoint.inside:
        pulumi.export("internalEndpoint", endpoint.inside.url)
        pulumi.export("internalAddress", endpoint.inside.address)
        pulumi.export("internalKubeconfig", pulumi.Output.secret(_admin(config, pki, endpoint.inside.url)))
    pulumi.export("serviceAccountIssuer", SERVICE_ACCOUNT_ISSUER)
    pulumi.export("serviceAccountJwks", pulumi.Output.all(*pki.service_account_keys.public_pems).apply(jwks))
    pulumi.export("replicas", replica_table(replicas, names))
    if config.workers:
        pulumi.export("pools", pool_table(config))
    pulumi.export("voters", len(replicas))
    pulumi.export("failuresTolerated", tolerance(len(replicas)))
    pulumi.export(
        "failuresToleratedNow",
        now.apply(lambda told: "unknown" if told.tolerated is None else told.tolerated),
    )
    pulumi.export("now", now.apply(lambda told: [told.title, *told.findings]))
    pulumi.export("bucket", names.bucket)
    pulumi.export("natAddresses", list(network.nat_addresses))
    pulumi.export("firstCertificateToExpire", first_to_expire(leaves))


def _admin(config: StackConfig, pki: Pki, url: pulumi.Output[str]) -> pulumi.Output[str]:
    return pulumi.Output.all(
        url, pki.cluster_ca.certificate_pem, pki.admin.certificate_pem, pki.admin.key_pem
    ).apply(lambda known: kubeconfig(config.cluster_name, *known))


def _kubeconfigs(
    config: StackConfig, pki: Pki, endpoint: ApiEndpoint, leaves: Mapping[str, Leaf]
) -> pulumi.Output[dict[str, str]]:
    """Returns kubeconfigs by the user's name."""

    def made(user: str, leaf: Leaf) -> pulumi.Output[str]:
        return pulumi.Output.all(
            endpoint.url, pki.cluster_ca.certificate_pem, leaf.certificate_pem, leaf.key_pem
        ).apply(lambda known: kubeconfig(config.cluster_name, known[0], known[1], known[2], known[3], user))

    each = {user: made(user, leaf) for user, leaf in leaves.items()}
    return pulumi.Output.all(**each) if each else pulumi.Output.from_input({})
