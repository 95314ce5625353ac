"""Ports on every master: manifests open them, firewall rules and peers' URLs name them."""

from __future__ import annotations

from typing import Final

ETCD_CLIENT: Final = 2379
ETCD_PEER: Final = 2380
ETCD_METRICS: Final = 2381
KUBELET: Final = 10250
"""The kubelet's own default."""
