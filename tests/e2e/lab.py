"""A lab with machines, and the outside world from which kubectl asks. What installs Kubernetes on them is not known here."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from lab.machines import host, image
from lab.machines.container import entered
from lab.toolchain import kubernetes
from tests.e2e import gaps, load
from tests.stack.harness import ROOT, Cloud, cloud
from tests.waiting import until

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


@contextmanager
def client_running(command: Sequence[str], record: Path, log: Path, seconds: float) -> Iterator[Client]:
    """Runs a client of `tests.e2e.asking` beside the block, once it has its first answers, for which it has `seconds`."""
    with log.open("ab") as output:
        client = Client(subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output), record)
    try:
        until("first answers", lambda: record.exists() and bool(client.requests()), seconds)
        yield client
    finally:
        client.stop()


@dataclass
class Lab:
    """A machine's name ends with the letter of its zone: `dev-m1-b` is in `europe-west1-b`."""

    folder: Path
    cloud: Cloud
    port: int = 443
    """Of each master's API."""
    seen: list[str] = field(default_factory=list)
    """Gaps and times, for people."""

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    def outside(self, *command: str) -> list[str]:
        """What runs a command where the API's clients are."""
        namespace = self._get("machines")["client"]
        return ["ip", "netns", "exec", namespace, *command]

    def beside(self, name: str, *command: str) -> list[str]:
        """What runs a command of the host's in a machine's network."""
        return ["nsenter", "--target", str(self.machines()[name]["pid"]), "--net", *command]

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

    def nodes_ready(self, names: Sequence[str], seconds: float = READY_SECONDS) -> None:
        """Until there are Nodes of these names and no others, all Ready."""
        wanted = dict.fromkeys(names, True)
        until(f"Nodes {sorted(wanted)} Ready", lambda: self.nodes() == wanted, seconds, self.nodes)

    def nodes_number(self, many: int, seconds: float) -> None:
        """Until there are so many Nodes, all Ready."""
        until(
            f"{many} Nodes Ready", lambda: list(self.nodes().values()) == [True] * many, seconds, self.nodes
        )

    def machines(self) -> dict[str, dict[str, int]]:
        return dict(self._get("machines")["machines"])

    def inside(
        self, name: str, *command: str, check: bool = True, stdin: bytes = b"", seconds: float = 60
    ) -> str:
        """What a command says inside a machine."""
        pid = self.machines()[name]["pid"]
        done = subprocess.run(
            entered(pid, *command), input=stdin, capture_output=True, check=False, timeout=seconds
        )
        said = done.stdout.decode()
        assert not check or done.returncode == 0, f"{name}: {' '.join(command)}: {said}{done.stderr.decode()}"
        return said

    def fault(self, name: str, kind: str, **more: Any) -> None:
        url = f"{self.cloud.url}/lab/v1/machines/{name}/fault"
        reply = requests.post(url, json={"kind": kind, **more}, timeout=60)
        assert reply.ok, reply.text

    def instance(self, name: str) -> dict[str, Any]:
        """As the API shows it."""
        return self.cloud.compute("GET", f"zones/{_zone(name)}/instances/{name}")

    def address(self, name: str) -> str:
        return str(self.instance(name)["networkInterfaces"][0]["networkIP"])

    def power(self, name: str, action: str) -> None:
        """start, stop or reset by the API, and wait for its operation."""
        zone = _zone(name)
        operation = self.cloud.compute("POST", f"zones/{zone}/instances/{name}/{action}")["name"]

        def done() -> bool:
            return bool(self.cloud.compute("GET", f"zones/{zone}/operations/{operation}")["status"] == "DONE")

        until(f"{action} of {name} done", done, 120)

    @contextmanager
    def load(self, *, reads: float = 20, writes: float = 20, beside: str = "") -> Iterator[Client]:
        """A client that reads and writes while the block runs: outside, or on the machine `beside`, asking that master."""
        self.kubectl("create", "namespace", load.NAMESPACE, check=False)
        record = self.folder / f"load-{time.time_ns()}.jsonl"
        rates = ("--reads", str(reads), "--writes", str(writes))
        kubeconfig = self.kubeconfig_of(beside) if beside else self.kubeconfig
        enter = self.beside(beside) if beside else self.outside()
        command = [*enter, sys.executable, "-m", "tests.e2e.load", str(kubeconfig), str(record), *rates]
        with client_running(command, record, self.folder / "load.log", 20) as client:
            yield client

    def kubeconfig_of(self, name: str) -> Path:
        """That asks one master at its own address."""
        document = yaml.safe_load(self.kubeconfig.read_text())
        document["clusters"][0]["cluster"]["server"] = f"https://{self.address(name)}:{self.port}"
        file = self.folder / f"kubeconfig-{name}"
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(document))
        return file

    def tell(self, what: str) -> None:
        self.seen.append(what)
        print(what, flush=True)

    def _get(self, path: str) -> dict[str, Any]:
        reply = requests.get(f"{self.cloud.url}/lab/v1/{path}", timeout=30)
        reply.raise_for_status()
        return dict(reply.json())


def _zone(name: str) -> str:
    return f"europe-west1-{name.rpartition('-')[2]}"


def unavailable() -> str:
    """Why machines can't run here whatever is installed; empty if they can."""
    return host.obstacle(host.look())


def on_machines(timeout: int) -> list[pytest.MarkDecorator]:
    """Marks of a module whose tests boot machines; `timeout` in seconds, of each."""
    return [
        pytest.mark.root,
        pytest.mark.slow,
        pytest.mark.e2e,
        pytest.mark.timeout(timeout),
        pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "-"),
    ]


@contextmanager
def cloud_of_machines(folder: Path) -> Iterator[Cloud]:
    """A simulator whose VMs are machines; what those need is installed and built first."""
    host.prepare(print)
    image.ensure()
    with cloud(folder / "cloud", guests="machines") as running:
        yield running
