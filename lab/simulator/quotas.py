"""Limits of a project. Defaults are generous; a test narrows one by `POST /lab/v1/quotas {"STATIC_ADDRESSES": 1}`."""

from __future__ import annotations

from lab.simulator.errors import quota_exceeded
from lab.simulator.store import Store

DEFAULTS = {
    "CPUS": 240.0,
    "DISKS_TOTAL_GB": 40960.0,
    "HDB_TOTAL_GB": 40960.0,
    "SSD_TOTAL_GB": 40960.0,
    "FIREWALLS": 200.0,
    "FORWARDING_RULES": 45.0,
    "HEALTH_CHECKS": 75.0,
    "IN_USE_ADDRESSES": 69.0,
    "INSTANCES": 720.0,
    "INTERNAL_ADDRESSES": 5000.0,
    "NETWORKS": 15.0,
    "REGIONAL_INTERNAL_LB_BACKEND_SERVICES": 500.0,
    "ROUTERS": 20.0,
    "SNAPSHOTS": 5000.0,
    "STATIC_ADDRESSES": 21.0,
    "SUBNETWORKS": 275.0,
    "TARGET_INSTANCES": 150.0,
    "TARGET_POOLS": 150.0,
}


class Quotas:
    def __init__(self, store: Store) -> None:
        self._store = store

    def limits(self) -> dict[str, float]:
        own = self._store.get("lab", "quotas") or {}
        return DEFAULTS | own

    def set(self, limits: dict[str, float]) -> None:
        unknown = set(limits) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"no such quota: {', '.join(sorted(unknown))}; known: {', '.join(DEFAULTS)}")
        with self._store.transaction():
            own = self._store.get("lab", "quotas") or {}
            self._store.put("lab", "quotas", own | {k: float(v) for k, v in limits.items()})

    def check(self, metric: str, usage: float, where: str) -> None:
        """`usage` includes what is asked for; `where` is 'in region r' or 'globally'."""
        limit = self.limits()[metric]
        if usage > limit:
            raise quota_exceeded(metric, limit, where)
