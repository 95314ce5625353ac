"""What masters are told of pools, from the config and from what stands."""

from __future__ import annotations

from components.config import PoolSpec
from components.desired_pools import desired
from components.standing.facts import KnownPool
from node.contract.pools import Pool, Pools, PoolZone

B, C = "europe-west1-b", "europe-west1-c"
ACCOUNT = "dev-workers@p.iam.gserviceaccount.com"


def spec(name: str = "web", zones: tuple[str, ...] = (B,), most: int | None = None) -> PoolSpec:
    return PoolSpec(name=name, zones=zones, size=2, most=most, image="image", drain_timeout_seconds=900)


def told(*pools: PoolSpec, standing: tuple[KnownPool, ...] = ()) -> tuple[Pool, ...]:
    templates = {pool.name: f"{pool.name}-template" for pool in pools}
    found = desired(pools, standing, templates, cluster="dev", project="p", account=ACCOUNT)
    assert found == Pools("dev", "p", ACCOUNT, found.pools)
    return found.pools


def test_a_pool_is_asked_for_in_each_zone() -> None:
    zones = (PoolZone(B, "dev-web-b", 2), PoolZone(C, "dev-web-c", 2))
    assert told(spec(zones=(B, C))) == (Pool("web", zones, "web-template", 1, 0, 900),)


def test_the_autoscaler_chooses_between_what_is_asked_for() -> None:
    [pool] = told(spec(most=5))
    assert pool.zones == (PoolZone(B, "dev-web-b", 2, 5),)


def test_a_zone_that_is_listed_no_more_is_emptied() -> None:
    standing = (KnownPool("web", {B: "dev-web-b", C: "dev-web-c"}),)
    [pool] = told(spec(zones=(B,)), standing=standing)
    assert pool.zones == (PoolZone(B, "dev-web-b", 2), PoolZone(C, "dev-web-c", 0))


def test_a_pool_that_is_listed_no_more_is_emptied_within_its_own_limits() -> None:
    former = KnownPool(
        "old",
        {C: "dev-old-c"},
        "old-template",
        size=3,
        most=9,
        max_surge=2,
        max_unavailable=1,
        drain_timeout_seconds=300,
    )
    assert told(spec(), standing=(former,))[0] == Pool(
        "old", (PoolZone(C, "dev-old-c", 0),), "old-template", 2, 1, 300
    )


def test_the_last_pool_is_emptied_too() -> None:
    [pool] = told(standing=(KnownPool("web", {B: "dev-web-b"}),))
    assert (pool.template, pool.zones) == ("", (PoolZone(B, "dev-web-b", 0),))
