"""A template and a group of it, as tests ask for them."""

from __future__ import annotations

from typing import Any

from lab.simulator.client import Client, Reply
from tests.lab.simulator.compute.bodies import IMAGE, B, R

GROUP = f"{B}/instanceGroupManagers/dev-web-b"


def template(name: str = "t", **properties: Any) -> dict[str, Any]:
    nic = {
        "subnetwork": f"{R}/subnetworks/s",
        "aliasIpRanges": [{"ipCidrRange": "/24", "subnetworkRangeName": "pods"}],
    }
    return {
        "name": name,
        "properties": {
            "machineType": "e2-medium",
            "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}],
            "networkInterfaces": [nic],
            "metadata": {"items": [{"key": "worker-config", "value": "{}"}]},
            "tags": {"items": ["dev-worker"]},
        }
        | properties,
    }


def manager(size: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "name": "dev-web-b",
        "baseInstanceName": "dev-web-b",
        "targetSize": size,
        "versions": [{"instanceTemplate": f"{R}/instanceTemplates/t"}],
        "updatePolicy": {"type": "OPPORTUNISTIC", "minimalAction": "REPLACE"},
    } | more


def listed(cloud: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.post(f"{GROUP}/listManagedInstances").body.get("managedInstances", [])
    return found


def create(cloud: Client, *names: str) -> Reply:
    return cloud.post(f"{GROUP}/createInstances", {"instances": [{"name": name} for name in names]})


def delete(cloud: Client, *names: str, **more: Any) -> Reply:
    urls = [f"{B}/instances/{name}" for name in names]
    return cloud.post(f"{GROUP}/deleteInstances", {"instances": urls} | more)
