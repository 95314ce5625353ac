"""The project's own metadata."""

from __future__ import annotations

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import P, refused


def test_stale_project_metadata(cloud: Client) -> None:
    reply = cloud.post(f"/compute/v1/{P}/setCommonInstanceMetadata", {"fingerprint": "AAAA"})
    refused(reply, 412, "conditionNotMet", "Supplied fingerprint does not match")
