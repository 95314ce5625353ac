"""Firewall, balance, routes and ruleset as functions of plain data."""

from __future__ import annotations

import os
import secrets
import shutil

import pytest

from lab.network import balance, firewall, namespaces, routes, ruleset
from lab.network.firewall import EVERY_PORT, Ports
from lab.network.topology import Check, Firewall, Machine, Rule, Service, Topology, Traffic, Vpc
from tests.lab.network.stage import NEEDS_ROOT

CHECK = Check("TCP", 443)


def vm(number: int, **more: object) -> Machine:
    given = {"tags": frozenset({"t"}), "nat": ((f"10.0.0.{number}/32", "203.0.113.1"),)} | more
    place = {"network": "n", "subnet": "s", "address": f"10.0.0.{number}", "gateway": "10.0.0.1"}
    return Machine(id=str(number), name=f"m{number}", **{**place, **given})  # type: ignore[arg-type]


def wall(
    name: str, ports: Ports = (), *, allow: bool = True, priority: int = 1000, **more: object
) -> Firewall:
    given = {"ingress": True, "traffic": (Traffic("tcp", ports),), "sources": ("10.0.0.0/24",)} | more
    return Firewall(name, "n", allow=allow, priority=priority, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("walls", "expected"),
    [
        pytest.param([], (), id="closed by default"),
        pytest.param([wall("a", ((1, 5), (4, 9)))], ((1, 9),), id="ports merge"),
        pytest.param([wall("a"), wall("b", ((5, 6),), allow=False)], ((0, 4), (7, 65535)), id="deny first"),
        pytest.param([wall("a", priority=9), wall("b", ((5, 6),), allow=False)], EVERY_PORT, id="priority"),
        pytest.param([wall("a", target_tags=frozenset({"x"}))], (), id="another target"),
        pytest.param([wall("a", sources=("10.9.0.0/24",))], (), id="another source"),
        pytest.param([wall("a", sources=(), source_tags=frozenset({"t"}))], EVERY_PORT, id="source tag"),
        pytest.param([wall("a", traffic=(Traffic("udp"),))], (), id="another protocol"),
        pytest.param([wall("a", traffic=(Traffic("all"),))], EVERY_PORT, id="every protocol"),
    ],
)
def test_ingress(walls: list[Firewall], expected: Ports) -> None:
    topology = Topology(machines=(vm(2), vm(3)), firewalls=tuple(walls))
    assert firewall.allowed(topology, topology.machines[0], "10.0.0.3", "tcp", ingress=True) == expected


def test_egress_is_open_by_default() -> None:
    no = wall("no", ((25, 25),), allow=False, ingress=False, sources=(), destinations=("0.0.0.0/0",))
    topology = Topology(machines=(vm(2),), firewalls=(no,))
    assert firewall.allowed(topology, vm(2), "8.8.8.8", "tcp", ingress=False) == ((0, 24), (26, 65535))


def rule(
    *members: str, protocol: str = "TCP", target: str = "bs", drain: float = 0, **service: object
) -> Rule:
    served = Service(target, members, CHECK, drain=drain, **service)  # type: ignore[arg-type]
    return Rule("7", "api", "203.0.113.5", protocol, target, members, ((443, 443),), served)


def topology_of(*rules: Rule, machines: tuple[Machine, ...] = (vm(2), vm(3))) -> Topology:
    return Topology(machines=machines, rules=rules, networks=(Vpc("n", ("10.0.0.0/24",)),))


@pytest.mark.parametrize(
    ("given", "healthy", "chosen", "kept"),
    [
        pytest.param(rule("2", "3"), {"2"}, "2", "23", id="persists on the unhealthy"),
        pytest.param(rule("2", "3"), set(), "23", "23", id="last resort"),
        pytest.param(rule("2", "3", drop_if_unhealthy=True), set(), "", "23", id="drop if unhealthy"),
        pytest.param(rule("2", "3", protocol="UDP"), {"2"}, "2", "2", id="UDP doesn't persist"),
        pytest.param(rule("2", "3", persistence="NEVER_PERSIST"), {"2"}, "2", "2", id="never persist"),
    ],
)
def test_balance(given: Rule, healthy: set[str], chosen: str, kept: str) -> None:
    (found,), _ = balance.Balancer().update(topology_of(given), {("bs", m) for m in healthy}, 0)
    assert ("".join(found.eligible), "".join(found.kept)) == (chosen, kept)


def test_draining_lasts_as_long_as_it_may() -> None:
    balancer = balance.Balancer()
    balancer.update(topology_of(rule("2", "3", drain=30)), (), 100)
    after = topology_of(rule("3", drain=30))
    assert [(b.kept, end) for (b,), end in [balancer.update(after, (), 101)]] == [(("3", "2"), 131)]
    assert balancer.update(after, (), 130)[0][0].kept == ("3", "2")
    (ended,), pause = balancer.update(after, (), 131)
    assert (ended.kept, pause) == (("3",), None)


def test_who_is_gone_does_not_drain_and_who_returns_stops_draining() -> None:
    balancer = balance.Balancer()
    balancer.update(topology_of(rule("2", "3", drain=30)), (), 100)
    (gone,), end = balancer.update(topology_of(rule("3", drain=30), machines=(vm(3),)), (), 101)
    assert (gone.kept, end) == (("3",), None)
    balancer.update(topology_of(rule("2", "3", drain=30)), (), 102)
    balancer.update(topology_of(rule("3", drain=30)), (), 103)
    assert balancer.update(topology_of(rule("2", "3", drain=30)), (), 104)[1] is None


def test_a_rule_pointed_elsewhere_has_another_number() -> None:
    balancer = balance.Balancer()
    numbers = [balancer.update(topology_of(rule("2", target=t)), (), 0)[0][0].number for t in ("a", "b", "b")]
    assert numbers == [1, 2, 2]


def link_state(topology: Topology, **more: object) -> ruleset.LinkState:
    numbers = {machine.id: int(machine.id) for machine in topology.machines}
    balances, _ = balance.Balancer().update(topology, (), 0)
    given = {"attached": frozenset(numbers), "balances": tuple(balances)} | more
    return ruleset.LinkState(numbers=numbers, **given)  # type: ignore[arg-type]


def chain(text: str, name: str) -> list[str]:
    body = text.split(f"chain {name} {{\n")[1].split("\n\t}")[0]
    return [line.strip() for line in body.splitlines()]


def test_a_connection_keeps_its_backend_or_gets_one_by_hash() -> None:
    topology = topology_of(rule("2", "3"))
    hashed = "jhash ip saddr . ip daddr . th sport . th dport mod 2 seed 0x1 map { 0 : 0x10002, 1 : 0x10003 }"
    assert chain(ruleset.render(topology, link_state(topology)), "rule_1") == [
        "# api",
        "ct mark { 0x10002, 0x10003 } meta mark set ct mark accept",
        f"ct mark set {hashed}",
        "ct mark 0 drop",
        "meta mark set ct mark",
    ]


def test_what_goes_to_a_vm_without_a_link_is_lost() -> None:
    topology = topology_of(rule("2", "3"))
    lines = chain(ruleset.render(topology, link_state(topology, attached=frozenset({"2"}))), "rule_1")
    assert "ct mark { 0x10003 } drop" in lines
    assert lines[3].endswith("map { 0 : 0x10002, 1 : 0 }")


def test_ways_are_added_and_taken_away_one_by_one() -> None:
    have = routes.wanted(topology_of(), {"2": 2})
    want = routes.wanted(topology_of(), {"2": 2, "3": 3})
    added = routes.additions(have, want)
    assert len(added) == 3
    assert all("10.0.0.3" in line or "0x3" in line for line in added)
    assert routes.removals(have, want) == []
    assert [line.split()[1] for line in routes.removals(want, have)] == ["delete"] * 3


EVERYTHING = Topology(
    machines=(
        vm(2, aliases=("10.8.0.0/24",), routed=("10.9.0.0/24",), external="203.0.113.7"),
        vm(3, forwards=True, google_access=True),
        vm(4, network="other", nat=()),
    ),
    firewalls=(
        wall("overlap", ((1, 5), (4, 9)), sources=("10.0.0.0/24", "10.0.0.2/32", "::/0")),
        wall("any", sources=("0.0.0.0/0",), traffic=(Traffic("icmp"), Traffic("all"), Traffic("47"))),
        wall("sixth", sources=("::/0",)),
        wall("tag", sources=(), source_tags=frozenset({"t"}), traffic=(Traffic("udp", ((53, 53),)),)),
        wall("out", allow=False, ingress=False, sources=(), destinations=("10.0.0.9/32",)),
    ),
    rules=(
        rule("2", "3"),
        rule("2", "3", affinity="CLIENT_IP_NO_DESTINATION"),
        rule(),
        Rule("8", "all", "203.0.113.6", "L3_DEFAULT", "t1", ("2", "3")),
        Rule("9", "inner", "10.0.0.50", "UDP", "t2", ("2",), ((53, 53), (53, 60)), network="n"),
        Rule("10", "nobody", "10.7.0.50", "TCP", "t3", (), network="empty"),
        Rule("11", "esp", "203.0.113.8", "ESP", "t4", ("2",)),
    ),
    networks=(Vpc("n", ("10.0.0.0/24", "10.8.0.0/16")), Vpc("other", ("10.5.0.0/24",)), Vpc("empty", ())),
)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason=NEEDS_ROOT)
@pytest.mark.skipif(shutil.which("nft") is None, reason="nftables is not installed")
@pytest.mark.parametrize(
    ("topology", "more"),
    [
        pytest.param(Topology(), {}, id="nothing"),
        pytest.param(EVERYTHING, {"partitions": {"m2": None, "m3": frozenset({"m2"})}}, id="everything"),
        pytest.param(EVERYTHING, {"attached": frozenset()}, id="nobody attached"),
    ],
)
def test_the_kernel_takes_it(topology: Topology, more: dict[str, object]) -> None:
    name = f"hmt-{secrets.token_hex(3)}"
    namespaces.add(name)
    try:
        namespaces.inside(
            name, lambda: namespaces.nft(ruleset.render(topology, link_state(topology, **more)))
        )
    finally:
        namespaces.delete(name)
