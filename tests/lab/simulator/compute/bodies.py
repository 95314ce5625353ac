"""Bodies of requests, and how a refusal is told."""

from __future__ import annotations

from typing import Any

from lab.simulator.client import Reply

P = "projects/lab-project"
R = "regions/europe-west1"
B = "zones/europe-west1-b"
C = "zones/europe-west1-c"
IMAGE = "projects/debian-cloud/global/images/debian-12-bookworm-v20251014"


def vm(name: str, zone: str = B, *, nic: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "machineType": f"{zone}/machineTypes/e2-medium",
        "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}],
        "networkInterfaces": [{"subnetwork": f"{R}/subnetworks/s"} | (nic or {})],
    } | more


def rule(**more: Any) -> dict[str, Any]:
    return {
        "name": "api",
        "IPAddress": f"{R}/addresses/api",
        "portRange": "443",
        "loadBalancingScheme": "EXTERNAL",
    } | more


def refused(reply: Reply, status: int, reason: str, text: str) -> None:
    assert (reply.status, reply.reason) == (status, reason), reply.body
    assert text in reply.message
