"""`etcd/peers.json`: where etcd's members are, written by the leader's agent whenever they change.

The list of members names only those who shall be in; a machine that takes the place of all of them, as when a sole master
is swapped, would know nobody to join. Read for addresses to ask and nothing else: what is there is etcd's to say.

    {"apiVersion": "ha-masters/v1", "kind": "Peers", "cluster": "dev", "peers": [{"id": "2a", "url": "https://10.0.0.2:2380"}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from node.contract import ports
from node.contract.fields import decode, encode


def text(cluster: str, urls: Mapping[str, str]) -> str:
    """Returns the object's text. `urls`: peer URL by member id, in hex."""
    listed = [{"id": member, "url": url} for member, url in sorted(urls.items())]
    return encode("Peers", {"cluster": cluster, "peers": listed})


def addresses(content: bytes) -> list[str]:
    """Raises FormatError."""
    fields = decode(content, "Peers")
    fields.text("cluster")
    found = []
    for item in fields.objects("peers"):
        item.text("id")
        found.append(host_of(item.text("url")))
        item.close()
    fields.close()
    return found


def peer_url(address: str) -> str:
    """Returns the peer URL of the replica at this internal address. A member that hasn't started yet is known by it."""
    return f"https://{address}:{ports.ETCD_PEER}"


def host_of(peer_url: str) -> str:
    """Returns the address in it; empty for what is no URL."""
    return urlsplit(peer_url).hostname or ""
