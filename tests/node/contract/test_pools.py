"""Pools of workers in the bucket: one text for one value, and nothing half understood."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from node.contract.fields import FormatError
from node.contract.pools import Pool, Pools, PoolZone, group_name, same_template, template_name

B = PoolZone("europe-west1-b", "dev-web-b", 3)
C = PoolZone("europe-west1-c", "dev-web-c", 2)
WEB = Pool("web", (B, C), "projects/p/regions/europe-west1/instanceTemplates/dev-web-0f0f0f0f", 1, 0, 600)
POOLS = Pools("dev", "p", "dev-workers@p.iam.gserviceaccount.com", (WEB,))
LEAVING = replace(WEB, name="old", zones=(PoolZone("europe-west1-b", "dev-old-b", 0),), template="")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(POOLS, id="pools"),
        pytest.param(replace(POOLS, pools=()), id="none"),
        pytest.param(replace(POOLS, pools=(WEB, LEAVING)), id="one-leaves"),
        pytest.param(replace(POOLS, pools=(replace(WEB, zones=(replace(B, most=9), C)),)), id="one-scales"),
    ],
)
def test_what_is_written_is_read(value: Pools) -> None:
    assert Pools.parse(value.to_json()) == value


def test_the_order_of_pools_and_zones_changes_nothing() -> None:
    turned = replace(POOLS, pools=(LEAVING, replace(WEB, zones=(C, B))))
    assert turned.to_json() == replace(POOLS, pools=(WEB, LEAVING)).to_json()


def _pool(**changes: Any) -> str:
    listed = json.loads(POOLS.to_json())
    listed["pools"][0] |= changes
    return json.dumps(listed)


def _zone(**changes: Any) -> str:
    return _pool(zones=[{"zone": "europe-west1-b", "group": "dev-web-b", "size": 3} | changes])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "not JSON", id="empty-object"),
        pytest.param(_pool(spot=True), r"pools\[0\].spot is unknown", id="unknown-field"),
        pytest.param(_pool(name="a-name-of-11"), "10 at most", id="name-too-long"),
        pytest.param(_pool(zones=[]), "one zone at least", id="no-zone"),
        pytest.param(_pool(template=""), "name the template", id="no-template"),
        pytest.param(_pool(maxSurge=0), "ever be replaced", id="neither-surge-nor-unavailable"),
        pytest.param(_pool(drainTimeoutSeconds=0), "expected 1 or more", id="no-time-to-drain"),
        pytest.param(_zone(size=-1), "zero or more", id="less-than-none"),
        pytest.param(_zone(size="3"), "whole number", id="size-as-text"),
        pytest.param(_zone(max=2), "max is 2; expected 3 or more", id="at-most-less-than-at-least"),
        pytest.param(_zone(size=0, max=0), "max is 0; expected 1 or more", id="never-any"),
        pytest.param(_zone(group="Web"), "lower-case", id="group-name"),
        pytest.param(POOLS.to_json().replace("dev-workers@p", "workers"), "the email of", id="no-email"),
    ],
)
def test_pools_are_refused(text: str, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        Pools.parse(text)


def test_no_two_groups_are_one() -> None:
    with pytest.raises(FormatError, match="'dev-web-b' more than once"):
        replace(POOLS, pools=(WEB, replace(LEAVING, zones=(B,), template="t")))


@pytest.mark.parametrize(
    ("machine", "is_its"),
    [
        pytest.param("dev-web-b-x1y2", True, id="its"),
        pytest.param("dev-web-c-x1y2", False, id="another-zone's"),
        pytest.param("dev-web-b", False, id="the-group-itself"),
        pytest.param("dev-web-b-b-x1y2", False, id="of-a-longer-name"),
    ],
)
def test_a_group_knows_its_machines(machine: str, is_its: bool) -> None:
    assert B.has(machine) is is_its


def test_group_is_named_for_cluster_pool_and_zone() -> None:
    assert group_name("dev", "web", "europe-west1-b") == "dev-web-b"


def test_a_template_is_named_by_its_content_and_never_as_one_before() -> None:
    x, y = "dev-web-0f0f0f0f", "dev-web-1a1a1a1a"
    history = [template_name(x, "")]
    for content in (x, y, y, x, y, x):
        history.append(template_name(content, history[-1]))
    assert history[0] == history[1] == x
    assert history[2] == history[3], "what is recorded is kept while its content is asked for"
    names = [history[0], history[2], *history[4:]]
    assert len(set(names)) == len(names), "taken back, it is another one"
    assert [same_template(name, x) for name in names] == [True, False, True, False, True]
    assert same_template(f"https://a/projects/p/{history[4]}", f"https://b/projects/p/{x}")
