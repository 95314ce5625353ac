"""The program and the policies open and watch the ports that etcd listens on."""

from __future__ import annotations

from components.config.access import TAKEN
from components.etcd_cluster import CLIENT_AND_PEER_PORTS
from node.contract import ports
from policies.exposure import ETCD_PORTS


def test_the_firewall_opens_the_ports_of_clients_and_peers() -> None:
    assert f"{ports.ETCD_CLIENT}-{ports.ETCD_PEER}" == CLIENT_AND_PEER_PORTS


def test_the_policies_watch_the_ports_of_clients_and_peers() -> None:
    assert list(ETCD_PORTS) == [ports.ETCD_CLIENT, ports.ETCD_PEER]


def test_the_api_takes_none_of_the_ports() -> None:
    assert TAKEN.keys() >= {ports.ETCD_CLIENT, ports.ETCD_PEER, ports.ETCD_METRICS}
