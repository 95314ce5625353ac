"""When the gates of pools open, and what they say while they don't."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.gates import verdicts
from components.gates.verdicts import ClusterStatus
from node.contract.pools import Pool, Pools, PoolZone
from node.contract.status import PoolsView, ZoneView
from tests.components.gates.test_verdicts import cluster, without_leader

B, C = "europe-west1-b", "europe-west1-c"
ASKED = Pools(
    "dev",
    "p",
    "dev-workers@p.iam.gserviceaccount.com",
    (Pool("web", (PoolZone(B, "dev-web-b", 2), PoolZone(C, "dev-web-c", 0)), "t", 1, 0, 600),),
)
IN_B, IN_C = ZoneView("web", B, 2, 2, 2, 0), ZoneView("web", C, 0, 0, 0, 0)


def seen(view: PoolsView | None) -> ClusterStatus:
    whole = replace(cluster("m1-b"), pools_generation="9")
    return replace(whole, fresh={"m1-b": replace(whole.fresh["m1-b"], pools=view)})


def test_pools_are_settled_when_each_zone_is_as_asked() -> None:
    assert verdicts.pools_settled(seen(PoolsView("9", (IN_B, IN_C))), ASKED).open


def test_a_zone_that_scales_is_settled_by_what_the_autoscaler_may_choose() -> None:
    scaled = replace(ASKED.pools[0], zones=(PoolZone(B, "dev-web-b", 1, 5),))
    wanted = replace(ASKED, pools=(scaled,))
    grown = ZoneView("web", B, 1, 4, 3, 0, most=5)
    assert verdicts.pools_settled(seen(PoolsView("9", (grown,))), wanted).open
    assert not verdicts.pools_settled(seen(PoolsView("9", (replace(grown, most=4),))), wanted).open
    assert not verdicts.pools_settled(seen(PoolsView("9", (replace(grown, ready=0),))), wanted).open


@pytest.mark.parametrize(
    ("cluster_seen", "says"),
    [
        pytest.param(without_leader("m1-b"), "nobody else makes or drains workers", id="no leader"),
        pytest.param(seen(None), "m1-b says nothing of pools yet", id="a release that knows none"),
        pytest.param(
            seen(PoolsView("9", (IN_B, IN_C), "403")), "can't see to the pools: 403", id="it sees nothing"
        ),
        pytest.param(seen(PoolsView("8", (IN_B, IN_C))), "has not read the new pools", id="it lags"),
        pytest.param(seen(PoolsView("", (IN_B, IN_C))), "has not read the new pools", id="it read none"),
        pytest.param(seen(PoolsView("9", (IN_B,))), f"web in {C} isn't reported", id="a zone is missing"),
        pytest.param(
            seen(PoolsView("9", (replace(IN_B, wanted=1), IN_C))),
            f"web in {B} isn't reported",
            id="another size is seen",
        ),
        pytest.param(
            seen(PoolsView("9", (replace(IN_B, ready=1, doing="waits for dev-web-b-x1y2"), IN_C))),
            f"web in {B} has 1 of 2 ready and 1 more: waits for dev-web-b-x1y2",
            id="one isn't ready",
        ),
        pytest.param(
            seen(PoolsView("9", (replace(IN_B, stuck="budget default/web allows no eviction"), IN_C))),
            "budget default/web allows no eviction",
            id="a drain is stuck",
        ),
        pytest.param(
            seen(PoolsView("9", (IN_B, replace(IN_C, machines=1, old=1)))),
            f"web in {C}",
            id="one still leaves",
        ),
    ],
)
def test_pools_are_waited_for(cluster_seen: ClusterStatus, says: str) -> None:
    verdict = verdicts.pools_settled(cluster_seen, ASKED)
    assert (verdict.open, says in verdict.reason) == (False, True), verdict.reason


@pytest.mark.parametrize(
    ("ended", "machines", "open_"),
    [
        pytest.param(False, None, True, id="no group"),
        pytest.param(False, [], True, id="empty"),
        pytest.param(False, ["dev-web-b-x1y2"], False, id="a machine is in it"),
        pytest.param(True, ["dev-web-b-x1y2"], True, id="the whole cluster goes"),
    ],
)
def test_a_group_goes_when_it_is_empty(ended: bool, machines: list[str] | None, open_: bool) -> None:
    verdict = verdicts.pool_guard(replace(seen(None), ended=ended), "dev-web-b", machines)
    assert verdict.open is open_
    assert open_ or "dev-web-b still has dev-web-b-x1y2" in verdict.reason


def test_pools_that_all_go_are_asked_for_with_no_machine() -> None:
    assert [zone.size for pool in ASKED.emptied().pools for zone in pool.zones] == [0, 0]
    assert replace(ASKED, pools=()) == replace(ASKED.emptied(), pools=())
