"""`node.pyz agent` runs the loop, and beside it the watch on metadata. It ends to be started again as another release, or
with its machine, which then leaves etcd if nobody wants it.
"""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from node.agent.etcd import leaving
from node.agent.kubernetes.addons import Addons
from node.agent.kubernetes.versions_seen import VersionsSeen
from node.agent.loop import Agent
from node.agent.workers import issuer
from node.agent.workers.issuer_keys import IssuerKeys
from node.agent.workers.pool_keeper import PoolKeeper
from node.agent.workers.registrar import Registrar
from node.bootstrap.every_machine import Site, update_zipapp
from node.bootstrap.master import configure, renew
from node.contract import timings
from node.contract.fields import FormatError
from node.contract.metadata import Machine
from node.contract.status import PoolsView
from node.host import disk, endpoints, packets, upgrades
from node.host.commands import LocalCommands, MachineError
from node.host.compute import Compute
from node.host.looking import again_and_again, first_document
from node.host.managed_groups import ManagedGroups
from node.host.metadata_server import Metadata
from node.host.threads import kept
from node.host.web import WebError

RETRY_SECONDS = 5.0


class Told:
    """Knows whether the process shall end, and since when (monotonic). A signal's handler must take no lock, and `put`
    takes none.
    """

    def __init__(self) -> None:
        self.since: float | None = None
        self._signals: SimpleQueue[float] = SimpleQueue()

    def end(self, *_: object) -> None:
        self._signals.put(time.monotonic())

    def heed(self, agent: Agent) -> None:
        self.since = self._signals.get()
        agent.stop()


def main() -> None:
    told = Told()
    signal.signal(signal.SIGTERM, told.end)
    run(Path("/"), told)


def run(root: Path, told: Told) -> None:
    metadata = Metadata()
    document, etag = first_document(metadata)
    machine = Machine.of(document)
    site = Site(root, metadata, endpoints.endpoints(document), LocalCommands(), _say)
    complaint = _configured(site, machine, document)
    # Without a hash to report, no gate takes this machine for one that follows its metadata.
    begins = replace(machine, config_hash="") if complaint else machine
    agent = Agent(begins, site.bucket(machine.bucket), root=root, say=_say)
    if complaint:
        agent.complain(complaint)
    addons = Addons(
        machine,
        site.bucket(machine.bucket),
        root,
        lambda: agent.standing,
        _say,
        site.commands,
        emptied=lambda: agent.pools is not None and not agent.pools.size,
    )
    known = "" if complaint else etag
    compute = Compute(site.endpoints.compute, metadata)
    registrar = Registrar(
        machine, root, compute, lambda: agent.standing is not None, lambda: agent.pools, _say
    )
    keeper = PoolKeeper(
        machine,
        root,
        ManagedGroups(compute),
        lambda: agent.standing is not None,
        lambda: agent.pools_read,
        lambda: agent.pools_problem,
        _say,
    )
    agent.report_pools(partial(_pools, keeper, registrar))
    seen = VersionsSeen(machine, root)
    agent.report_versions(lambda: seen.seen)
    keys = IssuerKeys(root, site.endpoints.identity, _say)
    serve = partial(issuer.serve, machine.loopback, root, keys, lambda: agent.pools is not None, _say)
    followers = (agent, addons, registrar, keeper, seen)
    for name, run_it in (
        ("issuer", serve),
        ("registrar", registrar.run),
        ("pools", keeper.run),
        ("versions", seen.run),
        ("metadata", partial(_watch, site, agent, followers, known)),
        ("disk", partial(again_and_again, partial(_grown, site), _say)),
        ("packets", partial(again_and_again, lambda: _kept(agent.machine, site), _say)),
        ("upgrades", partial(again_and_again, partial(_in_turn, machine, site, agent), _say)),
        ("addons", addons.run),
        ("told", partial(told.heed, agent)),
    ):
        kept(name, run_it, _say)
    agent.run()
    if told.since is not None and leaving.machine_stops(site.commands, _say):
        agent.leave(until=told.since + timings.LEAVE)


def _pools(keeper: PoolKeeper, registrar: Registrar) -> PoolsView | None:
    view = keeper.view
    return replace(view, waiting=registrar.waiting(time.monotonic())) if view else None


def _configured(site: Site, machine: Machine, document: dict[str, Any]) -> str:
    """Returns why the metadata can't be followed, or nothing. This release may write other files than the last, and what
    can't be made so now is left to the watch.
    """
    try:
        configure(site, machine, document.get("attributes") or {})
    except (WebError, MachineError, FormatError, OSError, KeyError) as error:
        _say(f"the metadata can't be followed yet: {error}")
        return f"the metadata can't be followed yet: {error}"
    return ""


def _watch(
    site: Site,
    agent: Agent,
    followers: tuple[Agent | Addons | Registrar | PoolKeeper | VersionsSeen, ...],
    etag: str,
) -> None:
    """The machine follows each change before the agent hears of it, and tries again one that fails. Without a change, the
    machine's certificates are looked at once a minute.
    """
    while True:
        try:
            document, newest = site.metadata.changed(etag) if etag else site.metadata.instance()
            attributes = document.get("attributes") or {}
            if newest != etag and update_zipapp(site, attributes):
                _say("another release was fetched: starting it")
                agent.stop()
                return
            machine: Machine = Machine.of(document)
            if newest == etag:
                if renew(site, machine, attributes):
                    agent.reconfigure(machine)
                agent.complain("")
                continue
            configure(site, machine, attributes)
            for follower in followers:
                follower.reconfigure(machine)
            etag = newest
        except (WebError, MachineError, FormatError, OSError, KeyError) as error:
            _say(f"the changed metadata can't be followed yet: {error}")
            agent.complain(f"the changed metadata can't be followed yet: {error}")
            time.sleep(RETRY_SECONDS)


def _grown(site: Site) -> str:
    """The filesystem follows its disk."""
    try:
        return disk.grow(site.root, site.commands) or "the data disk's filesystem is as large as its disk"
    except (MachineError, OSError) as error:
        return f"the data disk's filesystem can't take all of its disk yet: {error}"


def _kept(machine: Machine, site: Site) -> str:
    try:
        packets.keep(machine, site.commands)
    except MachineError as error:
        return f"the cluster's address, or the rule between pods and the metadata server, isn't in place: {error}"
    return f"packets to {' and '.join(machine.api_addresses)} are this machine's, and no pod reaches the metadata server"


def _in_turn(machine: Machine, site: Site, agent: Agent) -> str:
    try:
        return upgrades.keep(site.root, machine.replica, agent.wanted, site.commands)
    except (MachineError, OSError) as error:
        return f"unattended upgrades can't be given an hour of their own: {error}"


def _say(line: str) -> None:
    print(line, flush=True)
