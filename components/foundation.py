"""What every machine of a cluster stands on, in one value that is built once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.cluster_bucket import ClusterBucket
from components.config import StackConfig
from components.master_service_account import MasterServiceAccount
from components.network import Network
from components.pki.cluster import EtcdTrust, Pki
from components.resource_names import Names


@dataclass(frozen=True, slots=True)
class Foundation:
    """`api_address` is what kubeconfigs and certificates name, and is known once the address is reserved."""

    config: StackConfig
    names: Names
    network: Network
    service_account: MasterServiceAccount
    pki: Pki
    trust: EtcdTrust
    bucket: ClusterBucket
    api_address: pulumi.Output[str]
    """The public one, or the internal one where there is no other: of it the API servers tell."""
    api_internal_address: pulumi.Output[str] | None = None
    """Beside a public one."""
    rights: Sequence[pulumi.Resource] = ()
    """What masters need in the project before they run what they are told."""

    @property
    def inside_address(self) -> pulumi.Output[str]:
        """By which machines of the network reach the API."""
        return self.api_internal_address or self.api_address
