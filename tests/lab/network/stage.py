"""A simulator, its network, and VMs that are plain namespaces with a small server each."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeVar

from lab.network import Network
from lab.network.namespaces import inside, ip
from lab.simulator.client import Client
from lab.simulator.server import Simulator
from tests.waiting import until

T = TypeVar("T")
R = "regions/europe-west1"
B = "zones/europe-west1-b"
IMAGE = "projects/debian-cloud/global/images/debian-12-bookworm-v20251014"
EVERYWHERE = "0.0.0.0/0"
PROBES = ["35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22"]
CLIENT = "198.51.100.10"
PORT, HEALTH_PORT = 443, 8080
GUEST = Path(__file__).with_name("guest.py")
NEEDS_ROOT = "network namespaces take root"


class Talk:
    """One connection, from inside a namespace; `said` is the server's first line."""

    def __init__(
        self, namespace: str, address: str, port: int = PORT, *, source: str = "", seconds: float = 0.4
    ) -> None:
        def connect() -> socket.socket:
            made = socket.socket()
            made.settimeout(seconds)
            if source:
                made.bind((source, 0))
            made.connect((address, port))
            return made

        self.socket = inside(namespace, connect)
        self.file = self.socket.makefile("rwb", buffering=0)
        self.said: dict[str, str] = json.loads(self.file.readline())

    def echoes(self) -> bool:
        """Whether it still lives."""
        try:
            self.socket.sendall(b"still there\n")
            return self.file.readline() == b"still there\n"
        except OSError:
            return False

    def close(self) -> None:
        self.file.close()
        self.socket.close()


class Stage:
    def __init__(self, folder: Path, tag: str = "") -> None:
        self.simulator = Simulator(folder).start()
        self.cloud = Client(self.simulator.url)
        self.network = Network(self.simulator.lab, tag or secrets.token_hex(3))
        self.network.up()
        self.client = self.network.client_namespace
        self.ids: dict[str, str] = {}
        self._programs: dict[tuple[str, int], subprocess.Popen[bytes]] = {}
        self._held: set[tuple[str, str]] = set()
        self.vpc("n", "10.0.0.0/24")

    def end(self) -> None:
        for program in self._programs.values():
            program.kill()
            program.wait()
        self.network.down()
        self.simulator.stop()

    # --- through the API

    def vpc(self, name: str, ip_range: str, **more: Any) -> None:
        self.cloud.made("global/networks", {"name": name, "autoCreateSubnetworks": False})
        subnet = {"name": name, "network": f"global/networks/{name}", "ipCidrRange": ip_range}
        pods = {"rangeName": "pods", "ipCidrRange": ip_range.replace("10.", "10.1", 1)}
        self.cloud.made(f"{R}/subnetworks", subnet | {"secondaryIpRanges": [pods]} | more)

    def vm(self, name: str, *, vpc: str = "n", tags: tuple[str, ...] = ("t",), **nic: Any) -> str:
        """Its internal address; it serves on PORT."""
        made = self.cloud.made(
            f"{B}/instances",
            {
                "name": name,
                "machineType": f"{B}/machineTypes/e2-medium",
                "disks": [
                    {"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}},
                ],
                "networkInterfaces": [{"subnetwork": f"{R}/subnetworks/{vpc}"} | nic],
                "tags": {"items": list(tags)},
            },
        )
        self.ids[name] = made["id"]
        self.network.attach(made["id"])
        self.serve(name)
        return str(made["networkInterfaces"][0]["networkIP"])

    def allow(self, name: str, *sources: str, ports: tuple[int, ...] = (PORT,), **more: Any) -> None:
        """Let these ranges reach the tag `t`, or what `more` says."""
        allowed = [{"IPProtocol": "tcp", "ports": [str(port) for port in ports]}]
        body: dict[str, Any] = {"name": name, "network": "global/networks/n", "targetTags": ["t"]}
        if sources:
            body["sourceRanges"] = list(sources)
        if not more.get("denied"):
            body["allowed"] = allowed
        self.cloud.made("global/firewalls", body | more)

    def address(self, name: str = "api") -> str:
        return str(self.cloud.made(f"{R}/addresses", {"name": name})["address"])

    def target(self, name: str) -> None:
        self.cloud.made(f"{B}/targetInstances", {"name": name, "instance": f"{B}/instances/{name}"})

    def forward(self, **to: Any) -> str:
        """The rule `api` on PORT; its address."""
        rule = {"name": "api", "IPAddress": f"{R}/addresses/api", "portRange": str(PORT)}
        return str(self.cloud.made(f"{R}/forwardingRules", rule | to)["IPAddress"])

    def unforward(self) -> None:
        self.ok(self.cloud.call("DELETE", f"{R}/forwardingRules/api"))

    def balance(self, *names: str, drain: int = 0, scheme: str = "EXTERNAL", **check: Any) -> None:
        """Backend service `bs` on group `ig` with these VMs, probed on HEALTH_PORT."""
        probe = {"name": "hc", "type": "TCP", "tcpHealthCheck": {"port": HEALTH_PORT}, "checkIntervalSec": 1}
        limits = {"timeoutSec": 1, "healthyThreshold": 1, "unhealthyThreshold": 1}
        self.cloud.made(f"{R}/healthChecks", probe | limits | check)
        self.cloud.made(f"{B}/instanceGroups", {"name": "ig"})
        for name in names:
            self.join(name)
        service = {"name": "bs", "healthChecks": [f"{R}/healthChecks/hc"], "protocol": "TCP"}
        service |= {"backends": [{"group": f"{B}/instanceGroups/ig"}], "loadBalancingScheme": scheme}
        service |= {"connectionDraining": {"drainingTimeoutSec": drain}}
        self.cloud.made(f"{R}/backendServices", service)

    def join(self, name: str) -> None:
        self._member("addInstances", name)

    def leave(self, name: str) -> None:
        self._member("removeInstances", name)

    def _member(self, method: str, name: str) -> None:
        body = {"instances": [{"instance": f"{B}/instances/{name}"}]}
        self.ok(self.cloud.post(f"{B}/instanceGroups/ig/{method}", body))

    def ok(self, reply: Any) -> None:
        assert reply.status == 200, reply.body

    def healthy(self, *names: str) -> None:
        """Wait until exactly these are, and connections go to them."""

        def same() -> bool:
            reply = self.cloud.post(
                f"{R}/backendServices/bs/getHealth", {"group": f"{B}/instanceGroups/ig"}
            ).body
            rows = reply.get("healthStatus", [])
            well = {r["instance"].rsplit("/", 1)[-1] for r in rows if r["healthState"] == "HEALTHY"}
            return bool(rows) and well == set(names)

        until(f"{', '.join(names) or 'nobody'} healthy", same)
        self.settled()

    # --- inside the VMs

    def namespace(self, name: str) -> str:
        return self.network.namespace(self.ids[name])

    def serve(self, name: str, port: int = PORT) -> None:
        command = ["ip", "netns", "exec", self.namespace(name), sys.executable, str(GUEST), str(port), name]
        self._programs[name, port] = subprocess.Popen(command)
        own = next(m.address for m in self.network.topology().machines if m.name == name)
        until(f"{name} serves on {port}", lambda: self.answer(self.namespace(name), own, port))

    def silence(self, name: str, port: int = PORT) -> None:
        program = self._programs.pop((name, port))
        program.kill()
        program.wait()

    def hold(self, address: str, *names: str) -> None:
        """As the guest agent does with a forwarded address."""
        for name in names:
            if (address, name) not in self._held:
                self._held.add((address, name))
                ip([f"route add to local {address}/32 dev eth0"], self.namespace(name))

    def answer(
        self, namespace: str, address: str, port: int = PORT, *, source: str = "", seconds: float = 0.4
    ) -> dict[str, str]:
        """What the server there says; empty if there is no answer."""
        try:
            talk = Talk(namespace, address, port, source=source, seconds=seconds)
        except (OSError, ValueError):
            return {}
        talk.close()
        return talk.said

    def said(self, namespace: str, address: str, port: int = PORT, *, source: str = "") -> dict[str, str]:
        """What a server says of whom an answer is expected: TCP may ask it again if this machine is busy."""
        return self.answer(namespace, address, port, source=source, seconds=5.0)

    def settled(self) -> None:
        """What the API has been told is in force."""
        self.network._worker.call(lambda: None)
        done = len(self.network.took)
        self.network.changed()
        until("a reconcile", lambda: len(self.network.took) > done)


def is_root() -> bool:
    return os.geteuid() == 0
