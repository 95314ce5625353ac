"""The next step of all pools: at most one, by what is asked for and what is there.

Zones grow side by side; only one node at a time is drained in the whole cluster, within its zone's limits. A machine goes
when nothing is left on it that a drain minds, whatever its group, its template or its health: there is no other way to
`Delete` in here.

Where the autoscaler chooses a zone's number, its least is what is grown to and what a drain leaves of use, and its most is
what is shrunk to. What lies between is the autoscaler's: above the least a node is drained before another one comes, which
the autoscaler makes if pods find no room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from node.contract.pools import Pool, Pools, PoolZone, same_template
from node.contract.status import ZoneView
from node.planner.pools.drain import Drained, Waits, drain
from node.planner.pools.seen import Group, Machine, Seen
from node.planner.pools.steps import Delete, Grow, Plan, Step, Uncordon

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class _Place:
    """A pool in a zone, as it is. `live` are the machines that the group counts."""

    pool: Pool
    zone: PoolZone
    group: Group
    seen: Seen

    @property
    def live(self) -> list[Machine]:
        return [machine for machine in self.group.machines if not machine.leaves]

    @property
    def between(self) -> bool:
        """Whether the group already makes machines of a template that nobody has asked for yet: an update was cut off."""
        return self.zone.ceiling > 0 and not same_template(self.group.template, self.pool.template)

    @property
    def old(self) -> list[Machine]:
        """Those of another template. Of one that isn't told nothing is concluded."""
        fitting = [self.pool.template, "", *([self.group.template] if self.between else [])]
        return [each for each in self.live if not any(same_template(each.template, one) for one in fitting)]

    @property
    def current(self) -> list[Machine]:
        old = {each.name for each in self.old}
        return [each for each in self.live if each.name not in old]

    @property
    def nodes_of_none(self) -> list[str]:
        """Nodes whose machines have gone. They are deleted beside this, by who may ask for VMs: while there are pools."""
        there = {machine.name for machine in self.group.machines}
        return sorted(name for name in self.seen.nodes if self.zone.has(name) and name not in there)

    def usable(self, machine: Machine) -> bool:
        """Returns whether pods may be put onto it."""
        node = self.seen.nodes.get(machine.name)
        return machine.runs and not machine.leaves and node is not None and node.ready and not node.cordoned

    def draining(self, machine: Machine) -> bool:
        node = self.seen.nodes.get(machine.name)
        return node is not None and node.draining_since is not None

    @property
    def leaving(self) -> list[Machine]:
        """Those that shall go, who first: what is being drained, then what is of no use, then who has fewest pods."""
        surplus = len(self.current) - self.zone.ceiling
        return sorted(self.old, key=self._order) + sorted(self.current, key=self._order)[: max(0, surplus)]

    def _order(self, machine: Machine) -> tuple[bool, bool, int, str]:
        pods = sum(pod.node == machine.name and not pod.kept for pod in self.seen.pods)
        return (not self.draining(machine), self.usable(machine), pods, machine.name)

    @property
    def short(self) -> bool:
        """Whether pods have less room here than was asked for."""
        return sum(map(self.usable, self.live)) < self.zone.size - self.pool.max_unavailable

    @property
    def scaled(self) -> bool:
        """Whether what is there is one of the numbers that the autoscaler may choose, of the template that was asked for."""
        usable = sum(map(self.usable, self.current))
        return self.zone.most is not None and not self.leaving and usable >= self.zone.size

    def may_go(self, machine: Machine) -> bool:
        """Returns whether its zone has enough of use without it; one that is of no use costs nothing."""
        others = sum(self.usable(each) for each in self.live if each.name != machine.name)
        return not self.usable(machine) or others >= self.zone.size - self.pool.max_unavailable


@dataclass(frozen=True)
class _Intent:
    """What a zone would do next, as a step or in words, and whether that is part of a drain."""

    step: Step | None = None
    doing: str = ""
    stuck: str = ""
    drains: str = ""


def plan_pools(asked: Pools, seen: Seen, now: float) -> Plan:
    """`now` is in seconds since 1970, by the clock that `Node.draining_since` was written by."""
    places, lost = _places(asked, seen)
    begun = next(
        (each.name for place in places for each in place.leaving if place.draining(each)),
        "",
    )
    short = next((f"{each.pool.name} in {each.zone.zone}" for each in places if each.short), "")
    intents = [(place, _next(place, now, begun, short)) for place in places]
    steps = [intent.step for _, intent in intents if intent.step]
    back = [step for step in steps if isinstance(step, Uncordon)]
    step = next(iter(back or steps), None)
    views = [_view(place, intent) for place, intent in intents]
    return Plan(step, tuple(sorted((*views, *lost), key=lambda view: (view.pool, view.zone))))


def nodes_that_leave(asked: Pools, seen: Seen) -> frozenset[str]:
    """Names of nodes whose pods matter now; of what is seen, pods needn't be."""
    places = _places(asked, seen)[0]
    names = {machine.name for place in places for machine in place.leaving if machine.name in seen.nodes}
    return frozenset(names)


def _places(asked: Pools, seen: Seen) -> tuple[list[_Place], list[ZoneView]]:
    """Those whose groups are there, and what is said of the others."""
    places, lost = [], []
    for pool in asked.pools:
        for zone in pool.zones:
            group = seen.groups.get(zone.group)
            if group is None:
                lost.append(_lost(pool, zone))
            else:
                places.append(_Place(pool, zone, group, seen))
    return places, lost


def _next(place: _Place, now: float, begun: str, short: str) -> _Intent:
    """`begun` is the one node of the cluster that is being drained, if any; `short` a zone that hasn't got its nodes yet:
    what goes altogether waits for these, for its pods are to go there.
    """
    leaving = place.leaving
    names = {machine.name for machine in leaving}
    for machine in place.live:
        if place.draining(machine) and machine.name not in names:
            return _Intent(Uncordon(machine.name))
    if place.between:
        return _Intent(
            stuck=f"{place.zone.group} makes machines of another template than was asked for: run `pulumi up` again"
        )
    if grown := _grow(place, now):
        return _Intent(grown)
    for machine in leaving:
        if machine.name not in place.seen.nodes:  # It has never been a node, or is one no more.
            return _Intent(Delete(place.zone.zone, place.zone.group, machine.name))
    if leaving and short and not place.zone.ceiling and not begun:
        return _Intent(doing=f"waits until {short} has its nodes")
    mine = [machine for machine in leaving if machine.name == begun]
    candidates = mine or ([] if begun else [machine for machine in leaving if place.may_go(machine)])
    if candidates:
        return _leave(place, candidates[0], now)
    return _waits(place, begun)


def _grow(place: _Place, now: float) -> Grow | None:
    missing = place.zone.size - len(place.current)
    room = place.zone.size + place.pool.max_surge - len(place.group.machines)
    many = min(missing, room)
    if many < 1:
        return None
    taken = {machine.name for machine in place.group.machines} | place.seen.nodes.keys()
    return Grow(place.zone.zone, place.zone.group, tuple(_names(place.zone.group, many, taken, now)))


def _names(group: str, many: int, taken: Iterable[str], now: float) -> list[str]:
    """New names of the kind that the group itself gives; others at another time."""
    used, found, number = set(taken), list[str](), 0
    while len(found) < many:
        digest = hashlib.sha256(f"{group} {now} {number}".encode()).digest()
        name = f"{group}-{''.join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:4])}"
        if name not in used:
            used.add(name)
            found.append(name)
        number += 1
    return found


def _leave(place: _Place, machine: Machine, now: float) -> _Intent:
    match drain(machine, place.seen, now, place.pool.drain_timeout_seconds):
        case Drained():
            return _Intent(Delete(place.zone.zone, place.zone.group, machine.name))
        case Waits(reason, too_long):
            return _Intent(stuck=reason) if too_long else _Intent(doing=f"drains {machine.name}: {reason}")
        case step:
            return _Intent(step)


def _waits(place: _Place, begun: str) -> _Intent:
    """Returns why a zone that isn't as asked does nothing now."""
    if place.scaled:
        return _Intent()
    problems = sorted({machine.problem for machine in place.live if machine.problem})
    if problems:
        return _Intent(stuck=problems[0])
    for machine in place.current:
        if not place.usable(machine) and not place.draining(machine):
            return _unusable(place, machine)
    gone = [machine.name for machine in place.group.machines if machine.leaves]
    if gone:
        return _Intent(doing=f"waits until {', '.join(gone)} {'is' if len(gone) == 1 else 'are'} gone")
    if place.nodes_of_none:
        return _Intent(
            doing=f"waits until the Node of {place.nodes_of_none[0]}, whose VM is gone, is deleted"
        )
    if place.leaving and begun:
        return _Intent(doing=f"waits until {begun} is drained")
    return _Intent(doing="waits for more machines of use") if place.leaving else _Intent()


def _unusable(place: _Place, machine: Machine) -> _Intent:
    node = place.seen.nodes.get(machine.name)
    if node is None:
        return _Intent(doing=f"waits until {machine.name} joins")
    if node.ready:
        return _Intent(
            stuck=f"{machine.name} was cordoned by somebody else: `kubectl uncordon {machine.name}`"
        )
    return _Intent(doing=f"waits until {machine.name} is Ready")


def _view(place: _Place, intent: _Intent) -> ZoneView:
    ready = sum(place.usable(machine) for machine in place.current)
    return ZoneView(
        place.pool.name,
        place.zone.zone,
        place.zone.size,
        len(place.group.machines),
        ready,
        len(place.old),
        str(intent.step) if intent.step else intent.doing,
        intent.stuck,
        place.zone.most,
    )


def _lost(pool: Pool, zone: PoolZone) -> ZoneView:
    """A group that isn't there, as after its deletion: as asked if nobody wants anything in it."""
    stuck = f"there is no group {zone.group}: run `pulumi up` again" if zone.ceiling else ""
    return ZoneView(pool.name, zone.zone, zone.size, 0, 0, 0, "", stuck, zone.most)
