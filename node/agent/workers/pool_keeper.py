"""Makes, drains and deletes workers, on the machine beside etcd's leader: looks, asks the planner, takes at most one step.

Two that do so at once, for a moment after a change of leaders, do no harm: each step holds for what its own look has shown,
a node that one cordons the other finds cordoned, and what is made twice is one too many, which is drained as any other.
Without an answer of Compute Engine or of the API nothing is done, and the status says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.agent.kubernetes.local_apiserver import LocalHost
from node.agent.workers.kubernetes_seen import DRAINING, budget_of, node_of, node_of_row, pod_of
from node.agent.workers.underway import Underway
from node.contract.metadata import Machine
from node.contract.pools import Pools
from node.contract.status import PoolsView
from node.host.managed_groups import ManagedGroup, ManagedGroups
from node.host.web import WebError
from node.planner.pools.plan import nodes_that_leave, plan_pools
from node.planner.pools.seen import Budget, Group, Node, Pod, Seen
from node.planner.pools.seen import Machine as Vm
from node.planner.pools.steps import Cordon, Delete, Evict, Grow, Step, Uncordon

IDLE_SECONDS, BUSY_SECONDS = 5.0, 1.0

NODES: Final = "/api/v1/nodes"
BUDGETS: Final = "/apis/policy/v1/poddisruptionbudgets"

_TOO_MANY_REQUESTS, _NOT_FOUND = 429, 404
"""What the API answers to an eviction that a budget doesn't allow, and to one of a pod that is gone:
https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/.
"""

Read = tuple[Pools, str]
"""The pools as this process has read them, and the object's generation."""


class PoolKeeper:
    """`leads` tells whether this machine is the one, `read` what is asked for, None where there are no pools, and `problem`
    why that can't be read. All are asked in each round.
    """

    def __init__(
        self,
        machine: Machine,
        root: Path,
        groups: ManagedGroups,
        leads: Callable[[], bool],
        read: Callable[[], Read | None],
        problem: Callable[[], str],
        say: Callable[[str], None],
    ) -> None:
        self._machine, self._root, self._groups, self._say_line = machine, root, groups, say
        self._leads, self._read, self._problem = leads, read, problem
        self._host, self._underway, self._said = LocalHost(root), Underway(), ""
        self._view: PoolsView | None = None

    @property
    def view(self) -> PoolsView | None:
        """For the status. None on a machine that doesn't lead, and where there are no pools."""
        return self._view if self._leads() else None

    def reconfigure(self, machine: Machine) -> None:
        self._machine = machine

    def run(self) -> None:
        """For ever, in a thread that ends with its process."""
        rest, pause = threading.Event(), IDLE_SECONDS
        while not rest.wait(pause):
            done = self.tick(time.monotonic(), time.time())
            pause = BUSY_SECONDS if done else IDLE_SECONDS

    def tick(self, now: float, wall: float) -> bool:
        """One look, at most one step; returns whether it took one. `now` is monotonic, `wall` in seconds since 1970."""
        read, problem = self._read(), self._problem()
        if not self._leads() or (read is None and not problem):
            self._view = None
            return False
        if read is None or problem:
            self._view = PoolsView(problem=problem)
            return False
        asked, generation = read
        try:
            if not self._host.apiserver_ready(self._machine):
                raise WebError("the API server of this machine isn't ready")
            client = ApiserverClient(self._machine, self._root)
            seen = self._look(asked, client, now)
            plan = plan_pools(asked, seen, wall)
            if plan.step:
                self._say(str(plan.step))
                self._perform(asked.project, plan.step, client, now, wall)
        except (WebError, OSError, KeyError) as error:
            self._view = PoolsView(generation, problem=str(error))
            self._say(f"pools can't be seen to: {error}")
            return False
        self._view = PoolsView(
            generation,
            plan.zones,
            blocked=tuple(f"{each}" for each in seen.budgets if each.allowed < 1),
            unmanaged=tuple(f"{pod} on {pod.node}" for pod in seen.pods if not (pod.managed or pod.kept)),
        )
        return plan.step is not None

    def _look(self, asked: Pools, client: ApiserverClient, now: float) -> Seen:
        groups: dict[str, Group] = {}
        for pool in asked.pools:
            for zone in pool.zones:
                if found := self._groups.look(asked.project, zone.zone, zone.group):
                    groups[zone.group] = _group(found)
        seen = Seen(self._underway.shown(groups, now), {node.name: node for node in _nodes(client)})
        pods: list[Pod] = []
        for name in sorted(nodes_that_leave(asked, seen)):
            pods += [
                pod_of(each)
                for each in _items(client, f"/api/v1/pods?fieldSelector={quote(f'spec.nodeName={name}')}")
            ]
        return Seen(seen.groups, seen.nodes, tuple(pods), tuple(_budgets(client)))

    def _perform(self, project: str, step: Step, client: ApiserverClient, now: float, wall: float) -> None:
        match step:
            case Grow(zone, group, machines):
                self._groups.make(project, zone, group, machines)
                self._underway.note(step, now)
            case Cordon(node):
                noted = {"annotations": {DRAINING: str(int(wall))}}
                client.merge(f"{NODES}/{node}", {"metadata": noted, "spec": {"unschedulable": True}})
            case Uncordon(node):
                gone = {"annotations": {DRAINING: None}}
                client.merge(f"{NODES}/{node}", {"metadata": gone, "spec": {"unschedulable": None}})
            case Evict(_, pods):
                for pod in pods:
                    self._evict(pod, client)
            case Delete(zone, group, machine):
                self._delete(project, zone, group, machine, client, step, now)

    def _delete(
        self,
        project: str,
        zone: str,
        group: str,
        machine: str,
        client: ApiserverClient,
        step: Delete,
        now: float,
    ) -> None:
        """A machine that joined since the look may have pods by now, so its Node is looked at once more."""
        found = client.get(f"{NODES}/{machine}")
        if found is not None and not node_of(found).cordoned:
            return
        self._groups.delete(project, zone, group, machine)
        self._underway.note(step, now)

    def _evict(self, pod: Pod, client: ApiserverClient) -> None:
        """Of this very pod, and only where its budget lets it go: a refusal is no fault, and the next look tells."""
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod.name, "namespace": pod.namespace},
            "deleteOptions": {"preconditions": {"uid": pod.uid}},
        }
        try:
            client.create(f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/eviction", body)
        except WebError as error:
            if error.status not in (_TOO_MANY_REQUESTS, _NOT_FOUND):
                raise

    def _say(self, line: str) -> None:
        if line != self._said:
            self._said = line
            self._say_line(f"workers: {line}")


def _nodes(client: ApiserverClient) -> Iterator[Node]:
    """All of them, at each look: so by a table, and whole only those that are drained, or were cordoned by somebody else."""
    rows = client.table(NODES)
    if rows is None:
        raise WebError(f"the API server knows no {NODES}")
    for node in map(node_of_row, rows):
        if not node.cordoned:
            yield node
        elif found := client.get(f"{NODES}/{node.name}"):
            yield node_of(found)


def _items(client: ApiserverClient, path: str) -> list[dict[str, object]]:
    """Raises WebError where the API has no such list: nothing at all is not an empty one."""
    listed = client.get(path)
    if listed is None:
        raise WebError(f"the API server knows no {path}")
    return list(listed.get("items") or ())


def _budgets(client: ApiserverClient) -> list[Budget]:
    return [budget_of(each) for each in _items(client, BUDGETS) if "selector" in (each.get("spec") or {})]  # type: ignore[operator]


def _group(found: ManagedGroup) -> Group:
    return Group(
        found.template,
        tuple(
            Vm(each.name, each.template, each.action, each.status, each.problem) for each in found.machines
        ),
    )
