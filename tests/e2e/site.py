"""A lab with machines, a stack in it, and the outside world from which kubectl asks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
import yaml

from lab.machines import host, image
from lab.toolchain import ensure, kubernetes
from tests.e2e import gaps, load
from tests.stack.harness import CLUSTER, ROOT, Cloud, Replicas, Stack, cloud
from tests.stack.invariants import BUCKET

OUTSIDE = "198.51.100.0/24"
"""Where the API's clients are."""

GATE_SECONDS = 240
READY_SECONDS = 60.0


@dataclass
class Client:
    """The load that runs beside a test."""

    process: subprocess.Popen[bytes]
    record: Path

    def stop(self) -> list[gaps.Request]:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        return self.requests()

    def requests(self) -> list[gaps.Request]:
        return gaps.read(self.record)


@dataclass
class Site:
    folder: Path
    cloud: Cloud
    stack: Stack
    seen: list[str] = field(default_factory=list)
    """Gaps and times, for people."""

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

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

    def outside(self, *command: str) -> list[str]:
        """What runs a command where the API's clients are."""
        namespace = self._get("machines")["client"]
        return ["ip", "netns", "exec", namespace, *command]

    def kubectl(self, *arguments: str, check: bool = True, stdin: str = "") -> str:
        program = str(kubernetes.ensure("kubernetes") / "kubectl")
        command = self.outside(
            program, "--kubeconfig", str(self.kubeconfig), "--request-timeout=10s", *arguments
        )
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)
        assert not check or done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def get(self, *arguments: str) -> dict[str, Any]:
        return dict(json.loads(self.kubectl("get", *arguments, "-o", "json")))

    def nodes(self) -> dict[str, bool]:
        """Name and readiness of every Node object. Empty if the API gives no answer."""
        try:
            items = json.loads(self.kubectl("get", "nodes", "-o", "json", check=False) or "{}").get(
                "items", []
            )
        except ValueError:
            return {}
        return {
            node["metadata"]["name"]: any(
                c["type"] == "Ready" and c["status"] == "True" for c in node["status"]["conditions"]
            )
            for node in items
        }

    def ready(self, replicas: Replicas, seconds: float = READY_SECONDS) -> None:
        """Until there are Nodes of these replicas and no others, all Ready."""
        wanted = {vm(replica): True for replica in replicas}
        eventually(f"Nodes {sorted(wanted)} Ready", lambda: self.nodes() == wanted, seconds, self.nodes)

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

    def machines(self) -> dict[str, dict[str, int]]:
        return dict(self._get("machines")["machines"])

    def inside(self, name: str, *command: str, check: bool = True) -> str:
        """What a command says inside a machine."""
        pid = self.machines()[name]["pid"]
        entered = [
            "nsenter",
            "--target",
            str(pid),
            "--mount",
            "--uts",
            "--ipc",
            "--net",
            "--pid",
            "--cgroup",
            "--",
        ]
        done = subprocess.run([*entered, *command], capture_output=True, text=True, check=False, timeout=60)
        assert not check or done.returncode == 0, f"{name}: {' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout

    def fault(self, name: str, kind: str, **more: Any) -> None:
        url = f"{self.cloud.url}/lab/v1/machines/{name}/fault"
        reply = requests.post(url, json={"kind": kind, **more}, timeout=60)
        assert reply.ok, reply.text

    def instance(self, replica: str, action: str) -> None:
        """start, stop or reset by the API, and wait for its operation."""
        zone = f"europe-west1-{replica.partition('/')[2]}"
        operation = self.cloud.compute("POST", f"zones/{zone}/instances/{vm(replica)}/{action}")
        name = operation["name"]

        def done() -> bool:
            return bool(self.cloud.compute("GET", f"zones/{zone}/operations/{name}")["status"] == "DONE")

        eventually(f"{action} of {replica} done", done, 120)

    @contextmanager
    def load(self, *, reads: float = 20, writes: float = 20, beside: str = "") -> Iterator[Client]:
        """A client that reads and writes while the block runs: outside, or on the machine `beside`, asking that master."""
        self.kubectl("create", "namespace", load.NAMESPACE, check=False)
        name = f"w{time.time_ns()}"  # Another one each time: what exists already can't be created.
        record = self.folder / f"{name}.jsonl"
        rates = ("--reads", str(reads), "--writes", str(writes), "--name", name)
        kubeconfig = self._kubeconfig_of(beside) if beside else self.kubeconfig
        enter = (
            ["nsenter", "--target", str(self.machines()[beside]["pid"]), "--net"]
            if beside
            else self.outside()
        )
        command = [*enter, sys.executable, "-m", "tests.e2e.load", str(kubeconfig), str(record), *rates]
        with (self.folder / "load.log").open("ab") as log:
            client = Client(subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log), record)
        try:
            eventually("first answers", lambda: record.exists() and bool(client.requests()), 20)
            yield client
        finally:
            client.stop()

    def _kubeconfig_of(self, name: str) -> Path:
        """That asks one master at its own address."""
        zone = f"europe-west1-{name.rpartition('-')[2]}"
        nic = self.cloud.compute("GET", f"zones/{zone}/instances/{name}")["networkInterfaces"][0]
        document = yaml.safe_load(self.kubeconfig.read_text())
        document["clusters"][0]["cluster"]["server"] = f"https://{nic['networkIP']}:443"
        file = self.folder / f"kubeconfig-{name}"
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(document))
        return file

    def lost(self, answered: list[gaps.Request]) -> set[str]:
        """Objects whose creation was acknowledged and that are not there."""
        there = set(self.kubectl("get", "configmaps", "-n", load.NAMESPACE, "-o", "name").split())
        return {name for name in gaps.acknowledged(answered) if f"configmap/{name}" not in there}

    def tell(self, what: str) -> None:
        self.seen.append(what)
        print(what, flush=True)

    def _get(self, path: str) -> dict[str, Any]:
        reply = requests.get(f"{self.cloud.url}/lab/v1/{path}", timeout=30)
        reply.raise_for_status()
        return dict(reply.json())


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    host.prepare(print)
    image.ensure()
    with cloud(folder / "cloud", guests="machines") as running:
        stack = Stack(folder / "stack", running, ensure(), gate_deadline_seconds=GATE_SECONDS)
        stack.config["api"] = {"authorizedNetworks": [OUTSIDE]}
        stack.create()
        yield Site(folder, running, stack)


def vm(replica: str) -> str:
    """`m1/b` to the name of its VM and Node."""
    return f"{CLUSTER}-{identity(replica)}"


def identity(replica: str) -> str:
    return replica.replace("/", "-")


def eventually(
    what: str, condition: Callable[[], bool], seconds: float, tell: Callable[[], object] = lambda: ""
) -> float:
    """Seconds until it held; an AssertionError that says what was waited for, and what there was instead."""
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        assert waited < seconds, f"waited {seconds:.0f} s for {what}; {tell()}"
        time.sleep(0.2)
    return time.monotonic() - began


def unavailable() -> str:
    """Why machines can't run here whatever is installed; empty if they can."""
    return host.obstacle(host.look())
