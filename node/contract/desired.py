"""What Pulumi asks of the machines, in the cluster's bucket: canonical and strict.

| object                  | kind          | module             |
|-------------------------|---------------|--------------------|
| `desired/members.json`  | Members       | here               |
| `desired/retained.json` | Retained      | here               |
| `desired/restore.json`  | Restore       | `restore`          |
| `desired/pools.json`    | Pools         | `pools`            |
| `bootstrap.json`        | Bootstrap     | `bootstrap_marker` |
| `etcd/peers.json`       | Peers         | `peers`            |
| `status/<identity>.json`| ReplicaStatus | `status`           |

Every class has `to_json()`, one text for one value whatever the order it was given in, and `parse(text)`. Values are
checked in the constructors too, so what is refused can't be written either. All but the status are commands: `parse`
raises `FormatError` for anything it doesn't know.

    {"apiVersion": "ha-masters/v1", "kind": "Members", "cluster": "dev",
     "members": [{"name": "m1-b", "address": "10.0.0.2", "zone": "europe-west1-b"}]}

    {"apiVersion": "ha-masters/v1", "kind": "Retained", "cluster": "dev", "members": ["m1-b"]}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from node.contract.fields import (
    FormatError,
    check_address,
    check_distinct,
    check_name,
    decode,
    encode,
)


@dataclass(frozen=True)
class Member:
    """A replica that shall be a voter. `name` is its identity, `<replica>-<zone letter>`; `address` is
    internal and reserved.
    """

    name: str
    address: str
    zone: str

    def __post_init__(self) -> None:
        check_name("Members.members[].name", self.name)
        check_name(f"Members.members[{self.name}].zone", self.zone)
        check_address(f"Members.members[{self.name}].address", self.address)
        if self.zone[-2:-1] != "-" or not self.name.endswith(self.zone[-2:]):
            raise FormatError(
                f"Members.members[{self.name}].zone is {self.zone!r}; the name must end in the zone's "
                f"letter, as `<replica>{self.zone[-2:]}`"
            )


@dataclass(frozen=True)
class Members:
    """Who shall be a voter. Never empty: a control plane of nobody is never meant, so machines refuse it."""

    cluster: str
    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        check_name("Members.cluster", self.cluster)
        if not self.members:
            raise FormatError(
                "Members.members is []; list one replica at least, or take the stack down with "
                "`pulumi destroy`"
            )
        check_distinct("Members.members[].name", [member.name for member in self.members])
        check_distinct("Members.members[].address", [member.address for member in self.members])
        object.__setattr__(self, "members", tuple(sorted(self.members, key=lambda member: member.name)))

    def names(self) -> tuple[str, ...]:
        return tuple(member.name for member in self.members)

    def to_json(self) -> str:
        listed = [{"name": m.name, "address": m.address, "zone": m.zone} for m in self.members]
        return encode("Members", {"cluster": self.cluster, "members": listed})

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = decode(text, "Members")
        cluster, members = fields.text("cluster"), []
        for item in fields.objects("members"):
            members.append(Member(item.text("name"), item.text("address"), item.text("zone")))
            item.close()
        fields.close()
        return cls(cluster, tuple(members))


@dataclass(frozen=True)
class Retained:
    """Who may stay a voter although `Members` doesn't ask for it. May be empty."""

    cluster: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        check_name("Retained.cluster", self.cluster)
        for name in self.members:
            check_name("Retained.members[]", name)
        check_distinct("Retained.members[]", list(self.members))
        object.__setattr__(self, "members", tuple(sorted(self.members)))

    def to_json(self) -> str:
        return encode("Retained", {"cluster": self.cluster, "members": list(self.members)})

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = decode(text, "Retained")
        cluster, members = fields.text("cluster"), fields.items("members")
        fields.close()
        for name in members:
            if not isinstance(name, str):
                raise FormatError(f"Retained.members[] is {name!r}; expected a replica's identity, as `m1-b`")
        return cls(cluster, tuple(members))
