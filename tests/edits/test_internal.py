"""`api.internal` of a living cluster: from the public address to the internal one and back, by way of both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.edits import judge
from tests.edits.table import living, merged, parsed, stood

POOL = {"pools": [{"name": "web", "zones": ["europe-west1-b"], "size": 1}]}


def api(internal: str, *, protected: bool = True, **more: Any) -> dict[str, Any]:
    return {"api": {"internal": internal, "protectAddress": protected}, **more}


def found(before: dict[str, Any], after: dict[str, Any]) -> tuple[list[str], list[str]]:
    judged = judge(stood(merged(living(), before)), parsed(merged(living(), after)))
    return [str(each) for each in judged.refusals], [str(each) for each in judged.notes]


@pytest.mark.parametrize("former", [None, "none"], ids=["of a first update", "of a later one"])
def test_an_address_that_was_reserved_and_no_more_is_not_given_up_while_it_is_protected(
    former: str | None,
) -> None:
    cut_off = replace(stood(living()), internal=former, internal_address="10.0.0.99")
    [refusal] = judge(cut_off, parsed(living())).refusals
    assert "Write beside with api.protectAddress false in an update of its own" in str(refusal)
    assert not judge(replace(cut_off, address_protected=False), parsed(living())).refusals


@pytest.mark.parametrize("mode", ["none", "beside", "only"])
def test_of_the_same_addresses_nothing_is_said(mode: str) -> None:
    assert found(api(mode), api(mode)) == ([], [])


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(
            api("none", **POOL),
            api("beside", **POOL),
            "Workers then reach the API by it: each pool's machines are exchanged",
            id="it comes, with workers",
        ),
        pytest.param(
            api("beside", protected=False),
            api("none", protected=False),
            "loses the API when the first master takes it over",
            id="it goes",
        ),
        pytest.param(
            api("beside", protected=False),
            api("only", protected=False),
            "whoever runs kubectl has to be inside the network",
            id="the public one goes",
        ),
        pytest.param(api("only"), api("beside"), "A public address is reserved", id="a public one comes"),
        pytest.param(
            api("only", **POOL),
            api("beside", **POOL),
            "pods on workers that ask `kubernetes.default` may find nobody until it is served",
            id="a public one comes, with workers",
        ),
    ],
)
def test_what_an_address_that_comes_or_goes_costs_is_told(
    before: dict[str, Any], after: dict[str, Any], says: str
) -> None:
    refused, [note] = found(before, after)
    assert not refused
    assert says in note


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(api("only"), api("none"), "Write beside first", id="from one to the other at once"),
        pytest.param(
            api("beside"), api("only"), "The public address would be released", id="a protected public one"
        ),
        pytest.param(
            api("beside"),
            api("none", protected=False),
            "Set api.protectAddress to false in an update of its own",
            id="protection that would fall in the same update",
        ),
        pytest.param(
            api("beside", protected=False, **POOL),
            api("none", protected=False, **POOL),
            "Take the pools away first",
            id="while workers use it",
        ),
    ],
)
def test_an_address_that_somebody_needs_stays(
    before: dict[str, Any], after: dict[str, Any], says: str
) -> None:
    [refusal], _ = found(before, after)
    assert says in refusal


def test_an_address_that_was_reserved_elsewhere_is_not_deleted_and_may_be_left() -> None:
    known = replace(stood(merged(living(), api("beside"))), address_name="kube-master-ip")
    assert judge(known, parsed(merged(living(), api("only")))).refusals == ()


def test_one_master_alone_keeps_its_kind_of_rule() -> None:
    """What the public rule points at isn't judged where there is none."""
    alone = {"replicas": ["m1/b"]}
    _, notes = found({**api("beside", protected=False), **alone}, {**api("only", protected=False), **alone})
    assert not [note for note in notes if note.startswith("api.loadBalancer")]
