"""What a machine does with packets whatever else runs on it: looked at again and again, since others take it away.

A passthrough load balancer, and protocol forwarding, deliver packets with the cluster's address unchanged, so each
master has to take that address for its own, and the internal one where there are two. Google's guest agent adds a route
for each (protocol 66), which systemd-networkd removes when it is restarted, as an unattended upgrade does on all masters
within the hour (GoogleCloudPlatform/guest-agent#613). A route of another protocol on the loopback is nobody's but ours.

Pods would get the tokens of the masters' service account, and with them every key of the cluster, from the metadata server;
on a worker, the Node's own identity. Packets of the machine itself, and of pods on its network, don't pass PREROUTING.
"""

from __future__ import annotations

from pathlib import Path

from node.contract.metadata import Machine
from node.host.commands import Commands
from node.host.files import under

METADATA_SERVER = "169.254.169.254"
METADATA_SERVER_6 = ("::ffff:169.254.169.254", "fd20:ce::254")
"""The same one to whoever writes it as an address of IPv6 (kubernetes/kubernetes#8867), and Google's own of IPv6."""

PROTOCOL = "77"
"""A number of our own, in `ip route` and as the route's metric, beside the guest agent's route of metric 0."""

_IPV4 = ("iptables", "-w", "10", "-t", "raw")
_IPV6 = ("ip6tables", "-w", "10", "-t", "raw")
_GONE = (2,)  # ip(8): the kernel has no such route
_ABSENT = (1,)  # iptables(8), --check: no such rule


def keep(machine: Machine, commands: Commands) -> None:
    """Costs two programs where there is nothing to do. Raises MachineError.

    A route of ours for another address goes: the cluster gave it back, and somebody else may have it.
    """
    wanted = machine.api_addresses
    _, said = commands.run("ip", "route", "show", "table", "local", "proto", PROTOCOL)
    there = {words[1] for words in map(str.split, said.splitlines()) if words[:1] == ["local"]}
    for address in wanted:
        if address not in there:
            commands.run("ip", "route", "replace", *_route(address))
    for address in sorted(there.difference(wanted)):
        commands.run("ip", "route", "delete", *_route(address), allow=_GONE)
    _keep(_IPV4, _rule(machine.config.pod_range), commands)


def _route(address: str) -> tuple[str, ...]:
    return ("local", f"{address}/32", "dev", "lo", "proto", PROTOCOL, "metric", PROTOCOL)


def close_metadata(pod_range: str, commands: Commands, root: Path = Path("/")) -> None:
    """For workers. The metadata server is also the VPC's resolver, whom the cluster's DNS asks from a pod: of IPv4, that
    stays open. Pods have no address of IPv6, so whoever sends to one is none of the machine's. Raises MachineError.
    """
    for rule in _but_names(pod_range):
        _keep(_IPV4, rule, commands)
    if under(root, "/proc/net/if_inet6").exists():
        for server in METADATA_SERVER_6:
            _keep(_IPV6, ("PREROUTING", "-d", server, "-j", "DROP"), commands)


def closing(pod_range: str) -> str:
    """Returns a line for the shell that closes the metadata server of IPv4 to pods, or fails."""
    table = " ".join(_IPV4)
    rules = [" ".join(rule) for rule in _but_names(pod_range)]
    return " && ".join(f"{{ {table} -C {rule} 2>/dev/null || {table} -I {rule}; }}" for rule in rules)


def _rule(pod_range: str) -> tuple[str, ...]:
    return ("PREROUTING", "-s", pod_range, "-d", METADATA_SERVER, "-j", "DROP")


def _but_names(pod_range: str) -> list[tuple[str, ...]]:
    to = ("PREROUTING", "-s", pod_range, "-d", METADATA_SERVER)
    return [(*to, "-p", protocol, "!", "--dport", "53", "-j", "DROP") for protocol in ("tcp", "udp")]


def _keep(table: tuple[str, ...], rule: tuple[str, ...], commands: Commands) -> None:
    absent, _ = commands.run(*table, "-C", *rule, allow=_ABSENT)
    if absent:
        commands.run(*table, "-I", *rule)
