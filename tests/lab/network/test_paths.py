"""Who reaches whom: firewall, networks, NAT, spoofing, the metadata server."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from lab.network.namespaces import inside, ip
from lab.network.topology_reader import AUTO_NAT_ADDRESS
from tests.lab.network.stage import CLIENT, NEEDS_ROOT, PORT, B, R, Stage
from tests.waiting import until

pytestmark = [pytest.mark.root, pytest.mark.skipif(os.geteuid() != 0, reason=NEEDS_ROOT)]


def nat(stage: Stage) -> None:
    listed = {"name": f"{R}/subnetworks/n", "sourceIpRangesToNat": ["ALL_IP_RANGES"]}
    part = {
        "name": "nat",
        "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
        "subnetworks": [listed],
        "natIpAllocateOption": "AUTO_ONLY",
    }
    stage.cloud.made(f"{R}/routers", {"name": "r", "network": "global/networks/n", "nats": [part]})
    stage.settled()


def test_vms_are_closed_to_each_other_until_a_rule_names_tag_and_port(stage: Stage) -> None:
    one, two = stage.vm("m1"), stage.vm("m2", tags=("other",))
    assert not stage.answer(stage.namespace("m2"), one)
    stage.allow("inside", "10.0.0.0/24")
    stage.serve("m1", 444)
    stage.settled()
    assert stage.said(stage.namespace("m2"), one)["client"] == two
    assert not stage.answer(stage.namespace("m2"), one, 444)
    assert not stage.answer(stage.namespace("m1"), two)


def test_source_tags_priorities_and_disabled_rules(stage: Stage) -> None:
    one, _ = stage.vm("m1"), stage.vm("m2", tags=("friend",))
    stage.vm("m3", tags=("stranger",))
    stage.allow("friends", sourceTags=["friend"])
    stage.settled()
    assert stage.said(stage.namespace("m2"), one)
    assert not stage.answer(stage.namespace("m3"), one)
    stage.allow("no", "10.0.0.0/24", denied=[{"IPProtocol": "all"}], priority=1000)
    stage.settled()
    assert not stage.answer(stage.namespace("m2"), one), "a denial wins over a permission of its priority"
    stage.ok(stage.cloud.patch("global/firewalls/no", {"disabled": True}))
    stage.settled()
    assert stage.said(stage.namespace("m2"), one)


def test_egress_rules(stage: Stage) -> None:
    one, _ = stage.vm("m1"), stage.vm("m2", tags=("t", "quiet"))
    stage.allow("inside", "10.0.0.0/24")
    quiet = {"direction": "EGRESS", "denied": [{"IPProtocol": "tcp"}], "targetTags": ["quiet"]}
    stage.allow("quiet", destinationRanges=["10.0.0.0/24"], **quiet)
    stage.settled()
    assert not stage.answer(stage.namespace("m2"), one)
    assert stage.said(stage.namespace("m1"), "10.0.0.3"), "replies of what is established pass"


def test_networks_do_not_reach_each_other(stage: Stage) -> None:
    one = stage.vm("m1")
    stage.vpc("other", "10.5.0.0/24")
    stage.vm("x1", vpc="other")
    stage.allow("all", "0.0.0.0/0")
    stage.settled()
    assert not stage.answer(stage.namespace("x1"), one)


def test_the_same_address_in_two_networks_is_refused_with_a_reason(stage: Stage) -> None:
    stage.vm("m1")
    stage.vpc("other", "10.0.0.0/24")
    with pytest.raises(ValueError, match="ranges of their own"):
        stage.vm("x1", vpc="other")


def test_alias_ranges_lead_to_their_vm_and_spoofed_sources_nowhere(stage: Stage) -> None:
    one = stage.vm("m1")
    pods = [{"ipCidrRange": "10.10.0.16/28", "subnetworkRangeName": "pods"}]
    stage.vm("m2", aliasIpRanges=pods)
    stage.allow("inside", "10.0.0.0/8")
    stage.settled()
    ip(["address add 10.10.0.17/32 dev lo", "address add 10.0.0.99/32 dev lo"], stage.namespace("m2"))
    assert stage.said(stage.namespace("m1"), "10.10.0.17")["name"] == "m2"
    assert stage.said(stage.namespace("m2"), one, source="10.10.0.17")["client"] == "10.10.0.17"
    stage.allow("datagrams", "10.0.0.0/8", allowed=[{"IPProtocol": "udp"}])
    stage.settled()
    assert datagrams(stage, one, sources=["10.10.0.17", "10.0.0.99", "10.0.0.3"]) == [
        "10.10.0.17",
        "10.0.0.3",
    ]


def datagrams(stage: Stage, address: str, *, sources: list[str]) -> list[str]:
    """Those of m2's datagrams from these sources that m1 gets, the last of them certainly."""

    def listen() -> socket.socket:
        made = socket.socket(type=socket.SOCK_DGRAM)
        made.bind((address, 5000))
        made.settimeout(5)
        return made

    def send() -> None:
        for source in sources:
            with socket.socket(type=socket.SOCK_DGRAM) as made:
                made.bind((source, 0))
                made.sendto(b"", (address, 5000))

    heard: list[str] = []
    with inside(stage.namespace("m1"), listen) as server:
        inside(stage.namespace("m2"), send)
        while sources[-1] not in heard:
            heard.append(server.recvfrom(1)[1][0])
    return heard


def outside_hears(stage: Stage, name: str) -> str:
    """The source address that the outside sees when a VM calls it; empty if it hears nothing."""

    def listen() -> socket.socket:
        made = socket.create_server((CLIENT, 0))
        made.settimeout(0.5)
        return made

    with inside(stage.client, listen) as server:
        port = server.getsockname()[1]

        def call() -> None:
            with socket.socket() as made:
                made.settimeout(0.4)
                made.connect_ex((CLIENT, port))

        thread = threading.Thread(target=lambda: inside(stage.namespace(name), call))
        thread.start()
        try:
            connection, address = server.accept()
        except TimeoutError:
            return ""
        finally:
            thread.join()
        connection.close()
        return str(address[0])


def test_the_way_out_takes_nat_or_an_address_of_ones_own(stage: Stage) -> None:
    stage.vm("m1")
    own = stage.cloud.made(f"{R}/addresses", {"name": "own"})["address"]
    stage.vm("m2", accessConfigs=[{"natIP": own}])
    assert outside_hears(stage, "m1") == ""
    assert outside_hears(stage, "m2") == own
    nat(stage)
    assert outside_hears(stage, "m1") == AUTO_NAT_ADDRESS


def test_a_vm_that_calls_a_rules_address_is_seen_as_its_nat_address(stage: Stage) -> None:
    """So a firewall rule for the subnet doesn't let it in, as on GCE."""
    address = stage.address()
    stage.vm("m1")
    stage.vm("m2")
    stage.hold(address, "m1")
    stage.target("m1")
    stage.forward(target=f"{B}/targetInstances/m1")
    stage.allow("inside", "10.0.0.0/24")
    nat(stage)
    assert not stage.answer(stage.namespace("m2"), address)
    stage.allow("nat", f"{AUTO_NAT_ADDRESS}/32")
    stage.settled()
    assert stage.said(stage.namespace("m2"), address) == {
        "client": AUTO_NAT_ADDRESS,
        "at": address,
        "name": "m1",
    }


def test_the_outside_reaches_a_vm_by_its_own_address_and_never_inside(stage: Stage) -> None:
    inner = stage.vm("m1", accessConfigs=[{}])
    outer = stage.cloud.get(f"{B}/instances/m1").body["networkInterfaces"][0]["accessConfigs"][0]["natIP"]
    assert not stage.answer(stage.client, outer)
    stage.allow("clients", "198.51.100.0/24")
    stage.settled()
    assert stage.said(stage.client, outer) == {"client": CLIENT, "at": inner, "name": "m1"}
    assert not stage.answer(stage.client, inner)
    assert stage.said(stage.client, outer, source="198.51.100.11")["client"] == "198.51.100.11"


def test_the_metadata_server_hears_vms_and_not_the_outside(stage: Stage) -> None:
    address = stage.vm("m1")
    stage.allow("quiet", direction="EGRESS", denied=[{"IPProtocol": "all"}])
    stage.settled()
    heard: list[str] = []
    with stage.network.listen("169.254.169.254", 80) as server:

        def answer() -> None:
            connection, source = server.accept()
            heard.append(source[0])
            connection.sendall(b'{"hello": "you"}\n')
            connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert not stage.answer(stage.client, "169.254.169.254", 80)
        assert stage.said(stage.namespace("m1"), "169.254.169.254", 80)
        thread.join(timeout=5)
    assert heard == [address]


@pytest.mark.parametrize("access", [True, False])
def test_googles_apis_take_private_access_or_a_way_out(stage: Stage, access: bool) -> None:
    stage.vpc("g", "10.6.0.0/24", privateIpGoogleAccess=access)
    stage.vm("g1", vpc="g")
    with stage.network.listen("199.36.153.8", 80) as server:
        server.settimeout(2)

        def answer() -> None:
            try:
                connection, _ = server.accept()
            except TimeoutError:
                return
            connection.sendall(b'{"hello": "you"}\n')
            connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert bool(stage.answer(stage.namespace("g1"), "199.36.153.8", 80)) == access
        thread.join(timeout=5)


def test_partition_and_heal(stage: Stage) -> None:
    one, two = stage.vm("m1"), stage.vm("m2")
    three = stage.vm("m3")
    stage.allow("inside", "10.0.0.0/24")
    stage.settled()
    stage.network.partition("m1", ["m2"])
    assert not stage.answer(stage.namespace("m1"), two)
    assert not stage.answer(stage.namespace("m2"), one)
    assert stage.said(stage.namespace("m1"), three)
    stage.network.partition("m1", None)
    assert not stage.answer(stage.namespace("m3"), one)
    stage.network.heal("m1")
    assert stage.said(stage.namespace("m2"), one)
    assert stage.said(stage.namespace("m1"), two)


def test_a_deleted_vm_is_cut_off_at_once_although_its_machine_still_runs(stage: Stage) -> None:
    one = stage.vm("m1")
    two = stage.vm("m2")
    stage.allow("inside", "10.0.0.0/24")
    stage.settled()
    space = stage.namespace("m1")
    stage.ok(stage.cloud.call("DELETE", f"{B}/instances/m1"))
    until("m1 unreachable", lambda: not stage.answer(stage.namespace("m2"), one, PORT))
    assert not stage.answer(space, two)
