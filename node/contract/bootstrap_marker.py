"""`bootstrap.json`: who creates the cluster, or restores it, and which cluster that became.

    {"apiVersion": "ha-masters/v1", "kind": "Bootstrap", "cluster": "dev",
     "claimedBy": "m1-b", "instanceId": "4711", "clusterId": "1f, or empty until etcd has formed"}

A marker also says what is being restored, `"restoring": "<id of a Restore>"`, and what ever was, `"restored": [{"id": "…",
"clusterId": "1f", "at": "RFC 3339"}]`; where it is nothing, the fields aren't there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from node.contract.fields import FormatError, check_digits, check_hex, check_name, decode, encode
from node.contract.restore import Restored, Source


@dataclass(frozen=True)
class BootstrapMarker:
    """The cluster was created, or is about to be, by `claimed_by`.

    Written with `ifGenerationMatch=0` as a claim, and again, matching that generation, with etcd's cluster
    id once etcd has formed. Until it has formed nobody joins and no apiserver starts, so a claim whose owner
    was taken off the list can be taken over.

    A restore is a claim too: `restoring` has the request's id until what came of it has formed, and
    `restored` keeps all that were done, so that none is ever done again.
    """

    cluster: str
    claimed_by: str
    instance_id: str
    cluster_id: str = ""
    restoring: str = ""
    restored: tuple[Restored, ...] = ()

    def __post_init__(self) -> None:
        check_name("Bootstrap.cluster", self.cluster)
        check_name("Bootstrap.claimedBy", self.claimed_by)
        check_digits("Bootstrap.instanceId", self.instance_id)
        if self.cluster_id:
            check_hex("Bootstrap.clusterId", self.cluster_id)
        if self.restoring:
            Source.of(self.restoring)
        if self.restoring and self.cluster_id:
            raise FormatError(
                f"Bootstrap.restoring is {self.restoring!r} although clusterId is {self.cluster_id!r}: what has "
                "formed stands in restored"
            )

    @property
    def formed(self) -> bool:
        return bool(self.cluster_id)

    def done(self, request: str) -> Restored | None:
        """Returns what came of the request, if it was done."""
        return next((each for each in self.restored if each.id == request), None)

    def to_json(self) -> str:
        fields: dict[str, Any] = {
            "cluster": self.cluster,
            "claimedBy": self.claimed_by,
            "instanceId": self.instance_id,
            "clusterId": self.cluster_id,
        }
        if self.restoring:
            fields["restoring"] = self.restoring
        if self.restored:
            fields["restored"] = [each.to_fields() for each in self.restored]
        return encode("Bootstrap", fields)

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = decode(text, "Bootstrap")
        marker = cls(
            fields.text("cluster"),
            fields.text("claimedBy"),
            fields.text("instanceId"),
            fields.text("clusterId"),
            fields.text("restoring") if fields.has("restoring") else "",
            tuple(Restored.read(item) for item in fields.objects("restored"))
            if fields.has("restored")
            else (),
        )
        fields.close()
        return marker
