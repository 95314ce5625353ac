"""What rules read of a resource, without tripping over what a preview can't know.

Reading an unknown value raises `UnknownValueError`, and the engine then turns the whole rule into a note. So a rule reads
what is known in every preview: inputs that our components record, and literals. Where some values of a mapping are unknown,
they alone are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_policy.proxy import UnknownValueError

API_ENDPOINT = "ha-masters:index:ApiEndpoint"
CONTROL_PLANE = "ha-masters:index:ControlPlane"
MASTER_REPLICA = "ha-masters:index:MasterReplica"
WORKERS = "ha-masters:index:Workers"

ADDRESS = "gcp:compute/address:Address"
DISK = "gcp:compute/disk:Disk"
DISK_SCHEDULE = "gcp:compute/diskResourcePolicyAttachment:DiskResourcePolicyAttachment"
FIREWALL = "gcp:compute/firewall:Firewall"
INSTANCE = "gcp:compute/instance:Instance"


@dataclass(frozen=True, slots=True)
class Replica:
    """A master as components record it."""

    identity: str
    zone: str


def replicas(inputs: Mapping[str, Any]) -> tuple[Replica, ...]:
    """Returns the replicas that a `ControlPlane` records."""
    return tuple(Replica(each["identity"], each["zone"]) for each in inputs.get("replicas") or ())


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of workers as components record it; `size` is of each zone, the most where the autoscaler chooses."""

    name: str
    zones: tuple[str, ...]
    size: int
    spot: bool


def pools(inputs: Mapping[str, Any]) -> tuple[Pool, ...]:
    """Returns the pools that `Workers` records. A number is a float here."""
    return tuple(
        Pool(each["name"], tuple(each["zones"]), int(each.get("max", each["size"])), bool(each["spot"]))
        for each in inputs.get("pools") or ()
    )


def types(urn: str) -> list[str]:
    """Returns the types in a URN, from the outermost parent's to its own."""
    return urn.split("::")[2].split("$")


def is_child(urn: str, type_: str, parent: str) -> bool:
    return types(urn)[-2:] == [parent, type_]


def known_items(values: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    """Yields the items whose values are known."""
    for key in values or {}:
        try:
            yield key, (values or {})[key]
        except UnknownValueError:
            continue


def listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
