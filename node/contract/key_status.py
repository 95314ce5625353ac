"""`certificates`, `encryption` and `authorities` of a master's status: by which keys its processes live, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from node.contract.fields import Reported, check_name, check_time


@dataclass(frozen=True)
class Certificates:
    """The first of this machine's certificates to expire, by its file's stem; `expires` is RFC 3339, UTC."""

    first: str
    expires: str

    def __post_init__(self) -> None:
        check_name("ReplicaStatus.certificates.first", self.first)
        check_time("ReplicaStatus.certificates.expires", self.expires)

    def to_fields(self) -> dict[str, Any]:
        return {"first": self.first, "expires": self.expires}

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(said.text("first"), said.text("expires"))


@dataclass(frozen=True)
class Encryption:
    """By which key Secrets are stored in etcd, while there is more than one: the leader's machine counts them.

    `counts` are pairs of a key's number and how many Secrets it encrypts; `other` are those in the clear, or by a key that
    this machine doesn't have.
    """

    counts: tuple[tuple[int, int], ...]
    other: int = 0

    def of(self, key: int) -> int | None:
        """Returns None for a key that wasn't counted."""
        return dict(self.counts).get(key)

    def to_fields(self) -> dict[str, Any]:
        return {"counts": [{"key": key, "secrets": found} for key, found in self.counts], "other": self.other}

    @classmethod
    def read(cls, said: Reported) -> Self:
        counts = tuple((each.number("key"), each.number("secrets")) for each in said.objects("counts"))
        return cls(counts, said.number("other"))


@dataclass(frozen=True)
class AuthorityView:
    """One of the cluster's authorities as a machine's processes live by it: the generations that they trust, those that have
    issued what they hold, and of the key of tokens since when it signs (RFC 3339, UTC). 0 is of no known name.
    """

    name: str
    trusted: tuple[int, ...]
    issued: tuple[int, ...]
    since: str = ""

    def __post_init__(self) -> None:
        if self.since:
            check_time("ReplicaStatus.authorities[].since", self.since)

    def to_fields(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trusted": list(self.trusted),
            "issued": list(self.issued),
            "since": self.since,
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(said.text("name"), said.numbers("trusted"), said.numbers("issued"), said.text("since"))


@dataclass(frozen=True)
class AuthoritiesView:
    """All authorities of a machine, while any of their generations isn't the first."""

    views: tuple[AuthorityView, ...]

    def of(self, name: str) -> AuthorityView | None:
        return next((each for each in self.views if each.name == name), None)

    def to_fields(self) -> dict[str, Any]:
        return {"views": [each.to_fields() for each in self.views]}

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(tuple(AuthorityView.read(each) for each in said.objects("views")))
