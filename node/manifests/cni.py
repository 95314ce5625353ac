"""Addresses of pods, from the range that the VPC routes to this VM: no overlay, no routes of our own."""

from __future__ import annotations

from typing import Any

PATH = "/etc/cni/net.d/10-ha-masters.conflist"


def network(pod_range: str) -> dict[str, Any]:
    """A pair of interfaces for each pod, `ptp`, with an address of `pod_range`, the machine's.

    Nothing is masqueraded inside the VPC: what goes elsewhere goes through its NAT.
    """
    ranges = [[{"subnet": pod_range}]]
    return {
        "cniVersion": "1.0.0",
        "name": "ha-masters",
        "plugins": [
            {
                "type": "ptp",
                "ipMasq": False,
                "ipam": {"type": "host-local", "ranges": ranges, "routes": [{"dst": "0.0.0.0/0"}]},
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }
