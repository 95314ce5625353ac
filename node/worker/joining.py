"""Why a machine isn't a Ready node of its cluster, in words for its serial console: the first thing in the way only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.contract.worker import Worker


@dataclass(frozen=True)
class Look:
    """What was seen at one time. `refusal` and its HTTP `status`, 0 without an answer, are the API's when it was asked for
    the Node; `no_identity` is the metadata server's, and then the API wasn't asked. `serves`: the kubelet has a certificate
    to serve with.
    """

    node: Mapping[str, Any] | None = None
    no_identity: str = ""
    refusal: str = ""
    status: int = 0
    kubelet_runs: bool = True
    serves: bool = True

    @property
    def knows_no_node(self) -> bool:
        """The API has answered that there is none."""
        return self.node is None and not self.refusal and not self.no_identity


def verdict(worker: Worker, look: Look) -> str:
    name, config = worker.name, worker.config
    if look.no_identity:
        return f"{name} can't join: {look.no_identity}. Does the pool's template give it a service account?"
    if look.refusal:
        return f"{name} can't join: {_refused(worker, look)}"
    if look.node is None:
        if not look.kubelet_runs:
            return f"{name} can't join: its kubelet doesn't run, and `journalctl -u kubelet` says why"
        return (
            f"{name} joins: the API at {config.api_url} knows it, and its kubelet has not made its Node yet"
        )
    ready = _condition(look.node, "Ready")
    if ready.get("status") != "True":
        why = ready.get("message") or "its kubelet has not reported yet"
        return f"{name} has joined and is not Ready: {why}"
    if not look.serves:
        return (
            f"{name} is Ready, and no logs of its pods can be had: no master has approved the certificate that its kubelet "
            f"asks for, in `kubectl get csr`"
        )
    return f"{name} is a Ready node of pool {config.pool}"


def lacks_pod_range(node: Mapping[str, Any]) -> bool:
    return not (node.get("spec") or {}).get("podCIDR")


def _refused(worker: Worker, look: Look) -> str:
    url, audience = worker.config.api_url, worker.config.audience
    match look.status:
        case 0:
            return f"the API doesn't answer here: {look.refusal}"
        case 401:
            return (
                f"the API at {url} doesn't take this VM's identity (401). It has to be for {audience}, of the account "
                f"that workers have, and by name and zone of a pool that the masters know: pool {worker.config.pool}, "
                f"{worker.zone}"
            )
        case 403:
            return f"the API at {url} takes this VM for somebody who may not read Node {worker.name}: {look.refusal}"
    return f"the API refuses: {look.refusal}"


def _condition(node: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    conditions = (node.get("status") or {}).get("conditions") or []
    return next((each for each in conditions if each.get("type") == kind), {})
