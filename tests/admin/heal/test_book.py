"""The book of heals in a bucket of the simulator's, with generations as Google has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from admin.heal import ledger
from admin.heal.ledger import Heal
from components.google.bucket import Bucket
from components.google.provider_config import ProviderConfig
from components.google.transport import Google
from lab.simulator.server import Simulator
from tests.components.present.masters import NOW


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    with Simulator(tmp_path / "simulator") as simulator:
        url = f"{simulator.url}/storage/v1/b?project=lab-project"
        owner = {"Authorization": "Bearer lab-owner@lab"}
        requests.post(url, json={"name": "heals"}, headers=owner, timeout=10).raise_for_status()
        settings = {
            "storageCustomEndpoint": f"{simulator.url}/storage/v1/",
            "accessToken": "lab-owner@lab",
        }
        yield Bucket(Google(ProviderConfig.read(settings.get, {"HOME": str(tmp_path)})), "heals")


def test_a_heal_is_booked_once_and_ended(bucket: Bucket) -> None:
    none, heal = ledger.read(bucket), Heal(NOW, "m2-c", "replace")
    assert (none.heals, none.generation) == ((), "0")
    assert ledger.begin(bucket, none, heal)
    assert not ledger.begin(bucket, none, replace(heal, replica="m3-d"))
    ledger.end(bucket, heal, "healed")
    assert ledger.read(bucket).heals == (replace(heal, outcome="healed"),)
    ledger.end(bucket, replace(heal, outcome="healed"), None)
    assert ledger.read(bucket).heals == ()
