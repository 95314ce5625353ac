"""Pools, for tests of what is made of them."""

from __future__ import annotations

from node.contract.pools import Pool, Pools, PoolZone

ACCOUNT = "dev-workers@p.iam.gserviceaccount.com"
ZONES = ("europe-west1-b", "europe-west1-c")


def pool(name: str, *zones: str) -> Pool:
    groups = tuple(PoolZone(zone, f"dev-{name}{zone[-2:]}", 3) for zone in zones)
    return Pool(name, groups, f"https://example.test/dev-{name}-0f0f0f0f", 1, 0, 600)


POOLS = Pools("dev", "p", ACCOUNT, (pool("web", *ZONES), pool("db", ZONES[0])))
NONE = Pools("dev", "p", ACCOUNT, ())
