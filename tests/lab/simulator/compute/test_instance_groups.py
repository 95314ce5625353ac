"""Instance groups and their members."""

from __future__ import annotations

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, C, refused, vm


def test_membership_vanishes_with_the_vm(balanced: Client) -> None:
    balanced.delete(f"{B}/instances/m1")
    balanced.made(f"{B}/instances", vm("m1"))
    assert "items" not in balanced.post(f"{B}/instanceGroups/ig/listInstances").body
    assert balanced.get(f"{B}/instanceGroups/ig")["size"] == 0


def test_other_zones_are_refused(balanced: Client) -> None:
    balanced.made(f"{C}/instances", vm("m2", C))
    body = {"instances": [{"instance": f"{C}/instances/m2"}]}
    refused(balanced.post(f"{B}/instanceGroups/ig/addInstances", body), 400, "invalid", "europe-west1-b")


def test_twice_is_refused(balanced: Client) -> None:
    body = {"instances": [{"instance": f"{B}/instances/m1"}]}
    refused(
        balanced.post(f"{B}/instanceGroups/ig/addInstances", body),
        400,
        "memberAlreadyExists",
        "already a member",
    )
