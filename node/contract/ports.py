"""Ports on every master: manifests open them, firewall rules and peers' URLs name them."""

from __future__ import annotations

from typing import Final

ETCD_CLIENT: Final = 2379
ETCD_PEER: Final = 2380
ETCD_METRICS: Final = 2381
ISSUER: Final = 2383
"""On loopback alone: the agent, which has the keys of the workers' issuer for the API server beside it."""

CLOUD_CONTROLLER: Final = 10258
"""Of Google's cloud controller manager: k8s.io/cloud-provider, `CloudControllerManagerPort`."""

CLUSTER_AUTOSCALER: Final = 8085
"""On loopback alone: its own default, `--address`."""

KUBELET: Final = 10250
"""The kubelet's own default."""
