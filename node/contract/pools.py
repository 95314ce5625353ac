"""What Pulumi asks for beside the masters: pools of workers, each as one managed instance group a zone.

`desired/pools.json`, kind `Pools`, written by Pulumi, read by every master's agent at each look. Without the object there
are no pools, and masters are as they were before there could be any.

    {"apiVersion": "ha-masters/v1", "kind": "Pools", "cluster": "dev", "project": "p",
     "serviceAccount": "dev-workers@p.iam.gserviceaccount.com",
     "pools": [{"name": "web", "template": "https://…/regions/europe-west1/instanceTemplates/dev-web-0f0f0f0f",
                "maxSurge": 1, "maxUnavailable": 0, "drainTimeoutSeconds": 600,
                "zones": [{"zone": "europe-west1-b", "group": "dev-web-b", "size": 3}]}]}

A zone with `"max": 9` beside its size has as many machines as the autoscaler chooses, from the one to the other.

A pool or a zone that was taken off the config stays here with size 0 while its group stands: its kubelets must sign in
until the last pod has left them.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from node.contract.fields import Fields, FormatError, check_distinct, check_name, decode, encode

_POOL_NAME = re.compile(r"[a-z]([-a-z0-9]{0,8}[a-z0-9])?")
MACHINE: Final = "[a-z0-9]{4}"
"""What a group appends to its base instance name, after a dash:
https://cloud.google.com/compute/docs/instance-groups/working-with-managed-instances.
"""


CONTENT_DIGITS: Final = 8
"""Of the digest of all that is in a template, in its name: another content is another template, made before the old goes."""


def group_name(cluster: str, pool: str, zone: str) -> str:
    """Returns the group's name, which is its machines' base name too: `dev`, `web`, `europe-west1-b` make `dev-web-b`."""
    return f"{cluster}-{pool}-{zone.rpartition('-')[2]}"


def template_name(by_content: str, recorded: str) -> str:
    """Returns the name for a template of which `by_content` is the name that says its content, beside the one that the state
    has `recorded`, or "": that one's, if it is of this content, and another than any before it otherwise. What a change that
    was cut off had replaced is still there when the change is taken back, and no second one may have its name.
    """
    if not recorded or same_template(by_content, recorded):
        return recorded or by_content
    return f"{by_content}-{hashlib.sha256(recorded.encode()).hexdigest()[:4]}"


def same_template(one: str, other: str) -> bool:
    """Of two names of templates or references to them, whichever host stands before: whether they have the same content."""
    return _content(one) == _content(other)


def _content(reference: str) -> str:
    found = re.fullmatch(rf"(.*-[0-9a-f]{{{CONTENT_DIGITS}}})-[0-9a-f]{{4}}", reference)
    return (found[1] if found else reference)[max(0, reference.find("projects/")) :]


@dataclass(frozen=True)
class PoolZone:
    """One zone of a pool: the group of that zone, and how many machines it shall have: `size`, or where there is a `most`
    from `size` to that many, as the autoscaler chooses.
    """

    zone: str
    group: str
    size: int
    most: int | None = None

    def __post_init__(self) -> None:
        check_name("Pools.pools[].zones[].zone", self.zone)
        check_name(f"Pools.pools[].zones[{self.zone}].group", self.group)
        if self.size < 0:
            raise FormatError(f"Pools.pools[].zones[{self.zone}].size is {self.size}; expected zero or more")
        if self.most is not None and self.most < max(1, self.size):
            raise FormatError(
                f"Pools.pools[].zones[{self.zone}].max is {self.most}; expected {max(1, self.size)} or more"
            )

    @property
    def ceiling(self) -> int:
        """More than these leave."""
        return self.size if self.most is None else self.most

    def has(self, machine: str) -> bool:
        """Returns whether a VM of this name is one that this group makes."""
        base, dash, rest = machine.rpartition("-")
        return bool(dash) and base == self.group and re.fullmatch(MACHINE, rest) is not None


@dataclass(frozen=True)
class Pool:
    """Machines of one sort. `template` is the self link of the regional template that they shall be made of, and empty only
    where none is to be made. `max_surge` and `max_unavailable` hold for each zone by itself.
    """

    name: str
    zones: tuple[PoolZone, ...]
    template: str
    max_surge: int
    max_unavailable: int
    drain_timeout_seconds: int

    def __post_init__(self) -> None:
        where = f"Pools.pools[{self.name}]"
        if not _POOL_NAME.fullmatch(self.name):
            raise FormatError(
                f"Pools.pools[].name is {self.name!r}; use lower-case letters, digits and dashes, a letter first, "
                "10 at most"
            )
        if not self.zones:
            raise FormatError(f"{where}.zones is []; list one zone at least, or leave the pool out")
        check_distinct(f"{where}.zones[].zone", [each.zone for each in self.zones])
        if not self.template and any(each.ceiling for each in self.zones):
            raise FormatError(f"{where}.template is ''; name the template that its machines are made of")
        if self.max_surge < 0 or self.max_unavailable < 0 or not self.max_surge + self.max_unavailable:
            raise FormatError(
                f"{where} has maxSurge {self.max_surge} and maxUnavailable {self.max_unavailable}; one of them must "
                "be 1 or more, or no machine could ever be replaced"
            )
        if self.drain_timeout_seconds < 1:
            raise FormatError(
                f"{where}.drainTimeoutSeconds is {self.drain_timeout_seconds}; expected 1 or more"
            )
        object.__setattr__(self, "zones", tuple(sorted(self.zones, key=lambda each: each.zone)))

    def to_fields(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "template": self.template,
            "maxSurge": self.max_surge,
            "maxUnavailable": self.max_unavailable,
            "drainTimeoutSeconds": self.drain_timeout_seconds,
            "zones": [
                {"zone": each.zone, "group": each.group, "size": each.size}
                | ({} if each.most is None else {"max": each.most})
                for each in self.zones
            ],
        }

    @classmethod
    def read(cls, fields: Fields) -> Self:
        zones = []
        for item in fields.objects("zones"):
            most = item.number("max") if item.has("max") else None
            zones.append(PoolZone(item.text("zone"), item.text("group"), item.number("size"), most))
            item.close()
        pool = cls(
            fields.text("name"),
            tuple(zones),
            fields.text("template"),
            fields.number("maxSurge"),
            fields.number("maxUnavailable"),
            fields.number("drainTimeoutSeconds"),
        )
        fields.close()
        return pool


@dataclass(frozen=True)
class Pools:
    """All pools of a cluster, and the service account by which their machines are known. None of them may be listed."""

    cluster: str
    project: str
    service_account: str
    pools: tuple[Pool, ...]

    def __post_init__(self) -> None:
        check_name("Pools.cluster", self.cluster)
        if not self.project:
            raise FormatError("Pools.project is ''; expected the id of the project that the machines are in")
        if "@" not in self.service_account:
            raise FormatError(
                f"Pools.serviceAccount is {self.service_account!r}; expected the email of the workers' account"
            )
        check_distinct("Pools.pools[].name", [pool.name for pool in self.pools])
        check_distinct(
            "Pools.pools[].zones[].group", [zone.group for pool in self.pools for zone in pool.zones]
        )
        object.__setattr__(self, "pools", tuple(sorted(self.pools, key=lambda pool: pool.name)))

    @property
    def size(self) -> int:
        """Of workers that there may be, in all pools and zones."""
        return sum(zone.ceiling for pool in self.pools for zone in pool.zones)

    def emptied(self) -> Self:
        """Returns the same with no machine anywhere."""
        return replace(
            self,
            pools=tuple(
                replace(pool, zones=tuple(replace(zone, size=0, most=None) for zone in pool.zones))
                for pool in self.pools
            ),
        )

    def to_json(self) -> str:
        fields = {
            "cluster": self.cluster,
            "project": self.project,
            "serviceAccount": self.service_account,
            "pools": [pool.to_fields() for pool in self.pools],
        }
        return encode("Pools", fields)

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = decode(text, "Pools")
        pools = cls(
            fields.text("cluster"),
            fields.text("project"),
            fields.text("serviceAccount"),
            tuple(Pool.read(item) for item in fields.objects("pools")),
        )
        fields.close()
        return pools
