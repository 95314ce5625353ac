"""Random lists without an engine: hundreds of them through the plan that previews begin with, dozens through the program."""

from __future__ import annotations

import json
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from components.preview.transition import Address, Balancer, Transition
from components.standing.facts import KnownMaster
from tests.components.recording import Run, run_program
from tests.fuzz.lists import Listed, edited, first

SEEDS = st.integers(min_value=0, max_value=2**32)


def summaries(listed: Listed) -> tuple[KnownMaster, ...]:
    pairs = (replica.split("/") for replica in listed.replicas)
    return tuple(KnownMaster(f"{name}-{letter}", f"europe-west1-{letter}") for name, letter in pairs)


@given(SEEDS)
@settings(max_examples=500, deadline=None)
def test_a_plan_leads_from_the_one_list_to_the_other(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    before = first(random)
    _, after = edited(random, before, first(random))
    both = len(before.replicas) > 1, len(after.replicas) > 1
    change = Transition(summaries(before), summaries(after), *both)
    voters = set(before.identities)
    counts = [len(voters)]
    for step in change.steps:
        (voters.add if step.does == "joins" else voters.remove)(step.who)
        counts.append(len(voters))
        assert step.voters == len(voters)
    assert voters == set(after.identities)
    # All who are new join before the first one leaves, one at a time, so quorum is never smaller than it has to be.
    assert min(counts) >= min(counts[0], counts[-1])
    assert all(abs(a - b) == 1 for a, b in pairwise(counts))
    assert (change.address is Address.REPLACED) == (both[0] != both[1])
    assert (change.balancer is Balancer.COMES) == (both == (False, True))
    assert (change.balancer is Balancer.GOES) == (both == (True, False))


@given(SEEDS)
@settings(max_examples=6, deadline=None)
def test_the_program_orders_any_list(seed: int) -> None:
    """`run_program` itself refuses a logical name that is used twice."""
    random = Random(seed)  # noqa: S311
    before = first(random)
    _, wanted = edited(random, before, first(random))
    run = run_program(_config(wanted), standing=before.identities)
    identities = wanted.identities
    assert {each.inputs["name"] for each in run.of_type("gcp:compute/instance:Instance")} == {
        f"dev-{identity}" for identity in identities
    }
    _names_are_unique(run)
    assert len(run.of_type("gcp:compute/forwardingRule:ForwardingRule")) == 1
    rule_waits = run.waits_for("api-rule")
    for identity in identities:
        assert {f"{identity}-turn", "etcd-desired-members"} <= run.waits_for(f"{identity}-vm")
        assert f"{identity}-vm" in rule_waits
        assert "etcd-desired-retained" not in rule_waits
    assert {"api-rule", "api-ready"} <= run.waits_for("etcd-desired-retained")
    chain = [identity for identity in identities if identity in before.identities]
    ill = random.choice(identities)
    stuck = run_program(_config(wanted), standing=before.identities, failing=f"{ill}-ready")
    behind = set(chain[chain.index(ill) + 1 :]) if ill in chain else set()
    if [ill] == chain and len(before.replicas) == 1:
        behind = set(identities) - set(chain)
    assert {identity for identity in identities if f"{identity}-turn" not in stuck} == behind


def _names_are_unique(run: Run) -> None:
    """Google's names, in the type and the place that they have to be unique in."""
    seen: set[tuple[str, ...]] = set()
    for each in run.resources.values():
        name = each.inputs.get("name")
        if not each.type.startswith("gcp:compute/") or not isinstance(name, str) or "Attachment" in each.type:
            continue
        place = str(each.inputs.get("zone") or each.inputs.get("region") or "global")
        key = (each.type, place, name)
        assert key not in seen
        seen.add(key)


def _config(listed: Listed) -> dict[str, str]:
    replicas = [
        {"name": name, "zone": f"europe-west1-{letter}"}
        for name, letter in (replica.split("/") for replica in listed.replicas)
    ]
    return {
        "ha-masters:clusterName": "dev",
        "ha-masters:replicas": json.dumps(replicas),
        "ha-masters:masters": json.dumps({"machineType": listed.machine_type}),
    }
