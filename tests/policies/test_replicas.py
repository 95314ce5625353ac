"""Rules on how many masters there are, and where."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_policy import ResourceValidationPolicy

from policies import replicas
from tests.policies.judging import CONTROL_PLANE, judged


def asked(text: str) -> dict[str, Any]:
    """`m1-b m2-c` as `ControlPlane` records them."""
    return {
        "replicas": [
            {"name": word[:-2], "zone": f"europe-west1-{word[-1]}", "identity": word} for word in text.split()
        ]
    }


RULES = [replicas.not_two, replicas.odd, replicas.not_too_many, replicas.spread, replicas.zone_majority]


def broken(text: str, **config: Any) -> list[str]:
    """The names of the rules that speak."""

    def of(rule: ResourceValidationPolicy) -> dict[str, Any]:
        keys = rule.config_schema.properties if rule.config_schema else {}
        return {key: value for key, value in config.items() if key in keys}

    return [rule.name for rule in RULES if judged(rule, [CONTROL_PLANE], asked(text), config=of(rule))]


@pytest.mark.parametrize(
    ("masters", "rules"),
    [
        pytest.param("m1-b", [], id="one"),
        pytest.param("m1-b m2-c", ["two-replicas"], id="two"),
        pytest.param("m1-b m2-b", ["two-replicas", "zones-spread", "zone-majority"], id="two in one zone"),
        pytest.param("m1-b m2-c m3-d", [], id="three"),
        pytest.param("m1-b m2-b m3-c", ["zones-spread", "zone-majority"], id="three in two zones"),
        pytest.param("m1-b m2-c m3-d m4-b", ["even-replicas"], id="four"),
        pytest.param("m1-b m2-c m3-d m4-b m5-c", [], id="five in three zones"),
        pytest.param("m1-b m2-b m3-b m4-c m5-d", ["zone-majority"], id="five, three of them in one zone"),
        pytest.param("m1-b m2-c m3-d m4-b m5-c m6-d m7-b", [], id="seven"),
        pytest.param(
            "m1-b m2-c m3-d m4-b m5-c m6-d m7-b m8-c", ["even-replicas", "too-many-replicas"], id="eight"
        ),
    ],
)
def test_which_rules_speak(masters: str, rules: list[str]) -> None:
    assert broken(masters) == rules


def test_a_region_of_four_zones_has_one_free() -> None:
    assert broken("m1-b m2-c m3-d m4-b m5-c", zonesInRegion=4) == ["zones-spread"]


def test_a_lower_limit() -> None:
    assert broken("m1-b m2-c m3-d m4-b m5-c", most=3) == ["too-many-replicas"]


def test_two_masters_are_told_why_and_what_to_do() -> None:
    assert judged(replicas.not_two, [CONTROL_PLANE], asked("m1-b m2-c")) == [
        "There would be two masters, m1-b and m2-c. Both must agree to each write, so the loss of either stops the API: "
        "twice the risk of one master. Ask for one or three. To pass through two on purpose, set two-replicas to advisory "
        "in the file of --policy-pack-config, for that update."
    ]


def test_a_shared_zone_is_told_which_to_move() -> None:
    assert judged(replicas.spread, [CONTROL_PLANE], asked("m1-b m2-b m3-c")) == [
        "m1-b and m2-b would share europe-west1-b, while the region has 3 zones and 2 are used. The loss of that zone would "
        "take 2 of 3 voters at once. Give one of them a zone that has no master; a move is one update, and grows first."
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_other_resources_are_not_looked_at(rule: ResourceValidationPolicy) -> None:
    assert judged(rule, ["ha-masters:index:ApiLoadBalancer"], {"replicas": ["m1-b", "m2-b"]}) == []
