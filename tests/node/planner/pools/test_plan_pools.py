"""The next step of the pools, case by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.contract.pools import Pool, Pools, PoolZone
from node.contract.status import ZoneView
from node.planner.pools.plan import plan_pools
from node.planner.pools.seen import Budget, Group, Machine, Node, Pod, Seen
from node.planner.pools.steps import Cordon, Delete, Evict, Grow, Step, Uncordon

B, C = "europe-west1-b", "europe-west1-c"
NEW, OLD = (
    f"https://compute.googleapis.com/compute/v1/projects/p/regions/r/instanceTemplates/{n}" for n in "no"
)
NOW = 1_000_000.0
TIMEOUT = 600


def pool(
    name: str = "web",
    *,
    b: int | None = 2,
    c: int | None = None,
    most: int | None = None,
    surge: int = 1,
    unavailable: int = 0,
) -> Pool:
    sizes = {B: b, C: c}
    zones = tuple(
        PoolZone(z, f"dev-{name}-{z[-1]}", size, most) for z, size in sizes.items() if size is not None
    )
    return Pool(name, zones, NEW.replace("compute.googleapis", "www.googleapis"), surge, unavailable, TIMEOUT)


def asked(*pools: Pool) -> Pools:
    return Pools("dev", "p", "dev-workers@p.iam.gserviceaccount.com", pools)


def group(*names: str, template: str = NEW, now: str = NEW, **more: Any) -> Group:
    return Group(now, tuple(Machine(name, template, **more) for name in names))


def nodes(*names: str, **more: Any) -> dict[str, Node]:
    return {name: Node(name, **more) for name in names}


def pod(name: str, node: str, **more: Any) -> Pod:
    return Pod("default", name, node, {"app": "web"}, **more)


BUDGET = Budget("default", "web", {"matchLabels": {"app": "web"}}, 0)
A1, A2, A3 = (f"dev-web-b-aaa{number}" for number in (1, 2, 3))
DRAINED = Node(A1, cordoned=True, draining_since=NOW - 60)


def both(*machines: Machine) -> dict[str, Group]:
    return {"dev-web-b": Group(NEW, machines)}


OLD_ONE, NEW_ONE, NEW_TWO = Machine(A1, OLD), Machine(A2, NEW), Machine(A3, NEW)


@pytest.mark.parametrize(
    ("wanted", "seen", "step"),
    [
        pytest.param(pool(b=0), Seen({"dev-web-b": group()}), None, id="none asked for, none there"),
        pytest.param(pool(b=0), Seen({}), None, id="the group is gone, and nobody wants it"),
        pytest.param(pool(), Seen({}), None, id="the group is missing"),
        pytest.param(
            pool(),
            Seen({"dev-web-b": group(A1, A2)}, nodes(A1, A2)),
            None,
            id="all as asked, by another host's link",
        ),
        pytest.param(pool(), Seen({"dev-web-b": group(A1, A2)}, nodes(A1)), None, id="one still boots"),
        pytest.param(
            pool(b=1, most=3),
            Seen({"dev-web-b": group(A1, A2, A3)}, nodes(A1, A2, A3)),
            None,
            id="as many as the autoscaler chose",
        ),
        pytest.param(
            pool(b=0, most=2),
            Seen({"dev-web-b": group(A1, A2, A3)}, nodes(A1, A2, A3)),
            Cordon(A1),
            id="more than the autoscaler may choose",
        ),
        pytest.param(
            pool(b=1, most=5),
            Seen(both(OLD_ONE, NEW_ONE), nodes(A1, A2)),
            Cordon(A1),
            id="an old one above the least: the autoscaler makes another if need be",
        ),
        pytest.param(
            pool(b=1),
            Seen({"dev-web-b": group(A1, A2)}, nodes(A1)),
            Delete(B, "dev-web-b", A2),
            id="one too many, which never joined",
        ),
        pytest.param(
            pool(b=1), Seen({"dev-web-b": group(A1, A2)}, nodes(A1, A2)), Cordon(A1), id="one too many"
        ),
        pytest.param(
            pool(b=1),
            Seen({"dev-web-b": group(A1, A2)}, nodes(A1, A2), (pod("x", A1),)),
            Cordon(A2),
            id="of two, the one with fewer pods goes",
        ),
        pytest.param(
            pool(b=1),
            Seen({"dev-web-b": group(A1, A2)}, {**nodes(A1), **nodes(A2, ready=False)}),
            Cordon(A2),
            id="of two, the one that is ill goes",
        ),
        pytest.param(
            pool(b=1),
            Seen({"dev-web-b": group(A1, A2)}, {A1: DRAINED, **nodes(A2)}, (pod("x", A1),)),
            Evict(A1, (pod("x", A1),)),
            id="what was begun goes on",
        ),
        pytest.param(
            pool(b=1),
            Seen(
                {"dev-web-b": group(A1, A2)},
                {A1: DRAINED, **nodes(A2)},
                (pod("d", A1, kept=True), pod("j", A1, over=True)),
            ),
            Delete(B, "dev-web-b", A1),
            id="with nothing on it that a drain minds",
        ),
        pytest.param(
            pool(b=1),
            Seen({"dev-web-b": group(A1, A2)}, {A1: DRAINED, **nodes(A2)}, (pod("x", A1, ending=True),)),
            None,
            id="what was evicted still ends",
        ),
        pytest.param(
            pool(b=1),
            Seen(
                both(Machine(A1, NEW, status="TERMINATED"), NEW_ONE),
                {A1: Node(A1, False, True, NOW), **nodes(A2)},
                (pod("x", A1, ending=True),),
            ),
            Delete(B, "dev-web-b", A1),
            id="what ends on a machine that doesn't run has ended",
        ),
        pytest.param(
            pool(b=1),
            Seen({"dev-web-b": group(A1, A2)}, {A1: DRAINED, **nodes(A2)}, (pod("x", A1),), (BUDGET,)),
            None,
            id="a budget keeps it",
        ),
        pytest.param(
            pool(b=1),
            Seen(
                {"dev-web-b": group(A1, A2)},
                {A1: DRAINED, **nodes(A2)},
                (pod("x", A1), pod("y", A1)),
                (Budget("default", "web", {"matchLabels": {"app": "web"}}, 1),),
            ),
            Evict(A1, (pod("x", A1),)),
            id="a budget lets one of two go",
        ),
        pytest.param(
            pool(b=1),
            Seen(
                {"dev-web-b": group(A1, A2)},
                {A1: DRAINED, **nodes(A2)},
                (pod("x", A1, ready=False),),
                (replace(BUDGET, lets_ill_go=True),),
            ),
            Evict(A1, (pod("x", A1, ready=False),)),
            id="a budget lets an ill one go",
        ),
        pytest.param(
            pool(b=1),
            Seen(
                {"dev-web-b": group(A1, A2)},
                {A1: DRAINED, **nodes(A2)},
                (pod("x", A1, ready=False),),
                (BUDGET,),
            ),
            None,
            id="a budget keeps an ill one where too few are well",
        ),
        pytest.param(
            pool(b=1),
            Seen(
                {"dev-web-b": group(A1, A2)},
                {A1: DRAINED, **nodes(A2)},
                (pod("x", A1, ready=False, pending=True),),
                (BUDGET,),
            ),
            Evict(A1, (pod("x", A1, ready=False, pending=True),)),
            id="no budget minds what hasn't begun",
        ),
        pytest.param(
            pool(b=2),
            Seen({"dev-web-b": group(A1, A2)}, {A1: DRAINED, **nodes(A2)}),
            Uncordon(A1),
            id="the size is taken back",
        ),
        pytest.param(
            pool(b=2),
            Seen(both(OLD_ONE, NEW_ONE, NEW_TWO), nodes(A1, A2, A3)),
            Cordon(A1),
            id="the old one goes when the new ones are of use",
        ),
        pytest.param(
            pool(b=2),
            Seen(both(OLD_ONE, NEW_ONE, NEW_TWO), {**nodes(A1, A2), **nodes(A3, ready=False)}),
            None,
            id="the old one stays while a new one isn't",
        ),
        pytest.param(
            pool(b=2, surge=0, unavailable=1),
            Seen(both(OLD_ONE, NEW_ONE), nodes(A1, A2)),
            Cordon(A1),
            id="without a surge the old one goes first",
        ),
        pytest.param(
            pool(b=2, surge=0, unavailable=1),
            Seen(both(OLD_ONE, NEW_ONE), {**nodes(A1), **nodes(A2, ready=False)}),
            None,
            id="and not while another is of no use",
        ),
        pytest.param(
            pool(b=2),
            Seen(both(OLD_ONE, NEW_ONE, NEW_TWO), {**nodes(A1, A2), **nodes(A3, cordoned=True)}),
            None,
            id="somebody else's cordon counts",
        ),
        pytest.param(
            pool(b=2),
            Seen({"dev-web-b": group(A1, template=OLD, now=OLD)}, nodes(A1)),
            None,
            id="the group makes others than were asked for: nothing is made",
        ),
        pytest.param(
            pool(b=0, c=1),
            Seen({"dev-web-b": group(A1), "dev-web-c": group("dev-web-c-aaa1")}, nodes(A1)),
            None,
            id="a zone is left when the other has its nodes",
        ),
        pytest.param(
            pool(b=0, c=1),
            Seen({"dev-web-b": group(A1), "dev-web-c": group("dev-web-c-aaa1")}, nodes(A1, "dev-web-c-aaa1")),
            Cordon(A1),
            id="and then it is",
        ),
        pytest.param(
            pool(b=1),
            Seen({"dev-web-b": Group(NEW, (Machine(A1, NEW, "DELETING"), NEW_ONE))}, nodes(A1, A2)),
            None,
            id="what is being deleted is waited for",
        ),
    ],
)
def test_the_next_step(wanted: Pool, seen: Seen, step: Step | None) -> None:
    assert plan_pools(asked(wanted), seen, NOW).step == step


@pytest.mark.parametrize(
    ("wanted", "there", "many"),
    [
        pytest.param(pool(b=3), group(), 3, id="all at once"),
        pytest.param(pool(b=3), group(A1), 2, id="what is missing"),
        pytest.param(pool(b=2), group(A1, A2, template=OLD), 1, id="as many as the surge lets it"),
        pytest.param(pool(b=2, surge=2), group(A1, A2, template=OLD), 2, id="a larger surge"),
        pytest.param(
            pool(b=2),
            Group(NEW, (Machine(A1, OLD, "DELETING"), Machine(A2, NEW))),
            1,
            id="one that is being deleted counts against the surge",
        ),
    ],
)
def test_growth(wanted: Pool, there: Group, many: int) -> None:
    step = plan_pools(asked(wanted), Seen({"dev-web-b": there}), NOW).step
    assert isinstance(step, Grow)
    zone = wanted.zones[0]
    assert (len(set(step.machines)), all(map(zone.has, step.machines))) == (many, True)


def test_only_one_node_of_all_pools_is_drained() -> None:
    seen = Seen(
        {"dev-web-b": group(A1, A2), "dev-db-b": group("dev-db-b-aaa1", "dev-db-b-aaa2")},
        {A1: DRAINED, **nodes(A2, "dev-db-b-aaa1", "dev-db-b-aaa2")},
        (pod("x", A1),),
        (BUDGET,),
    )
    plan = plan_pools(asked(pool(b=1), pool("db", b=1)), seen, NOW)
    assert (plan.step, plan.zones[0].doing) == (None, f"waits until {A1} is drained")


def view(seen: Seen, wanted: Pool | None = None) -> ZoneView:
    return plan_pools(asked(wanted or pool(b=1)), seen, NOW).zones[0]


KEPT = f"default/x on {A1} is kept by the budget default/web, which allows no eviction now"
LATE = Node(A1, cordoned=True, draining_since=NOW - 660)


@pytest.mark.parametrize(
    ("seen", "doing", "stuck"),
    [
        pytest.param(Seen({"dev-web-b": group(A1)}, nodes(A1)), "", "", id="as asked"),
        pytest.param(
            Seen({"dev-web-b": group(A1)}, nodes(A1, A2)),
            f"waits until the Node of {A2}, whose VM is gone, is deleted",
            "",
            id="a Node of a machine that is gone",
        ),
        pytest.param(Seen({"dev-web-b": group(A1)}), f"waits until {A1} joins", "", id="it boots"),
        pytest.param(
            Seen({"dev-web-b": group(A1)}, nodes(A1, ready=False)),
            f"waits until {A1} is Ready",
            "",
            id="it joined",
        ),
        pytest.param(
            Seen({"dev-web-b": group(A1, status="", action="CREATING", problem="QUOTA_EXCEEDED: CPUS")}),
            "",
            "QUOTA_EXCEEDED: CPUS",
            id="Google makes none",
        ),
        pytest.param(
            Seen({"dev-web-b": group(A1)}, nodes(A1, cordoned=True)),
            "",
            f"{A1} was cordoned by somebody else: `kubectl uncordon {A1}`",
            id="somebody cordoned it",
        ),
        pytest.param(
            Seen({"dev-web-b": group(A1, A2)}, {A1: DRAINED, **nodes(A2)}, (pod("x", A1),), (BUDGET,)),
            f"drains {A1}: {KEPT} (60 s by now)",
            "",
            id="a budget keeps a pod",
        ),
        pytest.param(
            Seen({"dev-web-b": group(A1, A2)}, {A1: LATE, **nodes(A2)}, (pod("x", A1),), (BUDGET,)),
            "",
            f"{KEPT} (for 11 min, longer than drainTimeout lets it)",
            id="for too long",
        ),
        pytest.param(
            Seen({"dev-web-b": group(A1, A2)}, {A1: LATE, **nodes(A2)}, (pod("x", A1, ending=True),)),
            "",
            f"default/x on {A1} still ends (for 11 min, longer than drainTimeout lets it)",
            id="a pod that doesn't end",
        ),
        pytest.param(Seen({}), "", "there is no group dev-web-b: run `pulumi up` again", id="no group"),
    ],
)
def test_what_is_said_of_a_zone(seen: Seen, doing: str, stuck: str) -> None:
    found = view(seen)
    assert (found.doing, found.stuck) == (doing, stuck)


def test_what_the_autoscaler_makes_is_waited_for_by_nobody() -> None:
    seen = Seen({"dev-web-b": group(A1, A2)}, nodes(A1))
    found = view(seen, pool(b=1, most=3))
    assert found.settled
    assert (found.wanted, found.most, found.machines, found.ready) == (1, 3, 2, 1)
    assert not view(Seen({"dev-web-b": group(A1, A2)}), pool(b=1, most=3)).settled


def test_after_the_timeout_a_drain_goes_on_once_the_budget_lets_go() -> None:
    lets_go = Budget("default", "web", {"matchLabels": {"app": "web"}}, 1)
    seen = Seen({"dev-web-b": group(A1, A2)}, {A1: LATE, **nodes(A2)}, (pod("x", A1),), (lets_go,))
    assert plan_pools(asked(pool(b=1)), seen, NOW).step == Evict(A1, (pod("x", A1),))


@pytest.mark.parametrize(
    ("selector", "covers"),
    [
        pytest.param({}, True, id="an empty one is all"),
        pytest.param({"matchLabels": {"app": "db"}}, False, id="another label"),
        pytest.param(
            {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}, True, id="in"
        ),
        pytest.param(
            {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False, id="not in"
        ),
        pytest.param({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False, id="exists"),
        pytest.param({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True, id="doesn't"),
        pytest.param(
            {"matchExpressions": [{"key": "app", "operator": "Later"}]}, True, id="one of a later release"
        ),
    ],
)
def test_which_pods_a_budget_covers(selector: dict[str, Any], covers: bool) -> None:
    assert Budget("default", "web", selector).covers(pod("x", A1)) is covers
