"""Lives through a history: what the operator, Pulumi and misfortune do, as `World` has them."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from node.agent.etcd.gateway import EtcdError
from tests.node.agent.world import ADDRESSES, World
from tests.robustness.histories import Change, Fault, History
from tests.robustness.judging import Clients, Verdict, kept

CHANGE_SECONDS = 150.0

Tell = Callable[[str], None]


@dataclass
class Cluster:
    """The masters of a world of which each is on, off, or was never there."""

    world: World
    written: Path
    """Gets what members wrote, before their disks go."""
    tell: Tell
    hopeless: Callable[[World], bool]
    """Whether a change that hasn't come to its end never will."""
    on: set[str] = field(default_factory=set)

    def live(self, history: History) -> None:
        """Raises AssertionError where a change doesn't come to its end."""
        before = history.first
        for change in history.changes:
            self.tell(f"  {' '.join(before)} → {' '.join(change.wanted)}{', taken back' * change.taken_back}")
            self.change(before, change)
            before = before if change.taken_back else change.wanted
            if change.then:
                self.befall(change.then, before)

    def make(self, names: tuple[str, ...]) -> None:
        """As Pulumi does: with a blank disk, if there was one of this name before."""
        for name in names:
            if name not in self.on:
                replica = self.world.replica(name)
                replica.new_disks()
                replica.boot()
                self.on.add(name)

    def delete(self, names: set[str]) -> None:
        for name in sorted(names):
            self.world.replica(name).power_cut()
            kept(self.world.replica(name), self.written)
            self.on.discard(name)

    def settled(self, wanted: tuple[str, ...]) -> None:
        self._wait(f"{wanted} vote, and nobody else", lambda: self.serves(wanted))

    def _wait(self, what: str, holds: Callable[[], bool]) -> None:
        """Raises AssertionError after `CHANGE_SECONDS`, or when there is no hope."""
        self.world.wait(what, lambda: holds() or self.hopeless(self.world), CHANGE_SECONDS)
        assert holds(), f"there is no hope that {what}"

    def serves(self, wanted: tuple[str, ...]) -> bool:
        members = self._members()
        return set(members) == set(wanted) and all(members.values())

    def change(self, before: tuple[str, ...], change: Change) -> None:
        """One update, and the machines that it deletes last. Taken back, its newcomers go, whoever is a member already."""
        self.world.ask_for(*change.wanted)
        self.make(change.wanted)
        self._befall(change.during)
        wanted = change.wanted
        if change.taken_back:
            wanted = before
            self.world.ask_for(*wanted)
        else:
            newcomers = set(wanted) - set(before)

            def joined() -> bool:
                members = self._members()
                return all(members.get(name) for name in newcomers)

            self._wait(f"{sorted(newcomers)} have joined", joined)
        self.world.release_all_but(*wanted)
        self.settled(wanted)
        self.delete(self.on - set(wanted))

    def _members(self) -> dict[str, bool]:
        """Each member, and whether it is a healthy voter of the same cluster, as a member that answers says now."""
        for name in sorted(self.on):
            with suppress(EtcdError):
                replica = self.world.replica(name)
                listed = replica.gateway.members(replica.address)
                return {
                    each.name: each.role == "voter" and self._answers(each.name, listed.cluster_id)
                    for each in listed.members
                }
        return {}

    def _heard(self, name: str, request: str) -> bool:
        """It was done, or who was asked says why it isn't."""
        status = self.world.status(name)
        refused = status is not None and "nothing is restored" in status.reason
        return refused or self.world.marker().done(request) is not None

    def _answers(self, name: str, cluster: str) -> bool:
        with suppress(EtcdError):
            replica = self.world.replica(name)
            status = replica.gateway.status(replica.address)
            return bool(status.leader) and status.cluster_id == cluster
        return False

    def befall(self, fault: Fault, wanted: tuple[str, ...]) -> None:
        self._befall((fault,))
        self.settled(wanted)

    def _befall(self, faults: tuple[Fault, ...]) -> None:
        """One after another, beside what goes on."""
        for fault in faults:
            there = sorted(self.on)
            whom = there[fault.whom % len(there)]
            self.tell(f"  {fault}: {whom}")
            self._strike(fault, whom)

    def _strike(self, fault: Fault, whom: str) -> None:
        replica, rest = self.world.replica(whom), threading.Event()
        rest.wait(fault.after)
        match fault.kind:
            case "kill":
                _if_it_runs(lambda: replica.restart("etcd"))
            case "freeze":
                _if_it_runs(lambda: replica.freeze("etcd", fault.seconds))
            case "deaf":
                with _deaf(ADDRESSES[whom]):
                    rest.wait(fault.seconds)
            case "restore":
                request = self.world.newest_snapshot()
                self.world.restore(request, whom)
                self._wait("the request is done or refused", lambda: self._heard(whom, request))
            case "power" | "disk":
                replica.power_cut()
                rest.wait(fault.seconds)
                if fault.kind == "disk":
                    kept(replica, self.written)
                    replica.new_disks()
                replica.boot()


def live(
    world: World,
    history: History,
    folder: Path,
    tell: Tell,
    *,
    begun: Callable[[], None] = lambda: None,
    hopeless: Callable[[World], bool] = lambda _: False,
) -> Verdict:
    """Ends at the first change that doesn't come to its end, and is judged all the same. `begun` is called when the first
    masters serve.
    """
    written = folder.with_name("written")
    written.mkdir()
    cluster, stuck = Cluster(world, written, tell, hopeless), ""
    world.ask_for(*history.first)
    cluster.make(history.first)
    world.wait("the first serve", lambda: cluster.serves(history.first), CHANGE_SECONDS)
    clients = Clients(world.replica(history.first[0]), folder)
    try:
        try:
            begun()
            cluster.live(history)
        except AssertionError as problem:
            stuck = str(problem).splitlines()[0]
            tell(str(problem))
        told = clients.stop()
    finally:
        clients.kill()
    cluster.delete(set(cluster.on))
    return clients.verdict(told, written, stuck)


def _if_it_runs(act: Callable[[], None]) -> None:
    """A machine that has just begun runs no etcd yet."""
    try:
        act()
    except KeyError:
        return


@contextmanager
def _deaf(address: str) -> Iterator[None]:
    """No packet gets to it, and what it listens to stays: the address is away for a while."""
    where = [f"{address}/32", "dev", "lo"]
    subprocess.run(["ip", "address", "delete", *where], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "address", "add", *where], check=True)
