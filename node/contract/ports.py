"""Ports of etcd on every master: its manifests open them, the firewall and the peers' URLs name them."""

from __future__ import annotations

from typing import Final

ETCD_CLIENT: Final = 2379
ETCD_PEER: Final = 2380
ETCD_METRICS: Final = 2381
