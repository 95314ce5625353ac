"""The roots of trust that a cluster has, and the identities that all of its masters share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.pki.authority import CLIENT, CertificateAuthority, Leaf, private_key
from components.pki.generations import Generations, TokenKeys, joined
from node.contract.authorities import CLUSTER, FRONT_PROXY, SERVICE_ACCOUNTS, Authorities


@dataclass(frozen=True, slots=True)
class EtcdTrust:
    """etcd's own authorities: one for its members among each other, one for its clients."""

    peer_ca: Generations
    client_ca: Generations


class Pki(pulumi.ComponentResource):
    """The cluster's own trust: its authority, the aggregation layer's, and the identities that all masters share.

    Controller-manager and scheduler are one identity each, because only the elected one acts; what names a machine is
    issued by `MasterReplica`.

    `kubelet_serving_ca` is there only with pools. Masters have its key and sign workers' kubelets with it, which come and go
    without an update. It is trusted by API servers, when they call a kubelet, and by nobody else: whoever steals the key can
    play a kubelet to an API server, and makes no client of it.
    """

    def __init__(
        self,
        name: str,
        cluster: str,
        encryption_keys: Sequence[int] = (1,),
        opts: pulumi.ResourceOptions | None = None,
        *,
        authorities: Authorities | None = None,
        pools: bool = False,
    ) -> None:
        """`encryption_keys` are numbers; the first key encrypts what is written, all decrypt."""
        super().__init__("ha-masters:index:Pki", name, {"clusterName": cluster}, opts)
        child = pulumi.ResourceOptions(parent=self)
        generations = (authorities or Authorities()).of
        self.cluster_ca = Generations(f"{name}-cluster-ca", cluster, CLUSTER, generations(CLUSTER), child)
        self.front_proxy_ca = Generations(
            f"{name}-front-proxy-ca", cluster, FRONT_PROXY, generations(FRONT_PROXY), child
        )
        self.kubelet_serving_ca = (
            CertificateAuthority(f"{name}-kubelet-serving-ca", f"{cluster}-kubelet-serving-ca", child)
            if pools
            else None
        )
        self.service_account_keys = TokenKeys(
            f"{name}-service-account-key", generations(SERVICE_ACCOUNTS), self
        )
        self.secrets_encryption_keys = tuple(
            private_key(f"{name}-secrets-encryption-key{'' if number == 1 else f'-{number}'}", self)
            for number in encryption_keys
        )
        self.admin = self.cluster_ca.issue(
            f"{name}-admin",
            common_name="admin",
            organization="system:masters",
            uses=CLIENT,
            parent=self,
        )
        self.shared = (
            self.cluster_ca.issue(
                f"{name}-controller-manager",
                common_name="system:kube-controller-manager",
                uses=CLIENT,
                parent=self,
            ),
            self.cluster_ca.issue(
                f"{name}-scheduler", common_name="system:kube-scheduler", uses=CLIENT, parent=self
            ),
            self.front_proxy_ca.issue(
                f"{name}-front-proxy", common_name="front-proxy-client", uses=CLIENT, parent=self
            ),
        )
        self.register_outputs({"certificatePem": self.cluster_ca.certificate_pem})

    @property
    def kubelet_authorities_pem(self) -> pulumi.Output[str]:
        """Certificates of those that issue kubelets': the cluster's own authority masters', another one workers'."""
        workers = [self.kubelet_serving_ca.certificate_pem] if self.kubelet_serving_ca else []
        return joined([self.cluster_ca.certificate_pem, *workers])

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return (self.admin, *self.shared)
