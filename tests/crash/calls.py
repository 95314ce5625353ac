"""The calls with which the engine changes something, as the simulator's journal tells them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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
        """The fault, in the simulator's words, that `action` befalls this call and no other: masters write beside it."""
        exactly = f"^{_STAMP.sub('[0-9]{8}-[0-9]{6}', re.escape(self.resource))}$"
        which = {"method": self.method, "resource": exactly, "by": OPERATOR, "nth": self.nth}
        return {**which, "action": dict(action)}


_CHANGING = re.compile(r"\d{8}-\d{6}|[0-9a-f]{32,}")
"""In names: the moment, or the hash of what the program is."""
_TOLD = ("adds ", "promotes ", "removes ", "purges ", "hands leadership", "leaves service", "etcd starts")


def moment(call: Call) -> str:
    """The call in words that are the same in every run: `compute.instances.insert dev-m2-c`."""
    return _CHANGING.sub("*", str(call))


def told(entry: Mapping[str, Any]) -> str:
    """What a master of the guest model did, as `m1-b promotes m2-c`; empty for what is no such step."""
    event = entry["event"].partition(":")[0] if entry["kind"] == "guestModel" else ""
    return f"{entry['replica']} {event}" if event.startswith(_TOLD) else ""


def moments(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """The operator's calls that changed something, and the masters' steps, in the order in which they came."""
    listed = list(entries)
    words = {id(entry): moment(call) for entry, call in _calls(listed)}
    return [text for entry in listed if (text := words.get(id(entry)) or told(entry))]


def mutating(entries: Iterable[Mapping[str, Any]]) -> list[Call]:
    """The operator's own calls that changed something; what masters write is theirs."""
    return [call for _, call in _calls(entries)]


def _calls(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Call]]:
    counted: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        method = entry.get("methodId")
        if not method or entry["method"] == "GET" or method.endswith(_READING_POSTS):
            continue
        if entry.get("principal") != OPERATOR or entry["code"] >= 400:
            continue
        key = (method, entry["resource"])
        counted[key] += 1
        yield entry, Call(*key, counted[key])
