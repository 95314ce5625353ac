"""Configs of stacks, as `run_program` takes them."""

from __future__ import annotations

import json
from typing import Any

ZONES = "bcd"


EXISTING: dict[str, Any] = {
    "network": "shared",
    "subnetwork": "masters",
    "subnetRange": "10.1.0.0/24",
    "podRange": "10.64.0.0/14",
    "serviceRange": "10.68.0.0/20",
    "podRangeName": "pods",
}


def stack(count: int, **more: object) -> dict[str, str]:
    replicas = [
        {"name": f"m{number + 1}", "zone": f"europe-west1-{ZONES[number % 3]}"} for number in range(count)
    ]
    config = {"clusterName": "dev", "replicas": replicas, **more}
    return {
        f"ha-masters:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }
