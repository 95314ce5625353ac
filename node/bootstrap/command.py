"""`node.pyz bootstrap`: the start-up script runs it at every boot until the machine is set up. A failure stands in the
bucket, a worker's on its serial console only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from node.bootstrap import master, worker
from node.bootstrap.every_machine import Site
from node.contract.fields import FormatError
from node.contract.metadata import Machine
from node.contract.worker import Worker, is_worker
from node.host import endpoints
from node.host.commands import Commands, LocalCommands, MachineError
from node.host.metadata_server import Metadata
from node.host.web import WebError

RETRY_SECONDS = 10.0


def main(root: Path = Path("/")) -> None:
    """Tries again for ever: each try has its own deadlines, and its reason stands in the status meanwhile."""
    metadata, commands = Metadata(), LocalCommands()
    while not attempt(root, metadata, commands):
        time.sleep(RETRY_SECONDS)


def attempt(root: Path, metadata: Metadata, commands: Commands) -> bool:
    """Returns whether this machine is set up now. Prints to the serial console what it lacks."""
    try:
        document, _ = metadata.instance()
        site = Site(root, metadata, endpoints.endpoints(document), commands)
        attributes = document.get("attributes") or {}
        if is_worker(document):
            one = Worker.of(document)
            return _tried(one.name, partial(worker.configure, site, one, attributes))
        machine = Machine.of(document)
    except (WebError, FormatError, KeyError) as error:
        print(f"ha-masters: the metadata can't be read: {error}", flush=True)
        return False
    return _tried(
        machine.replica,
        partial(master.prepare, site, machine, attributes),
        partial(master.report, site, machine),
    )


def _tried(name: str, set_up: Callable[[], None], report: Callable[[str], None] | None = None) -> bool:
    try:
        set_up()
    except (WebError, MachineError, FormatError, OSError) as error:
        print(f"ha-masters: {name}: {error}", flush=True)
        if report:
            report(str(error))
        return False
    print(f"ha-masters: {name} is set up", flush=True)
    return True
