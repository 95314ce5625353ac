"""Images and their families."""

from __future__ import annotations

from lab.simulator.client import Client


def test_image_families(cloud: Client) -> None:
    base = "/compute/v1/projects/debian-cloud"
    newest = cloud.get(f"{base}/global/images/family/debian-12")["name"]
    assert cloud.get(f"{base}/zones/-/imageFamilyViews/debian-12")["image"]["name"] == newest
    assert cloud.get(f"{base}/global/images/debian-12").status == 404
