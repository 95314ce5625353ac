"""A client that reads and writes through the API's address, all the time, and remembers what it was answered.

    python -m tests.e2e.load KUBECONFIG RECORD --reads 20 --writes 20

Runs until SIGTERM. Each line of RECORD is one request: `[kind, start, end, "" or what went wrong, object]`, seconds since
the epoch. RECORD's name begins the names of what is written, so another one each time: what exists can't be created.
Connections are kept, and made anew after a failure; no request waits longer than a second and a half.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import signal
import ssl
import tempfile
import threading
import time
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import yaml

NAMESPACE = "load"
TIMEOUT_SECONDS = 1.5
WORKERS = 4


class Api:
    """One connection, as the administrator."""

    def __init__(self, kubeconfig: Path) -> None:
        given = yaml.safe_load(kubeconfig.read_text())
        cluster, user = given["clusters"][0]["cluster"], given["users"][0]["user"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._context = ssl.create_default_context(cadata=authority)
        with tempfile.NamedTemporaryFile() as pair:
            for name in ("client-certificate-data", "client-key-data"):
                pair.write(base64.b64decode(user[name]) + b"\n")
            pair.flush()
            self._context.load_cert_chain(pair.name)
        server = urlsplit(cluster["server"])
        self._host, self._port = server.hostname or "", server.port or 443
        self._connection: http.client.HTTPSConnection | None = None

    def call(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Status and body. Raises OSError or HTTPException; the next call then connects anew."""
        try:
            if self._connection is None:
                self._connection = http.client.HTTPSConnection(
                    self._host, self._port, timeout=TIMEOUT_SECONDS, context=self._context
                )
            headers = {"Content-Type": "application/json"}
            self._connection.request(method, path, json.dumps(body) if body else None, headers)
            reply = self._connection.getresponse()
            content = reply.read()
            if reply.status >= 500 or reply.getheader("Connection") == "close":
                self.close()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        return reply.status, content

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


class Worker(threading.Thread):
    """`every` seconds one request; what took longer is not caught up with."""

    def __init__(
        self,
        kind: str,
        prefix: str,
        number: int,
        every: float,
        api: Api,
        record: TextIO,
        stop: threading.Event,
    ) -> None:
        super().__init__(daemon=True)
        self._kind, self._prefix, self._number, self._every = kind, prefix, number, every
        self._api, self._record, self._stop_now = api, record, stop

    def run(self) -> None:
        count, due = 0, time.monotonic() + self._number * self._every / WORKERS
        while not self._stop_now.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._every, time.monotonic())
            count += 1
            began, name = time.time(), f"{self._prefix}-{self._number}-{count}"
            try:
                problem = self._ask(name)
            except (OSError, http.client.HTTPException) as error:
                problem = repr(error)
            line = json.dumps([self._kind, began, time.time(), problem, name])
            self._record.write(line + "\n")

    def _ask(self, name: str) -> str:
        if self._kind == "read":
            status, content = self._api.call("GET", f"/api/v1/namespaces/{NAMESPACE}")
            return "" if status == 200 else f"{status} {content[:200]!r}"
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
        status, content = self._api.call("POST", f"/api/v1/namespaces/{NAMESPACE}/configmaps", body)
        return "" if status == 201 else f"{status} {content[:200]!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kubeconfig", type=Path)
    parser.add_argument("record", type=Path)
    parser.add_argument("--reads", type=float, default=20, help="a second")
    parser.add_argument("--writes", type=float, default=20, help="a second")
    given = parser.parse_args()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with given.record.open("a", buffering=1) as record:
        workers = [
            Worker(kind, given.record.stem, number, WORKERS / rate, Api(given.kubeconfig), record, stop)
            for kind, rate in (("read", given.reads), ("write", given.writes))
            for number in range(WORKERS)
        ]
        for worker in workers:
            worker.start()
        stop.wait()
        for worker in workers:
            worker.join(2 * TIMEOUT_SECONDS)


if __name__ == "__main__":
    main()
