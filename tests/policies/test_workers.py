"""Rules on where workers are, and of what sort."""

from __future__ import annotations

from typing import Any

import pytest

from policies import workers
from tests.policies.judging import judged

RULES = [workers.every_zone, workers.not_one_zone, workers.not_spot_alone]


def pool(name: str, letters: str, size: int, spot: bool = False) -> dict[str, Any]:
    zones = [f"europe-west1-{letter}" for letter in letters]
    return {"name": name, "zones": zones, "size": size, "spot": spot}


def broken(masters: str, *pools: dict[str, Any]) -> list[str]:
    """The names of the rules that speak, where masters are in these zones."""
    inputs = {"zones": [f"europe-west1-{letter}" for letter in masters], "pools": list(pools)}
    return [rule.name for rule in RULES if judged(rule, ["ha-masters:index:Workers"], inputs)]


@pytest.mark.parametrize(
    ("masters", "pools", "rules"),
    [
        pytest.param("bcd", [pool("web", "bcd", 1)], [], id="one in each zone"),
        pytest.param("bcd", [pool("web", "bc", 2)], ["zone-without-worker"], id="none in one of three"),
        pytest.param("bcd", [pool("web", "bc", 1)], [], id="fewer than zones"),
        pytest.param("bcd", [pool("web", "bc", 2), pool("db", "d", 1)], [], id="another pool is there"),
        pytest.param(
            "bcd", [pool("web", "bc", 2), pool("db", "d", 0)], ["zone-without-worker"], id="an empty one is"
        ),
        pytest.param("b", [pool("web", "b", 3)], ["pool-in-one-zone"], id="all in one zone"),
        pytest.param("b", [pool("web", "b", 1)], [], id="a single one"),
        pytest.param("b", [pool("web", "bc", 1, spot=True)], ["spot-alone"], id="Spot alone"),
        pytest.param(
            "b", [pool("web", "bc", 1, spot=True), pool("db", "bc", 1)], [], id="Spot beside others"
        ),
        pytest.param(
            "b", [pool("web", "bc", 1, spot=True), pool("db", "bc", 0)], ["spot-alone"], id="beside none"
        ),
        pytest.param("b", [], [], id="none at all"),
    ],
)
def test_where_workers_are(masters: str, pools: list[dict[str, Any]], rules: list[str]) -> None:
    assert broken(masters, *pools) == rules
