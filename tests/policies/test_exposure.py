"""Rules on who can reach etcd and the API."""

from __future__ import annotations

from typing import Any

import pytest

from node.contract.ports import ETCD_CLIENT, ETCD_PEER
from policies.exposure import ETCD_PORTS, api_open, etcd_closed
from policies.resource_inputs import FIREWALL
from tests.policies.judging import ENDPOINT, UNKNOWN, judged

ETCD = [{"protocol": "tcp", "ports": ["2379-2380"]}]
BETWEEN_MASTERS = {
    "network": UNKNOWN,
    "allows": ETCD,
    "sourceTags": ["dev-master"],
    "targetTags": ["dev-master"],
}


@pytest.mark.parametrize(
    ("rule", "speaks"),
    [
        pytest.param({}, False, id="between masters"),
        pytest.param({"sourceTags": [], "sourceRanges": ["0.0.0.0/0"]}, True, id="the world"),
        pytest.param({"sourceRanges": ["10.0.0.0/8"]}, True, id="masters and a range"),
        pytest.param({"sourceTags": ["dev-master", "dev-worker"]}, True, id="masters and workers"),
        pytest.param({"sourceTags": None}, True, id="nobody named is everyone"),
        pytest.param({"targetTags": []}, True, id="to all machines"),
        pytest.param({"targetTags": ["dev-worker"], "sourceTags": ["dev-worker"]}, False, id="among workers"),
        pytest.param(
            {"allows": [{"protocol": "all"}], "sourceRanges": ["10.0.0.0/8"]}, True, id="all protocols"
        ),
        pytest.param(
            {"allows": [{"protocol": "tcp"}], "sourceRanges": ["10.0.0.0/8"]}, True, id="all of TCP"
        ),
        pytest.param(
            {"allows": [{"protocol": "tcp", "ports": ["1-2379"]}], "sourceRanges": ["10.0.0.0/8"]},
            True,
            id="a part",
        ),
        pytest.param(
            {"allows": [{"protocol": "tcp", "ports": ["443", "2381-65535"]}], "sourceRanges": ["0.0.0.0/0"]},
            False,
            id="around them",
        ),
        pytest.param({"allows": [{"protocol": "icmp"}], "sourceRanges": ["0.0.0.0/0"]}, False, id="ping"),
        pytest.param({"allows": [], "denies": ETCD, "sourceRanges": ["0.0.0.0/0"]}, False, id="denied"),
        pytest.param(
            {"direction": "EGRESS", "destinationRanges": ["0.0.0.0/0"], "sourceTags": []}, False, id="out"
        ),
        pytest.param({"disabled": True, "sourceRanges": ["0.0.0.0/0"]}, False, id="disabled"),
    ],
)
def test_etcds_ports(rule: dict[str, Any], speaks: bool) -> None:
    assert bool(judged(etcd_closed, [FIREWALL], {**BETWEEN_MASTERS, **rule})) == speaks


def test_an_open_etcd_is_told_to_whom() -> None:
    rule = {**BETWEEN_MASTERS, "sourceRanges": ["10.0.0.0/8"], "sourceTags": []}
    assert judged(etcd_closed, [FIREWALL], rule, name="internal") == [
        "internal opens etcd's ports, 2379 and 2380, to 10.0.0.0/8. Who speaks to etcd reads and writes every secret of the "
        "cluster, past the API's permissions. Allow them from the masters' own tag only, and leave them out of rules for "
        "others."
    ]


@pytest.mark.parametrize(
    ("networks", "speaks"),
    [
        pytest.param([], False, id="closed"),
        pytest.param(["203.0.113.0/24", "10.0.0.0/8"], False, id="networks"),
        pytest.param(["203.0.113.0/24", "0.0.0.0/0"], True, id="the world"),
        pytest.param(["0.0.0.0/1", "128.0.0.0/1"], True, id="the world in halves"),
    ],
)
def test_an_open_api(networks: list[str], speaks: bool) -> None:
    assert bool(judged(api_open, [ENDPOINT], {"authorizedNetworks": networks})) == speaks


def test_how_open_is_open() -> None:
    inputs = {"authorizedNetworks": ["10.0.0.0/8"]}
    assert judged(api_open, [ENDPOINT], inputs, config={"shortestPrefix": 16})


def test_the_ports_are_those_that_masters_use() -> None:
    """The pack stands alone, so it has its own."""
    assert set(ETCD_PORTS) == {ETCD_CLIENT, ETCD_PEER}
