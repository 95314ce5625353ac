"""`pools` of a master's status: how each zone of each pool is, as the leader's machine sees it, and what it does about it.

    "pools": {"generation": "21", "problem": "", "zones": [
        {"pool": "web", "zone": "europe-west1-b", "wanted": 3, "machines": 4, "ready": 3, "old": 1,
         "doing": "evicting default/web-0 from dev-web-b-x1y2", "stuck": ""}],
        "blocked": ["budget default/web allows no eviction now"], "unmanaged": ["default/once on dev-web-b-x1y2"],
        "waiting": ["dev-web-b-x1y2 waits for its serving certificate: dev-web-b-x1y2 is STAGING"]}

It is there only where `desired/pools.json` is, and only in the leader's status. It is read leniently, and whoever waits for
a zone that isn't in it waits on: what isn't understood says nothing is well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from node.contract.fields import Reported


@dataclass(frozen=True)
class ZoneView:
    """One zone of a pool. `machines` are all that the group has, makes or deletes; `ready` those of them that are of the
    wanted template, Ready and schedulable; `old` those of another template. `most`: the autoscaler chooses how many there
    are, from `wanted` to that.

    `doing` is the step that is being taken, `stuck` why none can be: both for people, at most one of them set.
    """

    pool: str
    zone: str
    wanted: int
    machines: int
    ready: int
    old: int
    doing: str = ""
    stuck: str = ""
    most: int | None = None

    @property
    def settled(self) -> bool:
        """Whether it is as asked, with nothing left to do."""
        enough = (
            self.ready >= self.wanted if self.most is not None else self.machines == self.ready == self.wanted
        )
        return enough and not (self.old or self.doing or self.stuck)

    def to_fields(self) -> dict[str, Any]:
        return {
            "pool": self.pool,
            "zone": self.zone,
            "wanted": self.wanted,
            "machines": self.machines,
            "ready": self.ready,
            "old": self.old,
            "doing": self.doing,
            "stuck": self.stuck,
            **({} if self.most is None else {"max": self.most}),
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(
            said.text("pool"),
            said.text("zone"),
            said.number("wanted"),
            said.number("machines"),
            said.number("ready"),
            said.number("old"),
            said.text("doing"),
            said.text("stuck"),
            said.number("max") if said.has("max") else None,
        )


@dataclass(frozen=True)
class PoolsView:
    """`generation` is that of the object which was acted on, `problem` why nothing is known of it or of the machines.

    `blocked` are budgets that allow no eviction now, `unmanaged` pods that nobody makes again: what a drain would meet.
    `waiting` says in clauses who can't join, and why.
    """

    generation: str = ""
    zones: tuple[ZoneView, ...] = ()
    problem: str = ""
    blocked: tuple[str, ...] = ()
    unmanaged: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    def zone(self, pool: str, zone: str) -> ZoneView | None:
        return next((each for each in self.zones if (each.pool, each.zone) == (pool, zone)), None)

    def to_fields(self) -> dict[str, Any]:
        return {
            "generation": self.generation,
            "zones": [each.to_fields() for each in self.zones],
            "problem": self.problem,
            "blocked": list(self.blocked),
            "unmanaged": list(self.unmanaged),
            "waiting": list(self.waiting),
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(
            said.text("generation"),
            tuple(ZoneView.read(each) for each in said.objects("zones")),
            said.text("problem"),
            said.texts("blocked"),
            said.texts("unmanaged"),
            said.texts("waiting"),
        )
