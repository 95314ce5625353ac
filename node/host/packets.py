"""What a machine does with packets whatever else runs on it: looked at again and again, since others take it away.

A passthrough load balancer, and protocol forwarding, deliver packets with the cluster's address unchanged, so each
master has to take that address for its own. Google's guest agent adds a route for it (protocol 66), which
systemd-networkd removes when it is restarted, as an unattended upgrade does on all masters within the hour
(GoogleCloudPlatform/guest-agent#613). A route of another protocol on the loopback is nobody's but ours.

Pods would get the tokens of the masters' service account, and with them every key of the cluster, from the metadata server.
"""

from __future__ import annotations

from node.contract.metadata import Machine
from node.host.commands import Commands

METADATA_SERVER = "169.254.169.254"
PROTOCOL = "77"
"""A number of our own, in `ip route` and as the route's metric, beside the guest agent's route of metric 0."""

_ABSENT = (1,)  # iptables(8), --check: no such rule


def keep(machine: Machine, commands: Commands) -> None:
    """Costs two programs where there is nothing to do. Raises MachineError."""
    address = f"{machine.api_address}/32"
    commands.run(
        "ip", "route", "replace", "local", address, "dev", "lo", "proto", PROTOCOL, "metric", PROTOCOL
    )
    rule = ("PREROUTING", "-s", machine.config.pod_range, "-d", METADATA_SERVER, "-j", "DROP")
    table = ("iptables", "-w", "10", "-t", "raw")
    absent, _ = commands.run(*table, "-C", *rule, allow=_ABSENT)
    if absent:
        commands.run(*table, "-I", *rule)
