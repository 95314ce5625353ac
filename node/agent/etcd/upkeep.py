"""The agent beside etcd's leader performs the steps of `node.planner.maintenance` here."""

from __future__ import annotations

from node.agent.etcd.gateway import EtcdError, Gateway
from node.agent.etcd.observe import Observation
from node.contract.metadata import Machine
from node.contract.peers import host_of
from node.planner import steps
from node.planner.maintenance import NOSPACE, upkeep

REST_SECONDS = 600.0
"""A member that was defragmented, well or not, isn't so soon again: what didn't help wouldn't help the next second."""


class Upkeep:
    """Remembers when it last tried a member, so that one that gains nothing by it is left alone for a while."""

    def __init__(self) -> None:
        self._tried: dict[str, float] = {}

    def tend(self, machine: Machine, look: Observation, gateway: Gateway, now: float) -> str:
        """Takes one step at most, and returns in words what was done. Raises EtcdError. `now` is a monotonic time."""
        rested = [member for member, at in self._tried.items() if now - at < REST_SECONDS]
        match upkeep(look.health, look.members or (), look.databases, rested):
            case steps.LiftNoSpace(member_ids=members):
                for member_id in members:
                    gateway.lift_alarm(machine.address, member_id, NOSPACE)
                return "lifts the alarm NOSPACE: every member has room, etcd takes writes again"
            case steps.MoveLeader(member_id=member_id, name=name):
                gateway.move_leader(machine.address, member_id)
                return f"moves leadership to {name}, so that the database here can be defragmented"
            case steps.Defragment(member_id=member_id, name=name, peer_url=url):
                self._tried[member_id] = now
                before = look.databases.of[member_id].size_bytes
                gateway.defragment(host_of(url))
                return f"defragments the database of {name}: {self._gained(gateway, url, before)}"
        return ""

    def _gained(self, gateway: Gateway, url: str, before: int) -> str:
        try:
            after = gateway.status(host_of(url)).size
        except EtcdError:
            return f"it was {before >> 20} MiB"
        return f"{before >> 20} MiB became {after >> 20} MiB"
