"""The object of etcd's peers, read and kept by the leader's agent."""

from __future__ import annotations

from collections.abc import Sequence

from node.contract import bucket_layout
from node.contract.fields import FormatError
from node.contract.peers import addresses, text
from node.host.bucket import Bucket
from node.host.web import WebError
from node.planner.observed import EtcdMember


class Peers:
    """The list in the bucket, which the leader keeps for masters that know nobody yet."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket, self._written = bucket, ""

    def read(self) -> list[str]:
        """Returns addresses; none where the object can't be read."""
        try:
            found = self._bucket.read(bucket_layout.PEERS)
            return addresses(found.content) if found else []
        except (WebError, FormatError):
            return []

    def publish(self, cluster: str, members: Sequence[EtcdMember]) -> None:
        """Raises WebError."""
        if (written := text(cluster, {each.id: each.peer_url for each in members})) != self._written:
            self._bucket.write(bucket_layout.PEERS, written.encode())
            self._written = written
