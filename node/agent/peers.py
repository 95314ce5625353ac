"""`etcd/peers.json`: where etcd's members are, written by the leader's agent whenever they change.

The list of members names only those who shall be in; a machine that takes the place of all of them, as when a sole master
is swapped, would know nobody to join. Read for addresses to ask and nothing else: what is there is etcd's to say.

    {"apiVersion": "ha-masters/v1", "kind": "Peers", "cluster": "dev", "peers": [{"id": "2a", "url": "https://10.0.0.2:2380"}]}
"""

from __future__ import annotations

from collections.abc import Sequence

from node.agent.gateway import host_of
from node.bootstrap.storage import Bucket
from node.bootstrap.web import WebError
from node.fields import FormatError, decode, encode
from node.observed import EtcdMember

PEERS = "etcd/peers.json"


def text(cluster: str, members: Sequence[EtcdMember]) -> str:
    listed = [{"id": each.id, "url": each.peer_url} for each in sorted(members, key=lambda each: each.id)]
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


class Peers:
    def __init__(self, bucket: Bucket) -> None:
        self._bucket, self._written = bucket, ""

    def read(self) -> list[str]:
        """Addresses; none where the object can't be read."""
        try:
            found = self._bucket.read(PEERS)
            return addresses(found.content) if found else []
        except (WebError, FormatError):
            return []

    def publish(self, cluster: str, members: Sequence[EtcdMember]) -> None:
        """Raises WebError."""
        if (written := text(cluster, members)) != self._written:
            self._bucket.write(PEERS, written.encode())
            self._written = written
