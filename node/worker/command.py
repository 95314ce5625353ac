"""`node.pyz worker`: says on the console why this machine isn't a Ready node, does for its Node what the kubelet doesn't,
and follows the metadata. It ends to be started again as another release.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from node.bootstrap.every_machine import Site, update_zipapp
from node.bootstrap.worker import configure
from node.contract.fields import FormatError
from node.contract.worker import Worker
from node.host import endpoints, packets
from node.host.commands import Commands, LocalCommands, MachineError
from node.host.files import under
from node.host.looking import again_and_again, first_document
from node.host.metadata_server import Metadata
from node.host.threads import kept
from node.host.web import WebError
from node.manifests.units import KUBELET
from node.worker.apiserver import Apiserver
from node.worker.joining import Look, lacks_pod_range, verdict

LOOK_SECONDS = 15.0
RETRY_SECONDS = 5.0
MISSED_LOOKS = 4
"""Without a Node, until the kubelet is restarted: it makes its Node when it starts, and never again."""

SERVING = "/var/lib/kubelet/pki/kubelet-server-current.pem"
"""Where a kubelet with `serverTLSBootstrap` keeps its certificate: client-go, util/certificate/certificate_store.go."""

_NOT_ACTIVE = (3, 4)  # systemctl(1): not running; no such unit


def main() -> None:
    run(Path("/"), LocalCommands())


def run(root: Path, commands: Commands) -> None:
    metadata = Metadata()
    document, _ = first_document(metadata)
    follow(Site(root, metadata, endpoints.endpoints(document), commands, _say))


def follow(site: Site) -> None:
    """Makes the machine what its metadata ask for, again after each change; until another release was fetched."""
    etag = said = ""
    looks: Looks | None = None
    while True:
        try:
            document, newest = site.metadata.changed(etag) if etag else site.metadata.instance()
            if newest == etag:
                continue
            attributes = document.get("attributes") or {}
            if update_zipapp(site, attributes):
                site.say("another release was fetched: starting it")
                return
            worker = Worker.of(document)
            configure(site, worker, attributes)
            if looks is None:
                looks = Looks(site, worker)
                _begin(looks, site)
            looks.worker, etag, said = worker, newest, ""
        except (WebError, MachineError, FormatError, OSError, KeyError) as error:
            if str(error) != said:
                said = str(error)
                site.say(f"the metadata can't be followed yet: {error}")
            time.sleep(RETRY_SECONDS)


class Looks:
    """What is looked at again and again, of the worker that the metadata describe now."""

    def __init__(self, site: Site, worker: Worker) -> None:
        self.worker = worker
        self._site, self._missed = site, 0

    def packets(self) -> str:
        try:
            packets.close_metadata(self.worker.config.pod_range, self._site.commands, self._site.root)
        except MachineError as error:
            return f"the rule between pods and the metadata server isn't in place: {error}"
        return "no pod reaches the metadata server"

    def joining(self) -> str:
        worker = self.worker
        try:
            look = self._look(worker)
        except MachineError as error:
            return f"{worker.name}: {error}"
        self._missed = self._missed + 1 if look.knows_no_node else 0
        if self._missed < MISSED_LOOKS:
            return verdict(worker, look)
        self._missed = 0
        try:
            self._site.commands.run("systemctl", "restart", KUBELET)
        except MachineError as error:
            return f"{worker.name}: {error}"
        return f"starts the kubelet anew: there is no Node {worker.name}"

    def _look(self, worker: Worker) -> Look:
        try:
            token = self._site.metadata.identity(worker.config.audience)
        except WebError as error:
            return Look(no_identity=str(error))
        code, _ = self._site.commands.run("systemctl", "is-active", "--quiet", KUBELET, allow=_NOT_ACTIVE)
        apiserver = Apiserver(worker, token, self._site.root)
        try:
            node = apiserver.node()
            if node is not None and lacks_pod_range(node):
                apiserver.set_pod_range()
        except WebError as error:
            return Look(refusal=str(error), status=error.status)
        except OSError as error:
            return Look(refusal=str(error))
        return Look(node, kubelet_runs=code == 0, serves=under(self._site.root, SERVING).exists())


def _begin(looks: Looks, site: Site) -> None:
    for name, look in (("packets", looks.packets), ("joining", looks.joining)):
        kept(name, partial(again_and_again, look, site.say, LOOK_SECONDS), site.say)


def _say(line: str) -> None:
    print(f"ha-masters: {line}", flush=True)
