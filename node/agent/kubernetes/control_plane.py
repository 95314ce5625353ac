"""The pods above etcd, in and out of service.

Out of service means: the manifests are taken away, controllers first. The apiserver then fails `/readyz` while it still
serves (`--shutdown-delay-duration`), so the load balancer stops sending before it stops listening, lets requests end, and
goes; etcd stays until the member is removed. `drained` is when nothing listens any more, or the deadline has passed.
"""

from __future__ import annotations

from pathlib import Path

from node.agent.kubernetes.local_apiserver import Host
from node.agent.kubernetes.static_pods import Pods
from node.contract import cloud_controller, timings
from node.contract.metadata import Machine
from node.host import paths, pod_logs
from node.host.files import under
from node.manifests.apiserver import POD as APISERVER
from node.manifests.apiserver import apiserver_pod
from node.manifests.cloud_controller import cloud_controller_pod
from node.manifests.controllers import (
    CONTROLLER_MANAGER,
    SCHEDULER,
    controller_manager_pod,
    scheduler_pod,
)

DRAIN_DEADLINE_SECONDS = timings.APISERVER_GRACE + 15.0
PODS = (cloud_controller.NAME, CONTROLLER_MANAGER, SCHEDULER, APISERVER)


class ControlPlane:
    """`ready`: as the health check sees it. `served`: it was ready at least once. `running_hash`: the configuration that
    all processes were started from, once they were, the apiserver was ready with it and the others answered; `applied_hash`
    doesn't wait for that, because the apiserver may have no etcd to be ready with. `settled`: nothing is under way.
    `trouble` says, for people, what doesn't run as it was told; empty where all does.
    """

    def __init__(self, pods: Pods, host: Host, root: Path) -> None:
        self._pods, self._host, self._root = pods, host, root
        self._draining_since: float | None = None
        self.ready = self.served = self.drained = False
        self.running_hash = self.applied_hash = self.trouble = ""
        self._settled_hash = ""

    @property
    def draining(self) -> bool:
        return self._draining_since is not None

    @property
    def settled(self) -> bool:
        return self.ready and self.running_hash == self._settled_hash

    def runs(self, machine: Machine) -> bool:
        """Whether all processes run with the machine's configuration now. Costs a look at each of them, where the manifests
        name authorities that they read once.
        """
        if not machine.config_hash or self.running_hash != machine.config_hash:
            return False  # Without a hash the machine doesn't follow its metadata at all.
        return (
            not machine.authorities.generations
            or set(self._pods.revisions().values()) <= self._host.revisions()
        )

    def settle(
        self, machine: Machine, belongs: bool | None, *, draining: bool, now: float, etcd_follows: bool = True
    ) -> None:
        """`belongs` None leaves in place what is there, but for its configuration. Until etcd follows it too, none of the
        hashes tells of it.
        """
        if belongs is False:
            for name in PODS:
                self._pods.remove(name)
        else:
            # Bootstrap writes it last, and only from a secret that has the authority of workers' kubelets.
            signs = under(self._root, paths.KUBELET_AUTHORITIES).exists()
            there = belongs or self._pods.placed(APISERVER) is not None
            for pod in (
                controller_manager_pod(machine, signs_kubelets=signs),
                scheduler_pod(machine),
                apiserver_pod(machine, signs_kubelets=signs),
            ):
                if belongs or self._pods.placed(pod["metadata"]["name"]):
                    self._pods.place(pod)
            if machine.cloud_controller is None:
                self._pods.remove(cloud_controller.NAME)
            elif there:
                self._pods.place(cloud_controller_pod(machine, machine.cloud_controller))
        self._drain(machine, draining, now)
        placed = self._pods.placed(APISERVER) is not None
        self.ready = placed and self._host.apiserver_ready(machine)
        self.served = placed and (self.served or self.ready)
        self._settled_hash = machine.config_hash
        if self.running_hash == self.applied_hash == machine.config_hash:
            self.trouble = self._unready(placed)
            return
        if not etcd_follows:
            self.trouble = "etcd starts anew with its configuration once the others have a quorum without it"
            return
        running = self._host.revisions()
        missing = [name for name, revision in self._pods.revisions().items() if revision not in running]
        silent = [] if missing or not self.ready else self._silent()
        self.trouble = "; ".join(map(self._not_yet, missing or silent)) or self._unready(placed)
        if not missing:
            self.applied_hash = machine.config_hash
        if not (missing or silent) and self.ready:
            self.running_hash = machine.config_hash

    def _silent(self) -> list[str]:
        """Returns who of those that are started beside the apiserver doesn't answer: one that refuses its flags is there for
        a second, again and again.
        """
        placed = {name: self._pods.placed(name) for name in PODS if name != APISERVER}
        return [name for name, pod in placed.items() if pod is not None and not self._host.lives(pod)]

    def _not_yet(self, pod: str) -> str:
        said = pod_logs.complaint(self._root, pod)
        return f"{pod} doesn't run as it was told" + (f"; its log says: {said}" if said else "")

    def _unready(self, placed: bool) -> str:
        if self.ready or not placed or self.draining:
            return ""
        said = pod_logs.complaint(self._root, APISERVER)
        return f"{APISERVER} isn't ready" + (f"; its log says: {said}" if said else "")

    def _drain(self, machine: Machine, draining: bool, now: float) -> None:
        if not draining:
            self._draining_since, self.drained = None, False
            return
        if self._draining_since is None:
            self._draining_since = now
        if not self.drained:
            late = now - self._draining_since >= DRAIN_DEADLINE_SECONDS
            self.drained = late or not self._host.apiserver_listens(machine)
