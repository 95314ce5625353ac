"""Calls that nobody sent, as effects make them."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client
from lab.simulator.errors import ApiError
from lab.simulator.registry import internal
from lab.simulator.server import Simulator

WHERE = {"project": "lab-project", "region": "europe-west1"}
ADDRESS = "regions/europe-west1/addresses/api"


@pytest.fixture
def cloud(simulator: Simulator) -> Client:
    return Client(simulator.url)


def test_it_does_what_a_sent_one_does(simulator: Simulator, cloud: Client) -> None:
    operation = internal(simulator.lab, "compute.addresses.insert", WHERE, {"name": "api"})
    assert (operation["status"], cloud.get(ADDRESS)["status"]) == ("DONE", "RESERVED")


def test_its_caller_is_googles_own_agent(simulator: Simulator) -> None:
    operation = internal(simulator.lab, "compute.addresses.insert", WHERE, {"name": "api"})
    assert operation["user"] == f"serviceAccount:{simulator.lab.number}@cloudservices.gserviceaccount.com"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param({"name": "api", "colour": 1}, "badRequest", id="a field that the schema hasn't"),
        pytest.param({"name": "Upper"}, "invalid", id="a name that the handler refuses"),
    ],
)
def test_it_is_checked_as_a_sent_one(simulator: Simulator, body: dict[str, Any], reason: str) -> None:
    with pytest.raises(ApiError) as raised:
        internal(simulator.lab, "compute.addresses.insert", WHERE, body)
    assert raised.value.reason == reason


def test_it_goes_with_the_transaction_that_it_is_part_of(simulator: Simulator, cloud: Client) -> None:
    def fails() -> None:
        with simulator.lab.store.transaction():
            internal(simulator.lab, "compute.addresses.insert", WHERE, {"name": "api"})
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fails()
    assert cloud.get(ADDRESS).status == 404


def test_a_method_that_is_not_simulated_says_so(simulator: Simulator) -> None:
    with pytest.raises(ApiError, match=r"compute\.licenses\.insert"):
        internal(simulator.lab, "compute.licenses.insert", {"project": "lab-project"}, {"name": "l"})
