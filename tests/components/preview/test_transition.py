"""The plan for people: each sort of change, word by word, and what it is made of."""

from dataclasses import replace

import pytest

from components.config import ALWAYS, StackConfig, parse
from components.preview.transition import (
    Address,
    Balancer,
    Transition,
    describe,
    transition,
)
from components.standing.facts import KnownMaster


def masters(text: str) -> tuple[KnownMaster, ...]:
    """`m1-b m2-c` in europe-west1."""
    return tuple(KnownMaster(word, f"europe-west1-{word[-1]}") for word in text.split())


def change(before: str, after: str) -> Transition:
    had, has = (len(masters(each)) > 1 for each in (before, after))
    return Transition(masters(before), masters(after), had, has)


def asked(replicas: str, open_to: tuple[str, ...] = ("203.0.113.0/24",)) -> StackConfig:
    return parse(
        {
            "clusterName": "prod",
            "replicas": [{"name": each.name, "zone": each.zone} for each in masters(replicas)],
            "api": {"authorizedNetworks": list(open_to)},
        },
        region="europe-west1",
        project="my-project",
    )


@pytest.mark.parametrize(
    ("before", "balanced", "after", "balancer", "address"),
    [
        pytest.param("", None, "m1-b", Balancer.COMES, Address.RESERVED, id="create 1"),
        pytest.param("m1-b", True, "m1-b m2-c m3-d", Balancer.STAYS, Address.STAYS, id="1 to 3"),
        pytest.param("m1-b m2-c m3-d", True, "m1-b", Balancer.STAYS, Address.STAYS, id="3 to 1"),
        pytest.param("m1-b", True, "m2-c", Balancer.STAYS, Address.STAYS, id="swap the sole master"),
        pytest.param("m1-b", False, "m1-b", Balancer.COMES, Address.REPLACED, id="1, balanced from now on"),
    ],
)
def test_an_address_that_is_always_balanced_stays(
    before: str, balanced: bool | None, after: str, balancer: Balancer, address: Address
) -> None:
    config = asked(after)
    always = replace(config, api=replace(config.api, load_balancer=ALWAYS))
    plan = transition(masters(before), always, balanced)
    assert (plan.balancer, plan.address) == (balancer, address)


@pytest.mark.parametrize(
    ("before", "after", "voters", "tolerated"),
    [
        pytest.param("", "m1-b", [1], [0], id="create 1"),
        pytest.param("", "m1-b m2-c m3-d", [1, 2, 3], [0, 0, 1], id="create 3"),
        pytest.param("m1-b", "m1-b m2-c m3-d", [2, 3], [0, 1], id="1 to 3"),
        pytest.param("m1-b m2-c m3-d", "m1-b m2-c m3-d m4-b m5-c", [4, 5], [1, 2], id="3 to 5"),
        pytest.param("m1-b m2-c m3-d m4-b m5-c", "m1-b m2-c m3-d", [4, 3], [1, 1], id="5 to 3"),
        pytest.param("m1-b m2-c m3-d", "m1-b", [2, 1], [0, 0], id="3 to 1"),
        pytest.param("m1-b", "m1-b m2-c", [2], [0], id="1 to 2"),
        pytest.param("m1-b m2-c", "m2-c", [1], [0], id="2 to 1"),
        pytest.param("m1-b m2-c m3-d", "m1-b m2-c m4-d", [4, 3], [1, 1], id="swap one of three"),
        pytest.param("m1-b m2-c m3-d", "m1-b m2-c m3-b", [4, 3], [1, 1], id="move a zone"),
        pytest.param("m1-b", "m2-c", [2, 1], [0, 0], id="swap the sole master"),
        pytest.param("m1-b m2-c m3-d", "m3-d m1-b m2-c", [], [], id="another order"),
    ],
)
def test_grows_before_it_shrinks(before: str, after: str, voters: list[int], tolerated: list[int]) -> None:
    steps = change(before, after).steps
    assert ([step.voters for step in steps], [step.tolerates for step in steps]) == (voters, tolerated)


@pytest.mark.parametrize(
    ("before", "after", "balancer", "address"),
    [
        pytest.param("", "m1-b", Balancer.ABSENT, Address.RESERVED, id="create 1"),
        pytest.param("", "m1-b m2-c m3-d", Balancer.COMES, Address.RESERVED, id="create 3"),
        pytest.param("m1-b", "m1-b m2-c m3-d", Balancer.COMES, Address.REPLACED, id="1 to 3"),
        pytest.param("m1-b m2-c m3-d", "m1-b", Balancer.GOES, Address.REPLACED, id="3 to 1"),
        pytest.param("m1-b m2-c m3-d", "m4-b", Balancer.GOES, Address.REPLACED, id="3 to another 1"),
        pytest.param("m1-b", "m2-c", Balancer.ABSENT, Address.RETARGETED, id="swap the sole master"),
        pytest.param("m1-b", "m1-c", Balancer.ABSENT, Address.RETARGETED, id="move the sole master"),
        pytest.param("m1-b", "m1-b", Balancer.ABSENT, Address.STAYS, id="1, unchanged"),
        pytest.param("m1-b m2-c m3-d", "m1-b m2-c", Balancer.STAYS, Address.STAYS, id="3 to 2"),
        pytest.param(
            "m1-b m2-c m3-d", "m1-b m2-c m4-d", Balancer.STAYS, Address.STAYS, id="swap one of three"
        ),
    ],
)
def test_what_becomes_of_balancer_and_address(
    before: str, after: str, balancer: Balancer, address: Address
) -> None:
    assert (change(before, after).balancer, change(before, after).address) == (balancer, address)


@pytest.mark.parametrize(
    ("before", "after", "warnings"),
    [
        pytest.param("m1-b", "m1-b m2-c m3-d", [], id="three in three zones"),
        pytest.param("", "m1-b", [], id="one alone"),
        pytest.param(
            "m1-b",
            "m1-b m2-c",
            ["2 voters tolerate no failure, as 1 would, and one more machine can fail: use 1 or 3."],
            id="two",
        ),
        pytest.param(
            "m1-b m2-c m3-d",
            "m1-b m2-c m3-d m4-b",
            [
                "4 voters tolerate 1 failure, as 3 would, and one more machine can fail: use 3 or 5.",
                "m1-b and m4-b share europe-west1-b: its loss takes 2 of 4 voters, and quorum with them.",
            ],
            id="four",
        ),
        pytest.param(
            "",
            "m1-b m2-b m3-c m4-c m5-d",
            [
                "m1-b and m2-b share europe-west1-b: its loss takes 2 of 5 voters.",
                "m3-c and m4-c share europe-west1-c: its loss takes 2 of 5 voters.",
            ],
            id="two zones of two",
        ),
        pytest.param(
            "m1-b m2-c m3-d",
            "m1-b",
            [
                "2 voters leave in one update (m2-c and m3-d): they go one at a time, but their data is gone together; "
                "smaller updates are easier to stop."
            ],
            id="two leave",
        ),
        pytest.param(
            "m1-b m2-c m3-d m4-b m5-c",
            "m6-b m7-c m8-d",
            [
                "5 voters leave in one update (m1-b, m2-c, m3-d, m4-b and m5-c): they go one at a time, but their data "
                "is gone together; smaller updates are easier to stop.",
                "There are 8 voters before the first leaves: writes are slower until then.",
            ],
            id="all leave",
        ),
    ],
)
def test_warnings(before: str, after: str, warnings: list[str]) -> None:
    assert list(change(before, after).warnings) == warnings


DESCRIPTIONS = {
    "create 3": (
        None,
        "m1-b m2-c m3-d",
        """\
prod: a new control plane of 3 masters, 1 failure tolerated.
  + m1-b in europe-west1-b
  + m2-c in europe-west1-c
  + m3-d in europe-west1-d
  etcd, step by step:
    m1-b founds the cluster  1 voter, tolerates 0
    m2-c joins               2 voters, tolerates 0
    m3-d joins               3 voters, tolerates 1
  Load balancer: created, before the address points at it.
  Address: reserved, and given to a forwarding rule once all masters serve.""",
    ),
    "1 to 3": (
        "m1-b",
        "m1-b m2-c m3-d",
        """\
prod: 1 master → 3 masters, 1 failure tolerated.
  + m2-c in europe-west1-c
  + m3-d in europe-west1-d
  etcd, step by step:
    m2-c joins  2 voters, tolerates 0
    m3-d joins  3 voters, tolerates 1
  Load balancer: created, before the address points at it.
  Address: its rule is deleted and created again: expect 5 to 20 s without the API.""",
    ),
    "move and swap": (
        "m1-b m2-c m3-d",
        "m1-c m2-c m4-d",
        """\
prod: 3 masters → 3 masters, 1 failure tolerated.
  ~ m1 moves from europe-west1-b to europe-west1-c: m1-c joins before m1-b leaves
  + m4-d in europe-west1-d
  - m3-d in europe-west1-d
  etcd, step by step:
    m1-c joins   4 voters, tolerates 1
    m4-d joins   5 voters, tolerates 2
    m1-b leaves  4 voters, tolerates 1
    m3-d leaves  3 voters, tolerates 1
  Load balancer: stays.
  Address: stays where it is.
  Note: m1-c and m2-c share europe-west1-c: its loss takes 2 of 3 voters, and quorum with them.
  Note: 2 voters leave in one update (m1-b and m3-d): they go one at a time, but their data is gone together; \
smaller updates are easier to stop.""",
    ),
    "swap the sole master": (
        "m1-b",
        "m2-c",
        """\
prod: 1 master → 1 master, no failure tolerated.
  + m2-c in europe-west1-c
  - m1-b in europe-west1-b
  etcd, step by step:
    m2-c joins   2 voters, tolerates 0
    m1-b leaves  1 voter, tolerates 0
  Load balancer: none: the forwarding rule targets the only master.
  Address: its rule is pointed at the new master in place: no gap.
  Note: m1-b holds the only copy of the cluster's data and has to be up to hand it over: if it is lost, no swap brings the \
data back, but a snapshot does.""",
    ),
    "nothing": ("m1-b m2-c m3-d", "m1-b m2-c m3-d", "prod: the same 3 masters, 1 failure tolerated."),
}


@pytest.mark.parametrize(
    ("before", "after", "text"), [pytest.param(*case, id=name) for name, case in DESCRIPTIONS.items()]
)
def test_description(before: str | None, after: str, text: str) -> None:
    assert describe(masters(before) if before else None, asked(after)) == text


def test_a_new_cluster_that_nobody_outside_reaches_says_so() -> None:
    assert describe(None, asked("m1-b", open_to=())).endswith(
        "  Note: api.authorizedNetworks is empty: the API is reached from inside the network only."
    )


def test_a_replica_that_moves_is_two_members() -> None:
    [move] = transition(masters("m1-b m2-c m3-d"), asked("m1-b m2-c m3-b")).moves
    assert (move.old.identity, move.new.identity) == ("m3-d", "m3-b")
