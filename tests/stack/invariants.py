"""What must be true at every moment of a cluster's life, read from the simulator's journal.

The journal keeps the facts after each change: addresses and who uses them, rules, machines, and etcd's members as the
model guests have them. A broken promise names the moment and the call that broke it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from node.quorum import quorum

ADDRESS = "dev-api"
BUCKET = "lab-project-dev-masters"

Entry = Mapping[str, Any]


def broken_promises(entries: Iterable[Entry]) -> list[str]:
    """Every moment at which a promise didn't hold; a destroyed stack has none to keep."""
    promises = [_AddressStays(), _OneHolder(), _Quorum(), _OneDown()]
    broken = []
    for entry in entries:
        facts = entry.get("facts")
        if not facts:
            continue
        for promise in promises:
            complaint = promise.check(facts)
            if complaint:
                what = entry.get("methodId", entry.get("kind"))
                broken.append(f"#{entry['seq']} after {what} {entry.get('resource', '')}: {complaint}")
    return broken


class _AddressStays:
    """Once reserved, the API's address is never released and never another one."""

    def __init__(self) -> None:
        self._seen = False

    def check(self, facts: Entry) -> str:
        there = ADDRESS in facts["addresses"]
        lost = self._seen and not there
        self._seen = self._seen or there
        return "the address was released" if lost else ""


class _OneHolder:
    """At most one rule holds it."""

    def check(self, facts: Entry) -> str:
        users = facts["addresses"].get(ADDRESS, {}).get("users", [])
        return f"the address is held by {users}" if len(users) > 1 else ""


class _Quorum:
    """Voters that are well never fall below a quorum, once there are voters."""

    def check(self, facts: Entry) -> str:
        etcd = _etcd(facts)
        if not etcd or not etcd["voters"] or not _anyone_runs(facts):
            return ""
        well = set(etcd["voters"]) & set(etcd["healthy"])
        if etcd["voters"] == sorted(etcd["down"]) and len(etcd["voters"]) == 1:
            return ""  # A sole master that is restarted on its own disk: nobody can stand in for it.
        if len(well) < quorum(len(etcd["voters"])):
            return f"of voters {etcd['voters']} only {sorted(well)} are well"
        return ""


class _OneDown:
    """At most one voter is down by an API call, which is to say by our doing."""

    def check(self, facts: Entry) -> str:
        etcd = _etcd(facts)
        ours = [name for name, cause in etcd["down"].items() if cause == "api"] if etcd else []
        return f"down by our doing: {ours}" if len(ours) > 1 else ""


def _etcd(facts: Entry) -> Mapping[str, Any] | None:
    clusters = facts.get("guestModel") or {}
    return clusters.get(BUCKET)


def _anyone_runs(facts: Entry) -> bool:
    return any(machine["status"] == "RUNNING" for machine in facts["instances"].values())
