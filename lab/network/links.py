"""What `ip` is told about links and their addresses. Each veth is born inside the lab: the host never sees it.

Nothing waits for ARP: hardware addresses follow from the VM's address, as on GCE, and the router knows them.
"""

from __future__ import annotations

import hashlib
import ipaddress

METADATA_SERVER = "169.254.169.254"
GOOGLE_APIS = "199.36.153.8"
GOOGLE_API_RANGE = ipaddress.IPv4Network("199.36.153.8/30")
"""Of private.googleapis.com."""
PROBER = "35.191.0.1"
"""In the range that Google documents for probes of load balancers."""
CLIENTS = ipaddress.IPv4Network("198.51.100.0/24")
CLIENT_ADDRESSES = [str(CLIENTS[n]) for n in range(10, 20)]
"""The outside's own; the first is what a program gets that doesn't ask."""
OUTSIDE = "outside"
MTU = 1460


def interface(instance_id: str) -> str:
    """Of a VM, in the router."""
    return "v" + hashlib.sha256(instance_id.encode()).hexdigest()[:13]


def hardware(address: str) -> str:
    """As on GCE: 42:01 and the internal address."""
    return "42:01:" + ":".join(f"{byte:02x}" for byte in ipaddress.IPv4Address(address).packed)


def router() -> list[str]:
    """In the router. Its main table knows no way but to VMs and the outside."""
    own = [METADATA_SERVER, *(str(a) for a in GOOGLE_API_RANGE), PROBER]
    return [
        "link set lo up",
        *(f"address add {address}/32 dev lo" for address in own),
        "route add unreachable default metric 4294967295",
    ]


def outside(client: str) -> list[str]:
    """In the router: the link to the client's namespace."""
    return [
        f"link add {OUTSIDE} type veth peer name eth0 netns {client}",
        f"address add {CLIENTS[1]}/{CLIENTS.prefixlen} dev {OUTSIDE}",
        f"link set {OUTSIDE} addrgenmode none up",
    ]


def client() -> list[str]:
    """In the client's namespace."""
    return [
        "link set lo up",
        *(f"address add {address}/{CLIENTS.prefixlen} dev eth0" for address in CLIENT_ADDRESSES),
        "link set eth0 addrgenmode none up",
        f"route add default via {CLIENTS[1]}",
    ]


def machine(instance_id: str, address: str, gateway: str, namespace: str) -> list[str]:
    """In the router: the link to a VM's namespace. The gateway's address is the router's, on each link again."""
    name = interface(instance_id)
    return [
        f"link add {name} mtu {MTU} address 42:00:{hardware(gateway)[6:]} type veth"
        f" peer name eth0 mtu {MTU} address {hardware(address)} netns {namespace}",
        f"address add {gateway}/32 dev {name}",
        f"link set {name} addrgenmode none up",
        f"neighbour replace {address} lladdr {hardware(address)} dev {name} nud permanent",
    ]


def guest(address: str, gateway: str) -> list[str]:
    """In the VM's namespace: a /32, and everything through the gateway."""
    return [
        "link set lo up",
        f"address add {address}/32 dev eth0",
        "link set eth0 addrgenmode none up",
        f"route add {gateway} dev eth0 scope link",
        f"route add default via {gateway} dev eth0 onlink",
    ]
