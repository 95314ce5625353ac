"""`etcd/peers.json`: where etcd's members are, written by the leader's agent whenever they change.

The list of members names only those who shall be in; a machine that takes the place of all of them, as when a sole master
is swapped, would know nobody to join. Read for addresses to ask and nothing else: what is there is etcd's to say.

    {"apiVersion": "ha-masters/v1", "kind": "Peers", "cluster": "dev", "peers": [{"id": "2a", "url": "https://10.0.0.2:2380"}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from node.contract.fields import decode, encode

PEERS = "etcd/peers.json"


def peer_url(address: str) -> str:
    """The peer URL of the replica at this internal address; it is how a member that hasn't started yet is
    told.
    """
    return f"https://{address}:2380"


def host_of(peer_url: str) -> str:
    return urlsplit(peer_url).hostname or ""


def text(cluster: str, urls: Mapping[str, str]) -> str:
    """`urls` are the members' peer URLs by member id."""
    listed = [{"id": member_id, "url": urls[member_id]} for member_id in sorted(urls)]
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
