"""From API calls to the topology, without any namespace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.network import reach, topology_reader
from lab.network.topology import Check, Machine, Topology, Traffic
from lab.simulator.client import Client
from lab.simulator.server import Simulator
from tests.lab.network.stage import IMAGE, PROBES, B, R

N = "projects/lab-project/global/networks/n"


class Cloud(Client):
    simulator: Simulator

    def topology(self) -> Topology:
        return topology_reader.read(self.simulator.lab.store)

    def machine(self) -> Machine:
        (found,) = self.topology().machines
        return found

    def vm(self, name: str, nic: dict[str, Any] | None = None, **more: Any) -> None:
        disk = {"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}
        body = {"name": name, "machineType": f"{B}/machineTypes/e2-medium", "disks": [disk]}
        nics = [{"subnetwork": f"{R}/subnetworks/s"} | (nic or {})]
        self.made(f"{B}/instances", body | {"networkInterfaces": nics} | more)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Simulator(tmp_path) as simulator:
        cloud = Cloud(simulator.url)
        cloud.simulator = simulator
        cloud.made("global/networks", {"name": "n", "autoCreateSubnetworks": False})
        pods = {"rangeName": "pods", "ipCidrRange": "10.8.0.0/16"}
        subnet = {"name": "s", "network": "global/networks/n", "ipCidrRange": "10.0.0.0/24"}
        cloud.made(f"{R}/subnetworks", subnet | {"secondaryIpRanges": [pods], "privateIpGoogleAccess": True})
        yield cloud


def test_a_vm(cloud: Cloud) -> None:
    alias = {"ipCidrRange": "/24", "subnetworkRangeName": "pods"}
    cloud.vm("m1", {"aliasIpRanges": [alias]}, tags={"items": ["a", "b"]}, canIpForward=True)
    machine = cloud.machine()
    assert (machine.name, machine.network, machine.address, machine.gateway) == (
        "m1",
        N,
        "10.0.0.2",
        "10.0.0.1",
    )
    assert (machine.aliases, machine.tags) == (("10.8.0.0/24",), frozenset({"a", "b"}))
    assert (machine.forwards, machine.google_access, machine.way_out) == (True, True, False)
    assert cloud.topology().network(N).ranges == ("10.0.0.0/24", "10.8.0.0/16")


def test_a_stopped_vm_serves_no_more(cloud: Cloud) -> None:
    cloud.vm("m1")
    cloud.post(f"{B}/instances/m1/stop")
    assert not cloud.machine().serving


@pytest.mark.parametrize(
    ("ranges", "covered"),
    [
        pytest.param({"sourceIpRangesToNat": ["ALL_IP_RANGES"]}, ["10.0.0.2/32", "10.8.0.0/24"], id="all"),
        pytest.param({"sourceIpRangesToNat": ["PRIMARY_IP_RANGE"]}, ["10.0.0.2/32"], id="primary"),
        pytest.param(
            {
                "sourceIpRangesToNat": ["LIST_OF_SECONDARY_IP_RANGES"],
                "secondaryIpRangeNames": ["pods"],
            },
            ["10.8.0.0/24"],
            id="secondary",
        ),
    ],
)
def test_nat_of_listed_subnets(cloud: Cloud, ranges: dict[str, Any], covered: list[str]) -> None:
    cloud.vm("m1", {"aliasIpRanges": [{"ipCidrRange": "/24", "subnetworkRangeName": "pods"}]})
    nat = {"name": "nat", "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS"}
    nat |= {"subnetworks": [{"name": f"{R}/subnetworks/s"} | ranges]}
    cloud.made(f"{R}/routers", {"name": "r", "network": "global/networks/n", "nats": [nat]})
    assert cloud.machine().nat == tuple((source, topology_reader.AUTO_NAT_ADDRESS) for source in covered)


def test_a_nat_with_an_address_of_its_own(cloud: Cloud) -> None:
    cloud.vm("m1")
    address = cloud.made(f"{R}/addresses", {"name": "nat"})["address"]
    nat = {"name": "nat", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}
    nat |= {"natIps": [f"{R}/addresses/nat"], "natIpAllocateOption": "MANUAL_ONLY"}
    cloud.made(f"{R}/routers", {"name": "r", "network": "global/networks/n", "nats": [nat]})
    assert cloud.machine().nat == (("10.0.0.2/32", address),)


def test_no_default_route_no_way_out(cloud: Cloud) -> None:
    cloud.vm("m1", {"accessConfigs": [{}]})
    assert cloud.machine().way_out
    for route in cloud.get("global/routes").body["items"]:
        if route.get("nextHopGateway"):
            cloud.call("DELETE", f"global/routes/{route['name']}")
    assert not cloud.machine().way_out


def test_a_route_by_way_of_a_vm(cloud: Cloud) -> None:
    cloud.vm("m1")
    route = {"name": "r", "network": "global/networks/n", "destRange": "10.9.0.0/24", "priority": 1000}
    cloud.made("global/routes", route | {"nextHopInstance": f"{B}/instances/m1"})
    assert cloud.machine().routed == ("10.9.0.0/24",)


def balanced(cloud: Cloud) -> None:
    cloud.vm("m1", tags={"items": ["t"]})
    cloud.made(f"{R}/addresses", {"name": "api"})
    probe = {"port": 443, "requestPath": "/readyz"}
    check = {"name": "hc", "type": "HTTPS", "httpsHealthCheck": probe, "checkIntervalSec": 2, "timeoutSec": 1}
    cloud.made(f"{R}/healthChecks", check)
    cloud.made(f"{B}/instanceGroups", {"name": "ig"})
    cloud.post(f"{B}/instanceGroups/ig/addInstances", {"instances": [{"instance": f"{B}/instances/m1"}]})
    service = {"name": "bs", "healthChecks": [f"{R}/healthChecks/hc"], "protocol": "TCP"}
    service |= {"backends": [{"group": f"{B}/instanceGroups/ig"}], "loadBalancingScheme": "EXTERNAL"}
    cloud.made(f"{R}/backendServices", service | {"connectionDraining": {"drainingTimeoutSec": 30}})
    rule = {"name": "api", "IPAddress": f"{R}/addresses/api", "portRange": "443"}
    cloud.made(f"{R}/forwardingRules", rule | {"backendService": f"{R}/backendServices/bs"})


def test_a_rule_resolves_to_the_vms_of_its_service(cloud: Cloud) -> None:
    balanced(cloud)
    topology = cloud.topology()
    (rule,) = topology.rules
    assert rule.service is not None
    assert (rule.protocol, rule.ports) == ("TCP", ((443, 443),))
    assert [topology.by_id[m].name for m in rule.members] == ["m1"]
    assert rule.service.check == Check("HTTPS", 443, "/readyz", interval=2, timeout=1)
    assert rule.service.drain == 30


def test_a_target_pool_is_asked_for_its_health(cloud: Cloud) -> None:
    cloud.vm("w1")
    check = {"name": "hc", "port": 10256, "requestPath": "/healthz", "checkIntervalSec": 8, "timeoutSec": 1}
    cloud.made("global/httpHealthChecks", check | {"healthyThreshold": 1, "unhealthyThreshold": 3})
    pool = {"name": "shop", "instances": [f"{B}/instances/w1"], "sessionAffinity": "CLIENT_IP"}
    cloud.made(f"{R}/targetPools", pool | {"healthChecks": ["global/httpHealthChecks/hc"]})
    cloud.made(f"{R}/targetPools", pool | {"name": "unasked"})
    for name in ("shop", "unasked"):
        rule = {"name": name, "portRange": "80", "target": f"{R}/targetPools/{name}"}
        cloud.made(f"{R}/forwardingRules", rule)
    topology = cloud.topology()
    asked, unasked = (rule.service for rule in topology.rules)
    assert asked is not None
    assert unasked is not None
    assert asked.check == Check("HTTP", 10256, "/healthz", interval=8, timeout=1, healthy=1, unhealthy=3)
    assert (asked.affinity, asked.persistence) == ("CLIENT_IP", "ALWAYS_PERSIST")
    assert unasked.check is None
    assert [topology.by_id[m].name for rule in topology.rules for m in rule.members] == ["w1", "w1"]


def test_a_firewall_rule(cloud: Cloud) -> None:
    body = {"name": "f", "network": "global/networks/n", "sourceRanges": PROBES, "targetTags": ["t"]}
    cloud.made("global/firewalls", body | {"allowed": [{"IPProtocol": "tcp", "ports": ["443", "80-90"]}]})
    (rule,) = cloud.topology().firewalls
    assert (rule.ingress, rule.allow, rule.priority) == (True, True, 1000)
    assert rule.traffic == (Traffic("tcp", ((443, 443), (80, 90))),)


def test_the_table_for_people(cloud: Cloud) -> None:
    balanced(cloud)
    cloud.vm("m2", {"accessConfigs": [{}]}, tags={"items": ["t"]})
    assert reach.Way(reach.PROBES, "m1", "none", "for bs: no firewall rule lets them in") in reach.table(
        cloud.topology()
    )
    body = {"network": "global/networks/n", "targetTags": ["t"]}
    tcp = {"allowed": [{"IPProtocol": "tcp", "ports": ["443"]}]}
    cloud.made("global/firewalls", {"name": "p", "sourceRanges": PROBES} | body | tcp)
    cloud.made("global/firewalls", {"name": "c", "sourceRanges": ["198.51.100.0/24"]} | body | tcp)
    etcd = {"allowed": [{"IPProtocol": "tcp", "ports": ["2379-2380"]}]}
    cloud.made("global/firewalls", {"name": "e", "sourceTags": ["t"]} | body | etcd)
    shown = reach.text(reach.table(cloud.topology()))
    assert shown == (
        "FROM             TO               PORTS\n"
        "m1               m2               tcp 2379-2380\n"
        "m2               m1               tcp 2379-2380\n"
        "outside          m2               tcp 443           at 203.0.113.3\n"
        "m2               outside          tcp all; udp all  as 203.0.113.3\n"
        "outside          api 203.0.113.2  tcp 443           to m1\n"
        "m1               api 203.0.113.2  all               itself\n"
        "Google's probes  m1               tcp 443           for bs\n"
    )
