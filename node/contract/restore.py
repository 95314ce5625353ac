"""What a cluster is restored from, who does it, and what the bucket keeps of it.

`desired/restore.json`, kind `Restore`, written by Pulumi beside the list of members:

    {"apiVersion": "ha-masters/v1", "kind": "Restore", "cluster": "dev", "founder": "m1-b",
     "id": "snapshots/2026-01-02T03:04:05Z-4711-m1-b.db", "overQuorum": ""}

The id of a request is what the operator wrote, so that everyone can read it: the name of a snapshot in the bucket, or the
identity of the one replica whose disk is left. A request is done once; `#2` at its end makes it another one. `overQuorum`
is the id of the living cluster that may be given up for it, and empty where none may.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Self

from node.contract.bucket_layout import SNAPSHOTS
from node.contract.fields import Fields, FormatError, check_hex, check_name, decode, encode

_AGAIN = re.compile(r"#[1-9]\d{0,3}$")
_SNAPSHOT = re.compile(r"snapshots/[A-Za-z0-9][A-Za-z0-9._:+-]{0,250}")


@dataclass(frozen=True)
class Source:
    """The source that a request's id names: one of the two is empty."""

    snapshot: str = ""
    survivor: str = ""

    @classmethod
    def of(cls, request: str) -> Self:
        """Raises FormatError for what is neither."""
        plain = _AGAIN.sub("", request)
        if plain.startswith(SNAPSHOTS):
            if not _SNAPSHOT.fullmatch(plain):
                raise FormatError(
                    f"Restore.id is {request!r}; expected the name of a snapshot, as it stands in the bucket"
                )
            return cls(snapshot=plain)
        check_name("Restore.id", plain)
        return cls(survivor=plain)

    def __str__(self) -> str:
        return self.snapshot or f"the disk of {self.survivor}"


def slug(request: str) -> str:
    """Returns a request's id as the name of a file or a part of an etcd token."""
    return hashlib.sha256(request.encode()).hexdigest()[:12]


def again(request: str) -> str:
    """Returns the id that asks for the same restore once more."""
    found = _AGAIN.search(request)
    count = int(found.group()[1:]) + 1 if found else 2
    return f"{_AGAIN.sub('', request)}#{count}"


@dataclass(frozen=True)
class Restore:
    """Asks for a new cluster from what the id names. `founder` performs it, and is the new cluster's first member."""

    cluster: str
    id: str
    founder: str
    over_quorum: str = ""

    def __post_init__(self) -> None:
        check_name("Restore.cluster", self.cluster)
        check_name("Restore.founder", self.founder)
        survivor = Source.of(self.id).survivor
        if survivor and survivor != self.founder:
            raise FormatError(
                f"Restore.founder is {self.founder!r}; only {survivor} has the disk that is left"
            )
        if self.over_quorum:
            check_hex("Restore.overQuorum", self.over_quorum)

    @property
    def source(self) -> Source:
        return Source.of(self.id)

    def to_json(self) -> str:
        fields = {
            "cluster": self.cluster,
            "id": self.id,
            "founder": self.founder,
            "overQuorum": self.over_quorum,
        }
        return encode("Restore", fields)

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = decode(text, "Restore")
        restore = cls(
            fields.text("cluster"), fields.text("id"), fields.text("founder"), fields.text("overQuorum")
        )
        fields.close()
        return restore


@dataclass(frozen=True)
class Restored:
    """A request that was done: the cluster that came of it, and when, RFC 3339 in UTC by that machine's clock."""

    id: str
    cluster_id: str
    at: str

    def __post_init__(self) -> None:
        Source.of(self.id)
        check_hex("Bootstrap.restored[].clusterId", self.cluster_id)

    def to_fields(self) -> dict[str, Any]:
        return {"id": self.id, "clusterId": self.cluster_id, "at": self.at}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        restored = cls(fields.text("id"), fields.text("clusterId"), fields.text("at"))
        fields.close()
        return restored
