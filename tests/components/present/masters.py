"""Masters in few words, for tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from components.present.facts import Master, Present, Report
from node.contract.status import EtcdView, MemberView, ReplicaStatus

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def view(members: str, leader: str = "m1-b") -> EtcdView:
    """`m1-b m2-c! m3-d~`: a voter, one that is not healthy, and a learner."""
    seen = []
    for number, word in enumerate(members.split(), 1):
        name = word.rstrip("!~")
        role: Any = "learner" if "~" in word else "voter"
        seen.append(MemberView(name, f"{number:x}", role, "!" not in word, True))
    return EtcdView("1f", "1", leader, 12, tuple(seen))


def status(name: str, members: str, **more: Any) -> ReplicaStatus:
    plain = ReplicaStatus(
        "dev", name, "7", "hash", "serving", apiserver_ready=True, etcd=view(members) if members else None
    )
    return replace(plain, **more)


def master(name: str, members: str = "m1-b m2-c m3-d", age: float = 4, **more: Any) -> Master:
    """One that is well. `more` are fields of its status, or of the master itself."""
    own = {key: more.pop(key) for key in ("machine", "report", "grouped", "health") if key in more}
    well = Master(name, "RUNNING", Report(age, status(name, members, **more)), True, "HEALTHY")
    return replace(well, **own)


def three(**others: Master) -> Present:
    """m1-b (beside the leader), m2-c and m3-d, with some of them in another state: `m2=master(…)`."""
    names = {"m1": "m1-b", "m2": "m2-c", "m3": "m3-d"}
    return Present(NOW, tuple(others.get(key, master(name)) for key, name in names.items()))


def one(**more: Any) -> Present:
    return Present(NOW, (master("m1-b", "m1-b", **more, grouped=None, health=None),))
