"""What the masters are told of pools: those of the config, and at size 0 what still stands and is listed no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from components.config import PoolSpec
from components.standing.facts import KnownPool
from node.contract.pools import Pool, Pools, PoolZone, group_name


def desired(
    pools: Iterable[PoolSpec],
    standing: Iterable[KnownPool],
    templates: Mapping[str, str],
    *,
    cluster: str,
    project: str,
    account: str,
) -> Pools:
    """Returns what machines are told of pools. `templates` has the self link of each listed pool's. What leaves keeps the
    limits that it had.
    """
    known = {pool.name: pool for pool in standing}
    listed = {pool.name: pool for pool in pools}
    wanted = [
        Pool(
            pool.name,
            (
                *(
                    PoolZone(zone, group_name(cluster, pool.name, zone), pool.size, pool.most)
                    for zone in pool.zones
                ),
                *_leaving(known.get(pool.name), pool.zones),
            ),
            templates[pool.name],
            pool.max_surge,
            pool.max_unavailable,
            pool.drain_timeout_seconds,
        )
        for pool in listed.values()
    ]
    gone = [
        Pool(
            pool.name,
            _leaving(pool, ()),
            pool.template,
            pool.max_surge,
            pool.max_unavailable,
            pool.drain_timeout_seconds,
        )
        for pool in known.values()
        if pool.name not in listed and pool.groups
    ]
    return Pools(cluster, project, account, (*wanted, *gone))


def _leaving(pool: KnownPool | None, staying: Iterable[str]) -> tuple[PoolZone, ...]:
    if pool is None:
        return ()
    stays = set(staying)
    return tuple(PoolZone(zone, group, 0) for zone, group in pool.groups.items() if zone not in stays)
