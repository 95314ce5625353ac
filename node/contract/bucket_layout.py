"""Names of the objects in the cluster's bucket. `desired` lists their kinds and modules."""

from __future__ import annotations

from typing import Final

DESIRED: Final = "desired/"
MEMBERS: Final = "desired/members.json"
RETAINED: Final = "desired/retained.json"
RESTORE: Final = "desired/restore.json"
POOLS: Final = "desired/pools.json"
"""Pools of workers. Where no pool is asked for there is no such object."""

CLAIM: Final = "desired/down.json"
"""Which master may be down: written and removed by the gates, with a generation."""

END: Final = "desired/ended.json"
"""A destroy has begun: the guards let go while it is there."""

MARKER: Final = "bootstrap.json"
PEERS: Final = "etcd/peers.json"
STATUSES: Final = "status/"
SNAPSHOTS: Final = "snapshots/"
RELEASES: Final = "agent/"
ADDONS: Final = "addons/"
BASE_ADDONS: Final = f"{ADDONS}base.json"
"""Pulumi's, with pools: kube-proxy and the cluster's DNS."""

USERS: Final = f"{ADDONS}users.json"
"""Pulumi's: what users may do whom the stack makes kubeconfigs for."""


def status(identity: str) -> str:
    return f"{STATUSES}{identity}.json"


def release(sha256: str) -> str:
    """Returns the program of the machines, by the SHA-256 of its zipapp."""
    return f"{RELEASES}{sha256}.pyz"
