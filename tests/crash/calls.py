"""The calls with which the engine changes something, as the simulator's journal tells them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

OPERATOR = "owner"
"""Who the harness runs the engine as; masters are service accounts."""
_STAMP = re.compile(r"\d{8}\\-\d{6}$")
"""The date and time that the provider ends a snapshot's name with, as `re.escape` leaves it."""
_READING_POSTS = ("listInstances", "getHealth", "getIamPolicy", "testIamPermissions", "wait")


@dataclass(frozen=True)
class Call:
    """`nth` counts the calls of this method on this resource from 1."""

    method: str
    resource: str
    nth: int

    def __str__(self) -> str:
        again = f" (#{self.nth})" if self.nth > 1 else ""
        return f"{self.method} {self.resource.rsplit('/', 1)[-1]}{again}"

    def to_json(self) -> dict[str, Any]:
        return {"method": self.method, "resource": self.resource, "nth": self.nth}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Call:
        return cls(said["method"], said["resource"], said["nth"])

    def order(self, action: Mapping[str, Any]) -> dict[str, Any]:
        """The fault, in the simulator's words, that `action` befalls this call and no other."""
        exactly = f"^{_STAMP.sub('[0-9]{8}-[0-9]{6}', re.escape(self.resource))}$"
        return {"method": self.method, "resource": exactly, "nth": self.nth, "action": dict(action)}


def mutating(entries: Iterable[Mapping[str, Any]]) -> list[Call]:
    """The operator's own calls that changed something; what masters write is theirs."""
    counted: Counter[tuple[str, str]] = Counter()
    calls = []
    for entry in entries:
        method = entry.get("methodId")
        if not method or entry["method"] == "GET" or method.endswith(_READING_POSTS):
            continue
        if entry.get("principal") != OPERATOR or entry["code"] >= 400:
            continue
        key = (method, entry["resource"])
        counted[key] += 1
        calls.append(Call(*key, counted[key]))
    return calls
