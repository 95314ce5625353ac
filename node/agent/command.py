"""`node.pyz agent` runs the loop, and beside it the watch on metadata. It ends to be started again as another release, or
with its machine, which then leaves etcd if nobody wants it.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from node.agent.etcd import leaving
from node.agent.kubernetes.addons import Addons
from node.agent.loop import Agent
from node.bootstrap.configure import Site, configure, renew, update_zipapp
from node.contract import timings
from node.contract.fields import FormatError
from node.contract.metadata import Machine
from node.host import disk, endpoints
from node.host.commands import LocalCommands, MachineError
from node.host.metadata_server import Metadata
from node.host.web import WebError

RETRY_SECONDS = 5.0
METADATA_SECONDS = 120.0
DISK_SECONDS = 30.0


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
    document, etag = _first(metadata)
    machine = Machine.of(document)
    site = Site(root, metadata, endpoints.endpoints(document), LocalCommands(), _say)
    complaint = _configured(site, machine, document)
    # Without a hash to report, no gate takes this machine for one that follows its metadata.
    begins = replace(machine, config_hash="") if complaint else machine
    agent = Agent(begins, site.bucket(machine.bucket), root=root, say=_say)
    if complaint:
        agent.complain(complaint)
    addons = Addons(machine, site.bucket(machine.bucket), root, lambda: agent.standing, _say, site.commands)
    known = "" if complaint else etag
    threading.Thread(target=_watch, args=(site, agent, addons, known), name="metadata", daemon=True).start()
    threading.Thread(target=_grow, args=(site,), name="disk", daemon=True).start()
    threading.Thread(target=addons.run, name="addons", daemon=True).start()
    threading.Thread(target=told.heed, args=(agent,), name="told", daemon=True).start()
    agent.run()
    if told.since is not None and leaving.machine_stops(site.commands, _say):
        agent.leave(until=told.since + timings.LEAVE)


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


def _first(metadata: Metadata) -> tuple[dict[str, Any], str]:
    deadline = time.monotonic() + METADATA_SECONDS
    while True:
        try:
            return metadata.instance()
        except WebError as error:
            if time.monotonic() > deadline:
                sys.exit(f"waited {METADATA_SECONDS:.0f} s for the metadata server: {error}")
            time.sleep(RETRY_SECONDS)


def _watch(site: Site, agent: Agent, addons: Addons, etag: str) -> None:
    """The machine follows each change before the agent hears of it, and tries again one that fails. Without a change, the
    machine's certificates are looked at once a minute.
    """
    while True:
        try:
            document, newest = site.metadata.changed(etag) if etag else site.metadata.instance()
            attributes = document.get("attributes") or {}
            machine: Machine = Machine.of(document)
            if newest == etag:
                if renew(site, machine, attributes):
                    agent.reconfigure(machine)
                agent.complain("")
                continue
            if update_zipapp(site, machine, attributes):
                _say("another release was fetched: starting it")
                agent.stop()
                return
            configure(site, machine, attributes)
            agent.reconfigure(machine)
            addons.reconfigure(machine)
            etag = newest
        except (WebError, MachineError, FormatError, OSError, KeyError) as error:
            _say(f"the changed metadata can't be followed yet: {error}")
            agent.complain(f"the changed metadata can't be followed yet: {error}")
            time.sleep(RETRY_SECONDS)


def _grow(site: Site) -> None:
    """The filesystem follows its disk within `DISK_SECONDS`."""
    said = ""
    while True:
        try:
            news = disk.grow(site.root, site.commands)
        except (MachineError, OSError) as error:
            news = f"the data disk's filesystem can't take all of its disk yet: {error}"
        if news != said:
            said = news
            _say(news or "the data disk's filesystem is as large as its disk")
        time.sleep(DISK_SECONDS)


def _say(line: str) -> None:
    print(line, flush=True)
