"""A metadata server with what a master's or a worker's VM has, on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from tests.http_server import HttpServer, Quiet

_BASE = "/computeMetadata/v1/instance/"


class MetadataServer:
    def __init__(self, attributes: dict[str, str]) -> None:
        self.attributes = attributes
        self.etag = 1
        self.identity: str | None = None
        self.pod_ranges = ["10.64.0.0/24"]
        server = self

        class Handler(Quiet):
            def do_GET(self) -> None:
                status, body = server.answer(self.path, self.headers.get("Metadata-Flavor"))
                self.reply(status, body, ETag=str(server.etag))

        self._server = HttpServer(Handler)
        self.url = self._server.url

    def change(self, **attributes: str) -> None:
        self.attributes |= {name.replace("_", "-"): value for name, value in attributes.items()}
        self.etag += 1

    def answer(self, target: str, flavor: str | None) -> tuple[int, bytes]:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        path = parts.path.removeprefix(_BASE)
        if flavor != "Google":
            return 403, b"Metadata-Flavor"
        if path == "service-accounts/default/token":
            token = {"access_token": "lab-owner@lab", "expires_in": 3599, "token_type": "Bearer"}
            return 200, json.dumps(token).encode()
        if path == "service-accounts/default/identity":
            return (404, b"no account") if self.identity is None else (200, self.identity.encode())
        if path.startswith("attributes/"):
            value = self.attributes.get(path.removeprefix("attributes/"))
            return (404, b"") if value is None else (200, value.encode())
        if query.get("last_etag") == [str(self.etag)]:
            deadline = time.monotonic() + float(query["timeout_sec"][0])
            while time.monotonic() < deadline and query["last_etag"] == [str(self.etag)]:
                time.sleep(0.02)
        document = {
            "id": 4711,
            "name": "dev-web-b-x1y2",
            "machineType": "projects/1/machineTypes/e2-standard-4",
            "zone": "projects/1/zones/europe-west1-b",
            "networkInterfaces": [{"ip": "10.0.0.2", "ipAliases": self.pod_ranges}],
            "attributes": self.attributes,
        }
        return 200, json.dumps(document).encode()

    @contextmanager
    def serving(self) -> Iterator[MetadataServer]:
        with self._server:
            yield self
