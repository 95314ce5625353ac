"""What must be true at every moment of a cluster's life, read from the simulator's journal.

The journal keeps the facts after each change: addresses and who uses them, rules, machines, and etcd's members as the
model guests have them. A broken promise names the moment and the call that broke it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from node.planner.quorum import quorum

ADDRESS = "dev-api"
BUCKET = "lab-project-dev-masters"

Entry = Mapping[str, Any]


OPERATOR = "owner"
"""Who the harness runs the engine as; masters are service accounts, and hands that mend are somebody else."""
_TAKES_DOWN = re.compile(r"compute\.instances\.(delete|stop|suspend|reset)")


def broken_promises(entries: Iterable[Entry]) -> list[str]:
    """Every moment at which a promise didn't hold. A destroy keeps none, until the next `up`."""
    promises: list[_Promise] = [
        _AddressStays(),
        _OneHolder(),
        _Quorum(),
        _OneDown(),
        _MachineGoes(),
        _DataGoes(),
    ]
    broken = []
    destroyed = False
    for entry in entries:
        if (typed := entry.get("typed")) is not None:
            destroyed = typed.startswith("pulumi destroy") or (destroyed and "pulumi up" not in typed)
            if destroyed:
                for promise in promises:
                    promise.end()
        facts = entry.get("facts")
        if not facts or destroyed:
            continue
        for promise in promises:
            complaint = promise.check(entry, facts)
            if complaint:
                what = entry.get("methodId", entry.get("kind"))
                broken.append(f"#{entry['seq']} after {what} {entry.get('resource', '')}: {complaint}")
    return broken


class _Promise(Protocol):
    def check(self, entry: Entry, facts: Entry) -> str:
        """What is broken at this entry; empty if nothing."""

    def end(self) -> None:
        """The stack is destroyed on purpose."""


class _AddressStays:
    """Once reserved, the API's address is never released and never another one."""

    def __init__(self) -> None:
        self._seen = False

    def check(self, _entry: Entry, facts: Entry) -> str:
        there = ADDRESS in facts["addresses"]
        lost = self._seen and not there
        self._seen = self._seen or there
        return "the address was released" if lost else ""

    def end(self) -> None:
        self._seen = False


class _OneHolder:
    """At most one rule holds it."""

    def check(self, _entry: Entry, facts: Entry) -> str:
        users = facts["addresses"].get(ADDRESS, {}).get("users", [])
        return f"the address is held by {users}" if len(users) > 1 else ""

    def end(self) -> None:
        pass


class _Quorum:
    """Voters that are well never fall below a quorum, once there was one. Who is down by a fault isn't so by our doing."""

    def __init__(self) -> None:
        self._had = False

    def check(self, _entry: Entry, facts: Entry) -> str:
        etcd = _etcd(facts)
        if not etcd or not etcd["voters"] or not _anyone_runs(facts):
            return ""
        well = set(etcd["voters"]) & set(etcd["healthy"])
        struck = {name for name, cause in etcd["down"].items() if cause == "fault"}
        if etcd["voters"] == sorted(etcd["down"]) and len(etcd["voters"]) == 1:
            return ""  # A sole master that is restarted on its own disk: nobody can stand in for it.
        if len(well | struck) < quorum(len(etcd["voters"])):
            return f"of voters {etcd['voters']} only {sorted(well)} are well" if self._had else ""
        self._had = True
        return ""

    def end(self) -> None:
        self._had = False


class _OneDown:
    """At most one voter is down by an API call, which is to say by our doing. Who was down at first, or at the end of a
    destroy that is taken back, counts once it has been up again.
    """

    def __init__(self) -> None:
        self._before: set[str] | None = None

    def check(self, _entry: Entry, facts: Entry) -> str:
        etcd = _etcd(facts)
        if not etcd:
            return ""
        down = {name for name, cause in etcd["down"].items() if cause == "api"}
        self._before = down if self._before is None else self._before & down
        ours = sorted(down - self._before)
        return f"down by our doing: {ours}" if len(ours) > 1 else ""

    def end(self) -> None:
        self._before = None


class _MachineGoes:
    """No call of ours takes a voter's machine down while those that remain have no quorum without it.

    A sole voter's machine may: nobody can stand in for it, and its disk stays. So may one that is down already.
    """

    def check(self, entry: Entry, facts: Entry) -> str:
        etcd = _etcd(facts)
        if not etcd or not _TAKES_DOWN.fullmatch(_ours(entry)):
            return ""
        who = _replica(entry)
        if who not in etcd["voters"] or who not in etcd["healthy"] or etcd["voters"] == [who]:
            return ""
        return _without(who, etcd)

    def end(self) -> None:
        pass


class _DataGoes:
    """No call of ours deletes a voter's data disk while those that remain have no quorum; a sole voter's never."""

    def check(self, entry: Entry, facts: Entry) -> str:
        etcd = _etcd(facts)
        if not etcd or _ours(entry) != "compute.disks.delete":
            return ""
        who = _replica(entry).removesuffix("-data")
        if etcd["voters"] == [who]:
            return f"the only copy of the data, {who}'s, is deleted"
        return _without(who, etcd) if who in etcd["voters"] else ""

    def end(self) -> None:
        pass


def _ours(entry: Entry) -> str:
    """The method that the operator's engine called with success; empty for anything else."""
    return str(entry["methodId"]) if entry.get("principal") == OPERATOR and entry["code"] < 400 else ""


def _replica(entry: Entry) -> str:
    return str(entry["resource"]).rsplit("/", 1)[-1].removeprefix("dev-")


def _without(who: str, etcd: Entry) -> str:
    """A voter that goes counts as one until it has left."""
    rest = sorted((set(etcd["voters"]) & set(etcd["healthy"])) - {who})
    if len(rest) < quorum(len(etcd["voters"])):
        return f"{who} goes, and of voters {etcd['voters']} only {rest} remain"
    return ""


def _etcd(facts: Entry) -> Mapping[str, Any] | None:
    clusters = facts.get("guestModel") or {}
    return clusters.get(BUCKET)


def _anyone_runs(facts: Entry) -> bool:
    return any(machine["status"] == "RUNNING" for machine in facts["instances"].values())
