"""A Node goes when its VM is gone, after a while, and never for want of an answer or of another's name."""

from __future__ import annotations

import pytest

from node.agent.workers.departures import PATIENCE_SECONDS, Missing, Node, gone, zone_of

NAME = "dev-web-b-x1z9"
LATER = 1000.0 + PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("node", "zone"),
    [
        pytest.param(NAME, "europe-west1-b", id="a worker"),
        pytest.param("dev-a-pool-c-0000", "europe-west1-c", id="of a pool with a dash"),
        pytest.param("dev-m1-b", "", id="a master"),
        pytest.param("prod-web-b-x1z9", "", id="another cluster's"),
        pytest.param("dev-b-x1z9", "", id="without a pool"),
        pytest.param("kwok-node-0001", "", id="somebody else's"),
        pytest.param("dev-web-b-x1z99", "", id="too long"),
    ],
)
def test_a_workers_name_says_its_zone(node: str, zone: str) -> None:
    assert zone_of(node, "dev", "europe-west1") == zone


@pytest.mark.parametrize(
    ("node", "ids", "since", "expected"),
    [
        pytest.param(Node(NAME), {NAME: "1"}, {}, "", id="its VM is there"),
        pytest.param(Node(NAME, "1"), {NAME: "1"}, {}, "", id="its very VM is there"),
        pytest.param(Node(NAME), {}, {}, "", id="missed for the first time"),
        pytest.param(Node(NAME), {}, {NAME: LATER - 1}, "", id="missed a moment ago"),
        pytest.param(Node(NAME), {}, {NAME: 1000.0}, "its VM is gone", id="missed for long"),
        pytest.param(Node(NAME), {NAME: "1"}, {NAME: 1000.0}, "", id="missed, and there again"),
        pytest.param(
            Node(NAME, "1"), {NAME: "2"}, {}, "its VM 1 is gone, and 2 has its name", id="made anew under its name"
        ),
        pytest.param(Node(NAME), {"dev-web-b-0000": "1"}, {NAME: 1000.0}, "its VM is gone", id="only others there"),
    ],
)  # fmt: skip
def test_a_node_goes_with_its_vm(
    node: Node, ids: dict[str, str], since: dict[str, float], expected: str
) -> None:
    found, _ = gone([node], ids, Missing(since), LATER)
    assert found == ({NAME: expected} if expected else {})


def test_patience_begins_with_the_first_look_that_misses_it() -> None:
    _, missing = gone([Node(NAME)], {}, Missing(), 1000.0)
    _, missing = gone([Node(NAME)], {}, missing, 1030.0)
    assert missing == Missing({NAME: 1000.0})


def test_who_is_there_again_is_forgotten() -> None:
    _, missing = gone([Node(NAME)], {NAME: "1"}, Missing({NAME: 1000.0}), LATER)
    assert missing == Missing()
