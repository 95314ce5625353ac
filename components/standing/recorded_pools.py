"""Reads pools of workers out of the resources of a stack's state: groups that stand, and what their machines are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from components.standing.facts import KnownPool
from node.contract import metadata

_BEGIN = "-----BEGIN CERTIFICATE-----"
Outputs = Mapping[str, Any]


def known_pools(
    told: Mapping[str, Outputs],
    groups: Mapping[str, Outputs],
    templates: Mapping[str, Outputs],
    settled: str = "",
) -> tuple[KnownPool, ...]:
    """Returns the pools by their groups, each called `pool-<name>-group-<letter>`; with what the pool was told, where
    that is recorded. `settled` is the text of all pools that an update has last waited for.
    """
    found: dict[str, dict[str, Outputs]] = {}
    for logical, outputs in groups.items():
        pool, group, _ = logical.partition("pool-")[2].rpartition("-group-")
        if group:
            found.setdefault(pool, {})[_last(outputs.get("zone"))] = outputs
    return tuple(
        _pool(name, zones, told.get(f"pool-{name}", {}), templates.get(f"pool-{name}-template", {}), settled)
        for name, zones in sorted(found.items())
    )


def _pool(
    name: str, zones: Mapping[str, Outputs], asked: Outputs, template: Outputs, settled: str
) -> KnownPool:
    versions = [version for outputs in zones.values() for version in outputs.get("versions") or ()]
    boot: Outputs = next(iter(template.get("disks") or ()), {})
    image, size, most = str(boot.get("sourceImage") or ""), asked.get("size"), asked.get("max")
    return KnownPool(
        name=name,
        groups={zone: str(outputs.get("name")) for zone, outputs in sorted(zones.items())},
        template=next((str(version.get("instanceTemplate") or "") for version in versions), ""),
        size=None if size is None else int(size),
        most=None if most is None else int(most),
        machine_type=_last(template.get("machineType")) or str(asked.get("machineType") or ""),
        max_surge=int(asked.get("maxSurge", 1)),
        max_unavailable=int(asked.get("maxUnavailable", 0)),
        drain_timeout_seconds=int(asked.get("drainTimeoutSeconds", 600)),
        image=image[image.find("projects/") :] if "projects/" in image else "",
        boot_disk_type=_last(boot.get("diskType")),
        boot_disk_gb=int(boot.get("diskSizeGb") or 0),
        spot=asked.get("spot"),
        settings=_settings(template.get("metadata") or {}),
        authorities=str((template.get("metadata") or {}).get(metadata.CLUSTER_CA)).count(_BEGIN),
        exchanged=bool(template.get("selfLink")) and str(template["selfLink"]) in settled,
    )


def _settings(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the settings; none where another release wrote something else."""
    try:
        value = json.loads(told.get(metadata.WORKER_CONFIG) or "{}")
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _last(reference: object) -> str:
    return str(reference or "").rsplit("/", 1)[-1]
