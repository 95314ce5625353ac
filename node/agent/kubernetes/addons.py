"""The add-on loop, on every master: manifests of the bucket's `addons/` and of /etc/kubernetes/addons into the cluster,
this machine's Node labelled and back if somebody deleted it, Nodes of replicas that are gone deleted, the `kubernetes`
service kept.

It asks the local apiserver only, and rests where there is none. All masters may run it at once: applying the same twice
changes nothing. As with Kubernetes' own add-on manager, `addonmanager.kubernetes.io/mode: EnsureExists` leaves alone what
is there, and anything else is put back to what the manifest says. What is taken out of the folders is not deleted, but for
the base add-ons (`node.agent.kubernetes.pruning`).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from node.agent.kubernetes import kubernetes_service
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.agent.kubernetes.local_apiserver import LocalHost
from node.agent.kubernetes.pruning import Pruning, at_rest, is_base
from node.contract import bucket_layout, cloud_controller, node_labels
from node.contract.metadata import Machine
from node.host import paths
from node.host.bucket import Bucket, Text
from node.host.commands import Commands, LocalCommands, MachineError
from node.host.files import under
from node.host.rest import Object
from node.host.web import WebError
from node.manifests.kubelet import TAINT as ROLE
from node.manifests.units import KUBELET

EVERY_SECONDS = 20.0
SERVICE_SECONDS = 1.0
MISSED_LOOKS = 2
"""Without a Node of its own, until the kubelet is restarted. It makes its Node when it starts, and never again: one that
was deleted while its replica was out of the cluster, and is in it again by a change that was taken back, stays away.
"""

MODE = "addonmanager.kubernetes.io/mode"


class Addons:
    """`standing` tells the leader's machine whose Nodes may be there; elsewhere it is None. `emptied` tells whether pools
    are there and no worker is asked for.
    """

    def __init__(
        self,
        machine: Machine,
        bucket: Bucket,
        root: Path,
        standing: Callable[[], frozenset[str] | None],
        say: Callable[[str], None],
        commands: Commands | None = None,
        emptied: Callable[[], bool] = lambda: False,
    ) -> None:
        self._emptied = emptied
        self._machine, self._bucket, self._root, self._say = machine, bucket, root, say
        self._standing, self._host = standing, LocalHost(root)
        self._commands = commands or LocalCommands()
        self._texts: dict[str, Text | None] = {}
        self._missed = 0
        self._pruning, self._listed = Pruning(say), False

    def reconfigure(self, machine: Machine) -> None:
        self._machine = machine

    def run(self) -> None:
        """For ever, in a thread that ends with its process."""
        rest, last = threading.Event(), float("-inf")
        while not rest.wait(SERVICE_SECONDS):
            if not self._host.apiserver_ready(self._machine):
                continue
            self.keep_service()
            if time.monotonic() - last >= EVERY_SECONDS:
                self.sync()
                last = time.monotonic()

    def keep_service(self) -> None:
        """Once; see `node.agent.kubernetes.kubernetes_service`."""
        try:
            if kubernetes_service.keep(ApiserverClient(self._machine, self._root), self._machine):
                self._say("puts back the endpoint of the `kubernetes` service")
        except (WebError, OSError) as error:
            self._say(f"the `kubernetes` service can't be looked at: {error}")

    def sync(self) -> None:
        """Once. What can't be done now is said, and done the next time."""
        try:
            client = ApiserverClient(self._machine, self._root)
        except OSError as error:
            self._say(f"add-ons: {error}")
            return
        emptied, all_known, paths_of_base = self._emptied(), True, set[str]()
        for where, given in self._manifests():
            wanted = at_rest(given) if emptied else given
            try:
                path = client.path(wanted)
                if is_base(wanted):
                    paths_of_base.add(path)
                if mode(wanted) != "EnsureExists" or client.get(path) is None:
                    client.apply(wanted)
            except (WebError, KeyError, TypeError) as error:
                all_known = False
                self._say(f"add-on {where}: {error}")
        known = frozenset(paths_of_base) if self._listed and all_known else None
        try:
            self._pruning.look(client, wanted=known, leads=self._standing() is not None)
        except (WebError, KeyError, TypeError) as error:
            self._say(f"add-ons that nobody asks for any more can't be deleted yet: {error}")
        try:
            self._nodes(client)
        except (WebError, KeyError, MachineError) as error:
            self._say(f"nodes: {error}")

    def _nodes(self, client: ApiserverClient) -> None:
        own = f"/api/v1/nodes/{self._machine.node_name}"
        node = client.get(own)
        wanted = {ROLE: "", **({cloud_controller.EXCLUDED: ""} if self._machine.cloud_controller else {})}
        if node and not wanted.keys() <= node["metadata"].get("labels", {}).keys():
            client.merge(own, {"metadata": {"labels": wanted}})
        self._missed = 0 if node else self._missed + 1
        if self._missed == MISSED_LOOKS:
            self._missed = 0
            self._commands.run("systemctl", "restart", KUBELET)
            self._say(f"starts the kubelet anew: there is no Node {self._machine.node_name}")
        standing = self._standing()
        if standing is None:
            return
        listed = client.get(f"/api/v1/nodes?labelSelector={quote(f'!{node_labels.POOL}')}") or {}
        names = [str(each["metadata"]["name"]) for each in listed.get("items", []) if is_master(each)]
        for name in strangers(names, self._machine.cluster, standing):
            client.delete(f"/api/v1/nodes/{name}")
            self._say(f"deletes Node {name}: its replica is gone")

    def _manifests(self) -> Iterator[tuple[str, Object]]:
        """Of the folder as it is; of the bucket as it was last read, if it can't be read now."""
        for file in sorted(under(self._root, paths.ADDONS).glob("*.json")):
            yield from _objects(file.name, file.read_bytes(), self._say)
        try:
            listed = {
                each.name for each in self._bucket.list(bucket_layout.ADDONS) if each.name.endswith(".json")
            }
            self._texts = {name: self._bucket.read(name, self._texts.get(name)) for name in listed}
            self._listed = True
        except WebError as error:
            self._say(f"add-ons: {error}")
            self._listed = False  # Nothing ends for want of an answer.
        for name, text in sorted(self._texts.items()):
            if text:
                yield from _objects(name, text.content, self._say)


def mode(wanted: Object) -> str:
    return str((wanted.get("metadata", {}).get("labels") or {}).get(MODE, "Reconcile"))


def is_master(node: Object) -> bool:
    """By its label, or by the taint that its kubelet makes it with: one whose replica went before its own add-on loop
    could label it is a master's too.
    """
    labels = node["metadata"].get("labels") or {}
    return ROLE in labels or any(each["key"] == ROLE for each in node.get("spec", {}).get("taints") or ())


def strangers(nodes: list[str], cluster: str, standing: frozenset[str]) -> list[str]:
    """Masters' Nodes, by name, whose replica has no place in the cluster."""
    return [name for name in nodes if name.removeprefix(f"{cluster}-") not in standing]


def _objects(where: str, content: bytes, say: Callable[[str], None]) -> Iterator[tuple[str, Any]]:
    """Yields one object, or the items of a List."""
    try:
        document = json.loads(content)
        items = document["items"] if str(document["kind"]).endswith("List") else [document]
    except (ValueError, KeyError, TypeError) as error:
        say(f"add-on {where} is no manifest: {error!r}")
        return
    for item in items:
        yield where, item
