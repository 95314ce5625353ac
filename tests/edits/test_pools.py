"""Edits of pools that stand: which nodes come, leave and are exchanged, as the plan says it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from components.config import parse
from components.edits import judge
from components.standing.facts import Standing
from components.standing.recorded_pools import known_pools
from tests.edits.table import PROJECT, REGION, living, merged, raw, stood

WEB: dict[str, Any] = {"name": "web", "zones": ["europe-west1-b", "europe-west1-c"], "size": 3}
BOTH = "3 each in europe-west1-b and europe-west1-c"


@cache
def standing() -> Standing:
    return stood(merged(living(), {"pools": [WEB]}))


def told(*pools: dict[str, Any]) -> list[str]:
    config = parse(
        raw(merged(living(), {"pools": list(pools)})),
        project=PROJECT,
        region=REGION,
    )
    return [str(note) for note in judge(standing(), config).notes]


@pytest.mark.parametrize(
    ("pools", "says"),
    [
        pytest.param([WEB], [], id="the same"),
        pytest.param(
            [],
            [
                f'pools.web: "{BOTH}" → (not set). 3 nodes in europe-west1-b and 3 nodes in europe-west1-c leave, each '
                "drained first, within the budgets of its pods; its groups go once they are empty.",
                'pools: ["web"] → []. All that was made for workers goes behind them; until they are gone, nobody reads '
                "their logs through the API.",
            ],
            id="taken off the list",
        ),
        pytest.param(
            [{**WEB, "size": 2}],
            [
                f'pools.web: "{BOTH}" → "2 each in europe-west1-b and europe-west1-c". 1 node in europe-west1-b and 1 node '
                "in europe-west1-c leave, each drained first, within the budgets of its pods."
            ],
            id="fewer",
        ),
        pytest.param(
            [{**WEB, "size": 5}],
            [f'pools.web: "{BOTH}" → "5 each in europe-west1-b and europe-west1-c".'],
            id="more",
        ),
        pytest.param(
            [{**WEB, "zones": ["europe-west1-c", "europe-west1-d"]}],
            [
                f'pools.web: "{BOTH}" → "3 each in europe-west1-c and europe-west1-d". 3 nodes in europe-west1-b leave, '
                "each drained first, within the budgets of its pods."
            ],
            id="to another zone",
        ),
        pytest.param(
            [{**WEB, "machineType": "n4-standard-2"}],
            [
                'pools.web.machineType: "e2-standard-4" → "n4-standard-2". 6 nodes are exchanged, up to 1 more in each '
                "zone come first: about 18 min, and no drain takes longer than 10 min without stopping all.",
                'pools.web.bootDiskType: "pd-balanced" → "hyperdisk-balanced".',
            ],
            id="other machines",
        ),
        pytest.param(
            [{**WEB, "spot": True, "maxSurge": 0, "maxUnavailable": 3}],
            [
                "pools.web.spot: false → true. 6 nodes are exchanged, old ones go first: about 6 min, and no drain takes "
                "longer than 10 min without stopping all."
            ],
            id="Spot VMs",
        ),
        pytest.param([{**WEB, "maxSurge": 2}], [], id="what only its next change feels"),
    ],
)
def test_what_an_edit_does_to_nodes(pools: list[dict[str, Any]], says: list[str]) -> None:
    assert told(*pools) == says


LINK = "https://compute.example/projects/p/regions/europe-west1/instanceTemplates/dev-web-0f0f0f0f"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("bundle", "waited_for", "expected"),
    [
        pytest.param(PEM + PEM, f'{{"template": "{LINK}"}}', (2, True), id="two, and all exchanged"),
        pytest.param(PEM, f'{{"template": "{LINK}"}}', (1, True), id="one"),
        pytest.param(PEM + PEM, f'{{"template": "{LINK[:-1]}"}}', (2, False), id="another template was waited for"),
        pytest.param(PEM + PEM, "", (2, False), id="nothing was"),
    ],
)  # fmt: skip
def test_whom_workers_trust_is_read_from_the_state(
    bundle: str, waited_for: str, expected: tuple[int, bool]
) -> None:
    group = {"pool-web-group-b": {"zone": "europe-west1-b", "name": "dev-web-b"}}
    template = {"pool-web-template": {"selfLink": LINK, "metadata": {"cluster-ca": bundle}}}
    [pool] = known_pools({}, group, template, waited_for)
    assert (pool.authorities, pool.exchanged) == expected
