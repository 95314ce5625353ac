"""Probes of every kind, against small servers in a VM's namespace."""

from __future__ import annotations

import os
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lab.network import namespaces
from lab.network.links import PROBER
from tests.lab.network.stage import EVERYWHERE, HEALTH_PORT, NEEDS_ROOT, PORT, B, R, Stage
from tests.waiting import until

pytestmark = [pytest.mark.root, pytest.mark.skipif(os.geteuid() != 0, reason=NEEDS_ROOT)]


class Ready(BaseHTTPRequestHandler):
    """`status` is what it answers at /readyz; None keeps the caller waiting."""

    status: int | None = 200
    heard: list[tuple[str, str, str]]
    end: threading.Event

    def do_GET(self) -> None:
        self.heard.append((self.client_address[0], self.path, self.headers["Host"]))
        if self.status is None:
            self.end.wait(10)
            return
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-subj", "/CN=nobody", "-days", "1", "-keyout", str(path), "-out", str(path) + ".crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + Path(str(path) + ".crt").read_text())
    return path


@contextmanager
def served(namespace: str, certificate: Path | None, status: int | None) -> Iterator[type[Ready]]:
    fields = {"status": status, "heard": [], "end": threading.Event()}
    handler: type[Ready] = type("Handler", (Ready,), fields)
    make: Callable[[], ThreadingHTTPServer] = lambda: ThreadingHTTPServer(("", HEALTH_PORT), handler)  # noqa: E731
    with namespaces.inside(namespace, make) as server:
        server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield handler
        finally:
            handler.end.set()
            server.shutdown()
            thread.join(timeout=10)


def probed(stage: Stage, **check: Any) -> str:
    address = stage.address()
    stage.vm("m1")
    stage.hold(address, "m1")
    stage.allow("clients", EVERYWHERE, ports=(HEALTH_PORT,))
    stage.balance("m1", tcpHealthCheck=None, **check)
    return address


@pytest.mark.parametrize("kind", ["HTTP", "HTTPS"])
@pytest.mark.parametrize("status", [200, 503])
def test_http_and_https(stage: Stage, certificate: Path, kind: str, status: int) -> None:
    probe = {"port": HEALTH_PORT, "requestPath": "/readyz"}
    address = probed(stage, type=kind, **{f"{kind.lower()}HealthCheck": probe})
    with served(stage.namespace("m1"), certificate if kind == "HTTPS" else None, status) as server:
        stage.forward(backendService=f"{R}/backendServices/bs")
        until("a probe at the rule's address", lambda: (PROBER, "/readyz", address) in server.heard)
        stage.healthy(*(["m1"] if status == 200 else []))


def test_without_a_rule_the_vms_own_address_is_probed(stage: Stage) -> None:
    probed(stage, type="HTTP", httpHealthCheck={"port": HEALTH_PORT, "requestPath": "/readyz"})
    with served(stage.namespace("m1"), None, 200) as server:
        until("a probe", lambda: server.heard)
        assert server.heard[0] == (PROBER, "/readyz", "10.0.0.2")
        instance, service = {"id": stage.ids["m1"]}, f"projects/lab-project/{R}/backendServices/bs"
        until("m1 healthy", lambda: stage.network.health(instance, service) == "HEALTHY")


def test_no_answer_in_time_is_a_failure_and_thresholds_count_in_a_row(stage: Stage) -> None:
    probe = {"port": HEALTH_PORT, "requestPath": "/readyz"}
    probed(stage, type="HTTP", httpHealthCheck=probe, healthyThreshold=2, unhealthyThreshold=2)
    with served(stage.namespace("m1"), None, 200) as server:
        stage.forward(backendService=f"{R}/backendServices/bs")
        stage.healthy("m1")
        assert len(server.heard) >= 2
        server.status = None
        before = len(server.heard)
        stage.healthy()
        assert len(server.heard) - before >= 2


def test_a_changed_check_is_probed_anew(stage: Stage) -> None:
    probed(stage, type="TCP", checkIntervalSec=300, **{"timeoutSec": 300})
    stage.forward(backendService=f"{R}/backendServices/bs")
    stage.healthy()
    stage.serve("m1", HEALTH_PORT)
    body = {"type": "TCP", "tcpHealthCheck": {"port": HEALTH_PORT}, "checkIntervalSec": 1, "timeoutSec": 1}
    stage.ok(stage.cloud.patch(f"{R}/healthChecks/hc", body))
    stage.healthy("m1")


def test_a_target_pools_ill_member_gets_no_new_connections(stage: Stage) -> None:
    address = stage.address()
    for name in ("m1", "m2"):
        stage.vm(name)
        stage.hold(address, name)
    stage.allow("clients", EVERYWHERE, ports=(PORT, HEALTH_PORT))
    limits = {"checkIntervalSec": 1, "timeoutSec": 1, "healthyThreshold": 1, "unhealthyThreshold": 1}
    check = {"name": "legacy", "port": HEALTH_PORT, "requestPath": "/readyz"}
    stage.cloud.made("global/httpHealthChecks", check | limits)
    members = [f"{B}/instances/{name}" for name in ("m1", "m2")]
    pool = {"name": "pool", "instances": members, "healthChecks": ["global/httpHealthChecks/legacy"]}
    stage.cloud.made(f"{R}/targetPools", pool)
    stage.forward(target=f"{R}/targetPools/pool")

    def well(name: str) -> bool:
        asked = {"instance": f"{B}/instances/{name}"}
        [row] = stage.cloud.post(f"{R}/targetPools/pool/getHealth", asked)["healthStatus"]
        return bool(row["healthState"] == "HEALTHY")

    def answering() -> set[str]:
        return {stage.said(stage.client, address)["name"] for _ in range(12)}

    with served(stage.namespace("m2"), None, 200) as server:
        until("m2 alone is healthy", lambda: [well("m1"), well("m2")] == [False, True])
        assert server.heard[-1] == (PROBER, "/readyz", address)
        stage.settled()
        assert answering() == {"m2"}
    until("none is", lambda: not well("m2"))
    stage.settled()
    assert answering() == {"m1", "m2"}, "the last resort"
