"""`api.address`: the cluster holds an address that stood before it, and leaves it standing."""

from __future__ import annotations

import pytest

from tests.stack.harness import Stack

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

NAME = "kubernetes-master-ip"
PATH = "regions/europe-west1/addresses"
ONE = ["m1/b"]


def test_an_address_that_stood_before_the_cluster_stands_after_it(stack: Stack) -> None:
    own = {"api": {"address": NAME}}
    missing = stack.up(ONE, check=False, **own)
    assert f'ha-masters:api.address: "{NAME}" can\'t be read' in missing.output.replace("\n", " ")
    stack.cloud.compute("POST", PATH, json={"name": NAME})
    number = stack.cloud.compute("GET", f"{PATH}/{NAME}")["address"]
    stack.up(ONE, **own)
    assert stack.cloud.rule()["ip"] == number
    taken = stack.up(ONE, check=False, api={})
    assert "The API's address never changes" in taken.output.replace("\n", " ")
    stack.configure(ONE, **own)
    stack.destroy()
    assert stack.cloud.compute("GET", f"{PATH}/{NAME}")["address"] == number
