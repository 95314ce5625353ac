"""A lab with machines and a stack of the program in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from lab.toolchain import ensure
from tests.e2e import gaps, load
from tests.e2e.lab import READY_SECONDS, Lab, cloud_of_machines
from tests.stack.harness import CLUSTER, REGION, Replicas, Stack
from tests.stack.invariants import BUCKET
from tests.waiting import until

OUTSIDE = "198.51.100.0/24"
"""Where the API's clients are."""

GATE_SECONDS, COMMAND_SECONDS = 600, 1800
"""Deadlines for what hangs; a box that does much else is slow, and its machines with it."""

SERVED_SECONDS = 240
"""From the first worker that is Ready until all that names and services need runs on all nodes; nobody hurries it."""

WORKERS = [{"name": "web", "zones": [f"{REGION}-b", f"{REGION}-c"], "size": 1, "drainTimeout": "1m"}]
"""A pool of two, for who only needs some."""

ONE, THREE = ["m1/b"], ["m1/b", "m2/c", "m3/d"]


@dataclass
class Site(Lab):
    stack: Stack = field(kw_only=True)

    def up(self, replicas: Replicas, *flags: str, **config: Any) -> float:
        """Seconds that it took."""
        outcome = self.stack.up(replicas, *flags, **config)
        self.keep_kubeconfig()
        return outcome.seconds

    def keep_kubeconfig(self) -> str:
        output = self.stack.run("stack", "output", "kubeconfig", "--show-secrets").output
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(output)
        return output

    def statuses(self) -> dict[str, dict[str, Any]]:
        """What each master reported last, by its identity."""
        objects = f"{self.cloud.url}/storage/v1/b/{BUCKET}/o"
        listed = requests.get(objects, params={"prefix": "status/"}, timeout=10).json().get("items", [])
        paths = [f"{objects}/{quote(each['name'], safe='')}?alt=media" for each in listed]
        texts = [requests.get(path, timeout=10).json() for path in paths]
        return {text["replica"]: text for text in texts}

    def members(self) -> dict[str, str]:
        """Role of each member by its name, as the freshest healthy master sees etcd."""
        for status in self.statuses().values():
            if status["phase"] == "serving" and status.get("etcd"):
                return {m["name"]: m["role"] for m in status["etcd"]["members"]}
        return {}

    def leader(self) -> str:
        """Identity of the master beside etcd's leader."""
        return next(
            (
                s["etcd"]["leader"]
                for s in self.statuses().values()
                if s["phase"] == "serving" and s.get("etcd")
            ),
            "",
        )

    def beside_etcds(self, which: str, replicas: Replicas) -> str:
        """The replica whose etcd is the `leader`, or the first whose etcd is a `follower`."""
        leader = self.leader()
        return next(each for each in replicas if (identity(each) == leader) == (which == "leader"))

    def ready(self, replicas: Replicas, seconds: float = READY_SECONDS) -> None:
        """Until there are Nodes of these replicas and no others, all Ready."""
        self.nodes_ready([vm(replica) for replica in replicas], seconds)

    def names_and_services(self) -> None:
        """Until kube-proxy is ready on each node, and the cluster's DNS as often as it was asked for."""
        until("what answers names and services is ready", self._served, SERVED_SECONDS, self._system)

    def _served(self) -> bool:
        listed = self.kubectl(
            "-n",
            "kube-system",
            "get",
            "daemonset/kube-proxy",
            "deployment/coredns",
            "--ignore-not-found",
            "--output=json",
            check=False,
        )
        found = {each["kind"]: each for each in json.loads(listed or "{}").get("items", [])}
        if found.keys() != {"DaemonSet", "Deployment"}:
            return False
        proxies, dns = found["DaemonSet"]["status"], found["Deployment"]
        return bool(
            proxies["desiredNumberScheduled"] == proxies.get("numberReady") == len(self.nodes())
            and dns["status"].get("readyReplicas") == dns["spec"]["replicas"]
        )

    def _system(self) -> str:
        return self.kubectl("-n", "kube-system", "get", "pods", "--output=wide", check=False)

    def lost(self, answered: list[gaps.Request]) -> set[str]:
        """Objects whose creation was acknowledged and that are not there."""
        there = set(self.kubectl("get", "configmaps", "-n", load.NAMESPACE, "-o", "name").split())
        return {name for name in gaps.acknowledged(answered) if f"configmap/{name}" not in there}


@contextmanager
def site(folder: Path, *, hurries: bool = True) -> Iterator[Site]:
    with cloud_of_machines(folder) as running:
        stack = Stack(
            folder / "stack",
            running,
            ensure(),
            gate_deadline_seconds=GATE_SECONDS,
            command_deadline_seconds=COMMAND_SECONDS,
            hurries=hurries,
        )
        stack.config["api"] = {"authorizedNetworks": [OUTSIDE]}
        stack.config["artifacts"] = {"from": "image"}
        stack.create()
        yield Site(folder, running, stack=stack)


def vm(replica: str) -> str:
    """`m1/b` to the name of its VM and Node."""
    return f"{CLUSTER}-{identity(replica)}"


def identity(replica: str) -> str:
    return replica.replace("/", "-")
