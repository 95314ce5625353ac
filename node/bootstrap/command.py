"""`node.pyz bootstrap`: the start-up script runs it at every boot until the machine is set up. A failure stands in the
bucket, a worker's on its serial console only.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from node.bootstrap import worker as workers
from node.bootstrap.configure import Site, configure
from node.contract import bucket_layout
from node.contract.fields import FormatError
from node.contract.metadata import Machine
from node.contract.status import ReplicaStatus
from node.contract.worker import Worker, is_worker
from node.host import disk, endpoints
from node.host.commands import Commands, LocalCommands, MachineError
from node.host.metadata_server import Metadata
from node.host.web import WebError
from node.manifests.units import AGENT

RETRY_SECONDS = 10.0

_NOT_ACTIVE = (3, 4)  # systemctl(1): not running; no such unit


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
            return _attempt_worker(site, Worker.of(document), attributes)
        machine = Machine.of(document)
    except (WebError, FormatError, KeyError) as error:
        print(f"ha-masters: the metadata can't be read: {error}", flush=True)
        return False
    try:
        disk.prepare(root, commands)
        configure(site, machine, attributes)
    except (WebError, MachineError, FormatError, OSError) as error:
        print(f"ha-masters: {machine.replica}: {error}", flush=True)
        _report(site, machine, str(error))
        return False
    print(f"ha-masters: {machine.replica} is set up", flush=True)
    return True


def _attempt_worker(site: Site, worker: Worker, attributes: Mapping[str, Any]) -> bool:
    try:
        workers.configure(site, worker, attributes)
    except (WebError, MachineError, FormatError, OSError) as error:
        print(f"ha-masters: {worker.name}: {error}", flush=True)
        return False
    print(f"ha-masters: {worker.name} is set up", flush=True)
    return True


def _report(site: Site, machine: Machine, reason: str) -> None:
    """Writes nothing while the agent runs, as at a second boot: the agent meets the same failure and owns the status."""
    status = ReplicaStatus(
        machine.cluster, machine.replica, machine.instance_id, "", "failed", f"bootstrap: {reason}"
    )
    try:
        code, _ = site.commands.run("systemctl", "is-active", "--quiet", AGENT, allow=_NOT_ACTIVE)
        if code == 0:
            return
        site.bucket(machine.bucket).write(bucket_layout.status(machine.replica), status.to_json().encode())
    except (WebError, MachineError, KeyError) as error:
        print(f"ha-masters: the reason can't be told to the bucket: {error}", flush=True)
