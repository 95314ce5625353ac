"""A client that reads and writes through the API's address, all the time, and remembers what it was answered.

    python -m tests.e2e.load KUBECONFIG RECORD --reads 20 --writes 20

Runs until SIGTERM. RECORD is as `tests.e2e.asking` has it, and its name begins the names of what is written, so another one
each time: what exists can't be created. Connections are kept, and made anew after a failure; no request waits longer than a
second and a half.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import ssl
import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.e2e.asking import AT_ONCE, Asker, ask_until_told

NAMESPACE = "load"
TIMEOUT_SECONDS = 1.5


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


def reading(api: Api, _name: str) -> str:
    status, content = api.call("GET", f"/api/v1/namespaces/{NAMESPACE}")
    return "" if status == 200 else f"{status} {content[:200]!r}"


def writing(api: Api, name: str) -> str:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    status, content = api.call("POST", f"/api/v1/namespaces/{NAMESPACE}/configmaps", body)
    return "" if status == 201 else f"{status} {content[:200]!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kubeconfig", type=Path)
    parser.add_argument("record", type=Path)
    parser.add_argument("--reads", type=float, default=20, help="a second")
    parser.add_argument("--writes", type=float, default=20, help="a second")
    given = parser.parse_args()
    askers = [
        Asker(kind, given.record.stem, number, rate, partial(ask, Api(given.kubeconfig)))
        for kind, rate, ask in (("read", given.reads, reading), ("write", given.writes, writing))
        for number in range(AT_ONCE)
    ]
    ask_until_told(askers, given.record, TIMEOUT_SECONDS)


if __name__ == "__main__":
    main()
