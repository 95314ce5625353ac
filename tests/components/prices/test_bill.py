"""A month by list price, before and after."""

from __future__ import annotations

from typing import Any

import pytest

from components.config import parse
from components.prices.bill import bill, told
from components.prices.table import Prices, prices
from components.prices.things import Things, of_config, of_standing
from components.standing.facts import KnownDisk, KnownMaster, KnownPool, Standing

HERE = Prices(
    "europe-west1",
    "2026-01-02",
    "https://prices.example",
    {"e2-standard-2": 0.1, "pd-ssd": 0.2, "pd-balanced": 0.1},
    address_hour=0.01,
    nat_machine_hour=0.001,
    nat_machines_most=32,
    nat_more_hour=0.03,
)
ONE = Things({"e2-standard-2": 1}, {}, {"pd-ssd": 20, "pd-balanced": 30}, behind_nat=1, rules=1, reserved=1)
NETWORK = ("1 forwarding rule", "the API's address")


@pytest.mark.parametrize(
    ("things", "usd", "unknown"),
    [
        pytest.param(Things(), 0, (), id="nothing"),
        pytest.param(Things({"e2-standard-2": 3}), 219, (), id="machines"),
        pytest.param(Things({"e2-standard-8": 1}), 292, (), id="a larger one, in proportion"),
        pytest.param(
            Things({"e2-custom-2-8192": 1, "n9-standard-2": 2}),
            0,
            ("1 × e2-custom-2-8192", "2 × n9-standard-2"),
            id="machines without a price",
        ),
        pytest.param(Things(spot={"e2-standard-2": 2}), 0, ("2 × e2-standard-2 on spot",), id="spot"),
        pytest.param(Things(disks={"pd-ssd": 20, "pd-balanced": 30}), 7, (), id="disks"),
        pytest.param(
            Things(disks={"hyperdisk-balanced": 20}), 0, ("20 GB of hyperdisk-balanced",), id="other disks"
        ),
        pytest.param(Things(external=2), 14.6, (), id="external addresses"),
        pytest.param(Things(behind_nat=3), 9.49, (), id="a NAT gateway, and its address"),
        pytest.param(Things(behind_nat=40), 29.2, (), id="of many machines"),
        pytest.param(ONE, 88.03, NETWORK, id="one master"),
    ],
)
def test_a_month(things: Things, usd: float, unknown: tuple[str, ...]) -> None:
    found = bill(things, HERE)
    assert (round(found.usd, 2), found.unknown) == (usd, unknown)


@pytest.mark.parametrize(
    ("before", "says"),
    [
        pytest.param(None, "88 USD a month", id="new"),
        pytest.param(ONE, "88 USD a month, as before", id="the same"),
        pytest.param(Things({"e2-standard-2": 3}), "219 → 88 USD a month", id="other"),
    ],
)
def test_before_and_after(before: Things | None, says: str) -> None:
    assert told(before, ONE, HERE, "dev").splitlines() == [
        f"dev by list price: {says}, in europe-west1 as of 2026-01-02, without traffic and discounts.",
        "  Not in it, for their price is unknown: 1 forwarding rule and the API's address.",
    ]


def test_of_a_region_without_prices_nothing_is_guessed() -> None:
    assert (
        told(None, ONE, prices("europe-west99"), "dev")
        == "dev by list price: unknown, the table of 2025-03-06 doesn't have europe-west99."
    )


def test_the_table_has_each_figure_of_each_region() -> None:
    kinds = {"e2-standard-2", "n2-standard-2", "pd-balanced", "pd-ssd"}
    for region in ("europe-west1", "us-central1", "asia-east1"):
        found = prices(region)
        assert found.figures.keys() == kinds
        assert found.source.startswith("https://")
    assert round(bill(Things({"e2-standard-2": 1}), prices("us-central1")).usd, 2) == 48.92


def asked(**more: Any) -> Things:
    raw = {"clusterName": "dev", "replicas": [{"name": "m1", "zone": "europe-west1-b"}], **more}
    return of_config(parse(raw, region="europe-west1", project="lab-project"))


POOL = {"name": "web", "zones": ["europe-west1-b", "europe-west1-c"], "size": 2}


@pytest.mark.parametrize(
    ("config", "things"),
    [
        pytest.param(
            {},
            Things(
                {"e2-standard-2": 1}, {}, {"pd-balanced": 20, "pd-ssd": 20}, behind_nat=1, rules=1, reserved=1
            ),
            id="one master",
        ),
        pytest.param(
            {"masters": {"publicAddresses": True}, "api": {"internal": "beside"}},
            Things(
                {"e2-standard-2": 1}, {}, {"pd-balanced": 20, "pd-ssd": 20}, external=1, rules=2, reserved=1
            ),
            id="external addresses, two rules",
        ),
        pytest.param(
            {"pools": [POOL, {**POOL, "name": "batch", "spot": True}]},
            Things(
                {"e2-standard-2": 1, "e2-standard-4": 4},
                {"e2-standard-4": 4},
                {"pd-balanced": 420, "pd-ssd": 20},
                behind_nat=9,
                rules=1,
                reserved=1,
            ),
            id="pools",
        ),
    ],
)
def test_what_is_asked_for_is_counted(config: dict[str, Any], things: Things) -> None:
    assert asked(**config) == things


def test_what_stands_is_counted_the_same_way() -> None:
    master = KnownMaster(
        "m1-b", "europe-west1-b", machine_type="e2-standard-2", boot_disk_type="pd-balanced", boot_disk_gb=20
    )
    pool = KnownPool(
        "web",
        {"europe-west1-b": "a", "europe-west1-c": "b"},
        size=2,
        machine_type="e2-standard-4",
        boot_disk_type="pd-balanced",
        boot_disk_gb=50,
    )
    stands = Standing(
        (master,),
        {"m1-b": KnownDisk("pd-ssd", 20, True)},
        subnet_range="10.0.0.0/20",
        rule_port=443,
        pools=(pool,),
    )
    assert of_standing(stands) == asked(pools=[POOL])
