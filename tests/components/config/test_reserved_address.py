"""`api.address`: an address that a forwarding rule could hold, before anything is made."""

from __future__ import annotations

import pytest

from components.config import ConfigErrors, parse
from components.config.reserved_address import Reserved

RAW = {
    "clusterName": "dev",
    "replicas": [{"name": "m1", "zone": "europe-west1-b"}],
    "api": {"address": "kube-master-ip"},
}


def problems(found: Reserved | None) -> str:
    def reserved(_: str) -> Reserved:
        if found is None:
            raise LookupError("not found")
        return found

    try:
        parse(RAW, region="europe-west1", project="p", reserved=reserved)
    except ConfigErrors as errors:
        return str(errors)
    return ""


@pytest.mark.parametrize(
    ("found", "says"),
    [
        pytest.param(None, "can't be read (not found). Name a regional address of gcp:project", id="nothing"),
        pytest.param(
            Reserved("INTERNAL", "PREMIUM"),
            "is INTERNAL. Name one that is EXTERNAL: the API is reached by it from outside.",
            id="internal",
        ),
        pytest.param(
            Reserved("EXTERNAL", "STANDARD"),
            "is of the network tier STANDARD. Name one of the tier PREMIUM.",
            id="tier",
        ),
        pytest.param(
            Reserved("EXTERNAL", "PREMIUM", ("kube-master",)),
            "is held by kube-master. Release it there first, or name another one.",
            id="held",
        ),
    ],
)
def test_what_a_rule_could_not_hold_is_refused(found: Reserved | None, says: str) -> None:
    assert f'ha-masters:api.address: "kube-master-ip" {says}' in problems(found)


@pytest.mark.parametrize("users", [(), ("dev-api",)], ids=["free", "held by the cluster's own rule"])
def test_what_it_could_hold_is_taken(users: tuple[str, ...]) -> None:
    assert problems(Reserved("EXTERNAL", "PREMIUM", users)) == ""
