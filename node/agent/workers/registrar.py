"""Admits workers and takes away the Nodes of gone ones, on the machine beside etcd's leader.

Any master may do it, and two at once do no harm: an approval is written on the request as it was read, and a Node that is
deleted twice is gone. It asks the API server of its own machine, and Compute Engine with the masters' account, which needs
`node.contract.worker_identity.MASTERS_PERMISSIONS`. Without an answer of Compute Engine's nobody is admitted, and no Node
goes.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.agent.kubernetes.local_apiserver import LocalHost
from node.agent.workers import admission, departures
from node.contract.metadata import Machine
from node.contract.pools import Pools
from node.contract.worker_identity import INSTANCE_ANNOTATION
from node.host.compute import Compute, Vm
from node.host.web import WebError
from node.manifests.kubelet import TAINT as ROLE

REQUEST_SECONDS, NODE_SECONDS = 3.0, 20.0
LATE_SECONDS = 60.0
MOST_AT_ONCE = 50
"""VMs that Compute Engine is asked for in one round. However many requests one makes, it is asked for once."""

REQUESTS: Final = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
NODES: Final = "/api/v1/nodes"
REASON: Final = "HaMastersWorker"

MISUNDERSTOOD = (WebError, OSError, KeyError, TypeError, ValueError, AttributeError)
"""No answer, or one that isn't what it should be: said, and asked for again. The thread must not end of it."""

_DECIDED = frozenset(("Approved", "Denied", "Failed"))


@dataclass(frozen=True)
class Left:
    """A request that can't be decided on, why, and since when (monotonic)."""

    vm: str
    reason: str
    since: float


class Registrar:
    """`leads` tells whether this machine is the one, `pools` what it knows; both are asked in each round."""

    def __init__(
        self,
        machine: Machine,
        root: Path,
        compute: Compute,
        leads: Callable[[], bool],
        pools: Callable[[], Pools | None],
        say: Callable[[str], None],
    ) -> None:
        self._machine, self._root, self._compute, self._say = machine, root, compute, say
        self._leads, self._pools, self._host = leads, pools, LocalHost(root)
        self._former: Pools | None = None
        self._left: dict[str, Left] = {}
        self._missing = departures.Missing()
        self._said: dict[str, str] = {}

    def waiting(self, now: float) -> tuple[str, ...]:
        """Returns what keeps workers from certificates for longer than a VM takes to start, in clauses for the status."""
        late = [each for each in self._left.values() if now - each.since >= LATE_SECONDS]
        return (
            *sorted(problem for problem in list(self._said.values()) if problem),
            *sorted(f"{each.vm} waits for its serving certificate: {each.reason}" for each in late),
        )

    def reconfigure(self, machine: Machine) -> None:
        self._machine = machine

    def run(self) -> None:
        """For ever, in a thread that ends with its process."""
        rest, last = threading.Event(), float("-inf")
        while not rest.wait(REQUEST_SECONDS):
            pools = self._pools()
            self._former = pools or self._former
            if not self._former or not self._leads() or not self._host.apiserver_ready(self._machine):
                self._missing = departures.Missing()
                continue
            if pools:
                self.admit(pools)
            if time.monotonic() - last >= NODE_SECONDS:
                left = self.take_away(self._former, time.monotonic())
                self._former = self._former if pools or left else None
                last = time.monotonic()

    def admit(self, pools: Pools) -> None:
        """Once: decides on every request that is open, as far as that can be."""
        try:
            client = ApiserverClient(self._machine, self._root)
            query = urlencode({"fieldSelector": f"spec.signerName={admission.SIGNER}"})
            listed = client.get(f"{REQUESTS}?{query}")
            waiting = [each for each in ((listed or {}).get("items") or []) if _is_open(each)]
            vms: dict[tuple[str, str], Vm | None] = {}
            left: dict[str, Left] = {}
            for document in waiting:
                request = admission.Request.of(document, _pem(document))
                verdict = self._verdict(request, pools, vms)
                if verdict.kind == "leave":
                    known = self._left.get(request.name)
                    since = known.since if known else time.monotonic()
                    left[request.name] = Left(request.vm, verdict.reason, since)
                else:
                    self._decide(client, document, request, verdict)
            self._tell(left)
            self._complain("requests", "")
        except MISUNDERSTOOD as error:
            self._complain("requests", f"serving certificates can't be decided on: {error}")

    def take_away(self, pools: Pools, now: float) -> bool:
        """Once: deletes the Nodes of VMs that are gone. Returns whether there may be Nodes of workers left: after the last
        pool they are looked at until none is. Items of a list without any are null, where only metadata are asked for.
        """
        try:
            client = ApiserverClient(self._machine, self._root)
            listed = client.get(f"{NODES}?labelSelector={quote(f'!{ROLE}')}", metadata_only=True)
            nodes: dict[str, departures.Node] = {}
            zones = set()
            for each in (listed or {}).get("items") or []:
                name, notes = str(each["metadata"]["name"]), each["metadata"].get("annotations") or {}
                if zone := departures.zone_of(name, self._machine.cluster, self._machine.region):
                    nodes[name] = departures.Node(name, str(notes.get(INSTANCE_ANNOTATION, "")))
                    zones.add(zone)
            ids = {
                vm.name: vm.id
                for zone in sorted(zones)
                for vm in self._compute.instances(pools.project, zone)
            }
            gone, self._missing = departures.gone(nodes.values(), ids, self._missing, now)
            for name, reason in gone.items():
                client.delete(f"{NODES}/{name}")
                self._say(f"deletes Node {name}: {reason}")
            self._complain("nodes", "")
        except MISUNDERSTOOD as error:
            self._complain("nodes", f"Nodes can't be compared with VMs: {error}")
            return True
        return gone.keys() != nodes.keys()

    def _verdict(
        self, request: admission.Request, pools: Pools, vms: dict[tuple[str, str], Vm | None]
    ) -> admission.Verdict:
        if verdict := admission.by_itself(request, pools):
            return verdict
        at = (request.zone, request.vm)
        if at not in vms:
            if len(vms) == MOST_AT_ONCE:
                return admission.Verdict("leave", f"{MOST_AT_ONCE} others come first")
            vms[at] = self._compute.instance(pools.project, *at)
        return admission.by_vm(request, vms[at], pools)

    def _decide(
        self,
        client: ApiserverClient,
        document: dict[str, Any],
        request: admission.Request,
        verdict: admission.Verdict,
    ) -> None:
        kind = "Approved" if verdict.kind == "approve" else "Denied"
        condition = {"type": kind, "status": "True", "reason": REASON, "message": verdict.reason}
        seen = document["metadata"]["resourceVersion"]
        client.merge(
            f"{REQUESTS}/{request.name}/approval",
            {"metadata": {"resourceVersion": seen}, "status": {"conditions": [condition]}},
        )
        done = "gets its serving certificate" if kind == "Approved" else "gets no serving certificate"
        self._say(f"{request.vm} {done}: {verdict.reason}")

    def _tell(self, left: dict[str, Left]) -> None:
        for name, each in left.items():
            if self._left.get(name) != each:
                self._say(f"the request {name} for a serving certificate waits: {each.reason}")
        self._left = left

    def _complain(self, about: str, problem: str) -> None:
        if problem != self._said.get(about, ""):
            self._said[about] = problem
            self._say(problem or f"{about} of workers are looked at again")


def _is_open(document: dict[str, Any]) -> bool:
    conditions = (document.get("status") or {}).get("conditions") or []
    return not any(each.get("type") in _DECIDED for each in conditions)


def _pem(document: dict[str, Any]) -> str:
    """Of `spec.request`, which is bytes in base64."""
    return base64.b64decode(str(document["spec"]["request"])).decode(errors="replace")
