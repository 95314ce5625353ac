"""Where etcd's members are, read from and written to the bucket; `node.contract.peers` has the format."""

from __future__ import annotations

from collections.abc import Sequence

from node.contract.fields import FormatError
from node.contract.peers import PEERS, addresses, text
from node.host.bucket import Bucket
from node.host.web import WebError
from node.planner.observed import EtcdMember


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
        if (written := text(cluster, {each.id: each.peer_url for each in members})) != self._written:
            self._bucket.write(PEERS, written.encode())
            self._written = written
