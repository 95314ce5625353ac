"""Where a stack's machines shall be and of which types: masters' and workers' alike."""

from __future__ import annotations

from components.config import StackConfig


def places(config: StackConfig) -> tuple[str, ...]:
    """Returns all zones, sorted."""
    return tuple(sorted({*config.zones, *(zone for pool in config.pools for zone in pool.zones)}))


def machine_types(config: StackConfig) -> frozenset[tuple[str, str]]:
    """Pairs of a zone and a machine type."""
    workers = {(zone, pool.machine_type) for pool in config.pools for zone in pool.zones}
    return frozenset({(replica.zone, replica.machine_type) for replica in config.replicas} | workers)
