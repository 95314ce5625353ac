"""The address of a forwarding rule: protocol forwarding, load balancing, health, draining, moving."""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

from tests.lab.network.stage import (
    CLIENT,
    EVERYWHERE,
    HEALTH_PORT,
    NEEDS_ROOT,
    PORT,
    PROBES,
    B,
    R,
    Stage,
    Talk,
)
from tests.waiting import until

pytestmark = [pytest.mark.root, pytest.mark.skipif(os.geteuid() != 0, reason=NEEDS_ROOT)]
BS = f"{R}/backendServices/bs"


def balanced(stage: Stage, *names: str, drain: int = 0) -> str:
    """These VMs behind the rule, all healthy; the rule's address."""
    address = stage.address()
    for name in names:
        stage.vm(name)
        stage.serve(name, HEALTH_PORT)
        stage.hold(address, name)
    stage.allow("clients", EVERYWHERE, ports=(PORT, HEALTH_PORT))
    stage.balance(*names, drain=drain)
    stage.forward(backendService=BS)
    stage.healthy(*names)
    stage.settled()
    return address


def spread(stage: Stage, address: str, count: int = 40) -> Counter[str]:
    return Counter(stage.answer(stage.client, address).get("name", "") for _ in range(count))


def test_a_target_instance_gets_packets_unchanged_on_the_rules_ports_only(stage: Stage) -> None:
    address = stage.address()
    stage.vm("m1")
    stage.serve("m1", 444)
    stage.hold(address, "m1")
    stage.allow("clients", EVERYWHERE, ports=(PORT, 444))
    stage.target("m1")
    assert not stage.answer(stage.client, address), "there is no rule yet"
    stage.forward(target=f"{B}/targetInstances/m1")
    stage.settled()
    assert stage.said(stage.client, address) == {"client": CLIENT, "at": address, "name": "m1"}
    assert not stage.answer(stage.client, address, 444)
    with_rule = Talk(stage.client, address)
    stage.unforward()
    stage.settled()
    assert not stage.answer(stage.client, address)
    assert not with_rule.echoes(), "without the rule, established connections end too"


def test_the_firewall_guards_the_address(stage: Stage) -> None:
    address = stage.address()
    stage.vm("m1")
    stage.hold(address, "m1")
    stage.target("m1")
    stage.forward(target=f"{B}/targetInstances/m1")
    stage.allow("clients", "198.51.100.11/32")
    stage.settled()
    assert not stage.answer(stage.client, address)
    assert stage.said(stage.client, address, source="198.51.100.11")["client"] == "198.51.100.11"


def test_connections_spread_and_a_holder_answers_itself(stage: Stage) -> None:
    address = balanced(stage, "m1", "m2", "m3")
    seen = spread(stage, address)
    assert set(seen) == {"m1", "m2", "m3"}, seen
    assert min(seen.values()) >= 4, seen
    assert {stage.said(stage.namespace("m2"), address)["name"] for _ in range(5)} == {"m2"}
    assert stage.said(stage.client, address)["client"] == CLIENT


def test_an_unhealthy_backend_gets_no_new_connections_and_keeps_its_old_ones(stage: Stage) -> None:
    address = balanced(stage, "m1", "m2")
    talks = [Talk(stage.client, address) for _ in range(12)]
    mine = [talk for talk in talks if talk.said["name"] == "m1"]
    assert mine
    stage.silence("m1", HEALTH_PORT)
    stage.healthy("m2")
    stage.settled()
    assert set(spread(stage, address, 12)) == {"m2"}
    assert all(talk.echoes() for talk in talks)
    entries = [e for e in stage.cloud.journal() if e["kind"] == "health"]
    assert [(e["instance"], e["state"]) for e in entries][-1] == ("m1", "UNHEALTHY")
    stage.serve("m1", HEALTH_PORT)
    stage.healthy("m1", "m2")
    stage.settled()
    assert set(spread(stage, address, 20)) == {"m1", "m2"}


def test_all_get_connections_when_none_is_healthy(stage: Stage) -> None:
    address = balanced(stage, "m1", "m2")
    for name in ("m1", "m2"):
        stage.silence(name, HEALTH_PORT)
    stage.healthy()
    stage.settled()
    assert set(spread(stage, address, 20)) == {"m1", "m2"}


def test_who_leaves_the_group_drains_and_is_cut_after_the_timeout(stage: Stage) -> None:
    address = balanced(stage, "m1", "m2", drain=2)
    talks = [Talk(stage.client, address) for _ in range(12)]
    mine = [talk for talk in talks if talk.said["name"] == "m1"]
    assert mine
    left = time.monotonic()
    stage.leave("m1")
    stage.settled()
    assert set(spread(stage, address, 12)) == {"m2"}
    assert all(talk.echoes() for talk in mine)
    until("m1's connections cut", lambda: not any(talk.echoes() for talk in mine), 5)
    assert time.monotonic() - left >= 2
    assert all(talk.echoes() for talk in talks if talk not in mine)


def test_without_a_drain_timeout_leaving_cuts_at_once(stage: Stage) -> None:
    address = balanced(stage, "m1", "m2")
    talks = [Talk(stage.client, address) for _ in range(12)]
    stage.leave("m1")
    stage.settled()
    assert {talk.said["name"] for talk in talks if talk.echoes()} == {"m2"}


def test_a_vm_that_is_gone_drops_out_at_once(stage: Stage) -> None:
    address = balanced(stage, "m1", "m2", drain=300)
    talks = [Talk(stage.client, address) for _ in range(12)]
    stage.ok(stage.cloud.call("DELETE", f"{B}/instances/m1"))
    stage.settled()
    assert set(spread(stage, address, 12)) == {"m2"}
    assert {talk.said["name"] for talk in talks if talk.echoes()} == {"m2"}


def test_a_power_cut_is_silence_until_the_probes_notice(stage: Stage) -> None:
    address = balanced(stage, "m1", "m2")
    stage.network.detach(stage.ids["m1"])
    stage.healthy("m2")
    stage.settled()
    assert set(spread(stage, address, 12)) == {"m2"}


def test_probes_need_a_firewall_rule_for_the_documented_range(stage: Stage) -> None:
    address = stage.address()
    stage.vm("m1")
    stage.serve("m1", HEALTH_PORT)
    stage.hold(address, "m1")
    stage.allow("clients", "198.51.100.0/24", ports=(PORT, HEALTH_PORT))
    stage.balance("m1")
    stage.forward(backendService=BS)
    stage.settled()
    stage.healthy()
    assert stage.said(stage.client, address)["name"] == "m1", "the last resort"
    stage.allow("probes", *PROBES, ports=(HEALTH_PORT,))
    stage.healthy("m1")


def test_the_rule_moves_from_a_target_instance_to_a_backend_service(stage: Stage) -> None:
    """How long a client finds nothing at the address, apart from Google's own times, which `instant` leaves out."""
    address = stage.address()
    for name in ("m1", "m2", "m3"):
        stage.vm(name)
        stage.serve(name, HEALTH_PORT)
        stage.hold(address, name)
    stage.allow("clients", EVERYWHERE, ports=(PORT, HEALTH_PORT))
    stage.target("m1")
    stage.forward(target=f"{B}/targetInstances/m1")
    stage.balance("m1", "m2", "m3")
    stage.settled()
    assert set(spread(stage, address, 5)) == {"m1"}
    began = time.monotonic()
    stage.unforward()
    until("nothing at the address", lambda: not stage.answer(stage.client, address, seconds=0.02))
    gone = time.monotonic()
    stage.forward(backendService=BS)
    replied = time.monotonic()
    until("an answer after the move", lambda: stage.answer(stage.client, address, seconds=0.02))
    there = time.monotonic()
    print(
        f"rule move: away {(gone - began) * 1000:.0f} ms after the call (20 ms of it to notice), there"
        f" {(there - replied) * 1000:.0f} ms after the API's reply, which took {(replied - gone) * 1000:.0f} ms"
    )
    assert there - replied < 0.5
    stage.healthy("m1", "m2", "m3")
    stage.settled()
    assert set(spread(stage, address)) == {"m1", "m2", "m3"}


def test_a_reconcile_is_quick_with_five_vms(stage: Stage) -> None:
    balanced(stage, "m1", "m2", "m3", "m4", "m5")
    stage.network.took.clear()
    for n in range(20):
        stage.allow(f"rule-{n}", "10.0.0.0/24", ports=(9000 + n,))
        stage.settled()
    took = sorted(stage.network.took)
    print(
        f"reconcile: median {took[len(took) // 2] * 1000:.1f} ms, worst {took[-1] * 1000:.1f} ms of {len(took)}"
    )
    assert took[len(took) // 2] < 0.1


def test_an_internal_address_is_for_its_network_alone(stage: Stage) -> None:
    stage.vm("m1")
    stage.vm("m2", tags=("other",))
    stage.vpc("far", "10.5.0.0/24")
    stage.vm("x1", vpc="far")
    stage.allow("all", EVERYWHERE, ports=(PORT, HEALTH_PORT))
    stage.serve("m1", HEALTH_PORT)
    stage.balance("m1", scheme="INTERNAL")
    subnet = {"loadBalancingScheme": "INTERNAL", "subnetwork": f"{R}/subnetworks/n"}
    rule = {"name": "inner", "ports": [str(PORT)], "backendService": BS, "IPAddress": "10.0.0.50"}
    stage.cloud.made(f"{R}/forwardingRules", rule | subnet)
    stage.hold("10.0.0.50", "m1")
    stage.healthy("m1")
    assert stage.said(stage.namespace("m2"), "10.0.0.50") == {
        "client": "10.0.0.3",
        "at": "10.0.0.50",
        "name": "m1",
    }
    assert not stage.answer(stage.namespace("x1"), "10.0.0.50")
    assert not stage.answer(stage.client, "10.0.0.50")
