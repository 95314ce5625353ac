"""The cluster's API as a worker's agent meets it: one Node, over TLS, for whoever has the right token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.http_server import HttpServer, Quiet
from tests.node.agent.certificates import SERVER, Authority

TOKEN = "a.b.c"


class Api:
    """`node` None: there is none. What was patched is merged, as far as `spec` goes."""

    def __init__(self, folder: Path, name: str) -> None:
        authority = Authority("cluster")
        self.authority = authority.pem
        self.node: dict[str, Any] | None = None
        self.patches: list[Any] = []
        certificate, key = authority.issue("apiserver", [SERVER], [], ["127.0.0.1"])
        (folder / "api.crt").write_text(certificate)
        (folder / "api.key").write_text(key)
        api = self

        class Handler(Quiet):
            def do_GET(self) -> None:
                self._reply(404 if api.node is None else 200)

            def do_PATCH(self) -> None:
                assert api.node is not None
                patch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.patches.append(patch)
                api.node["spec"] |= patch["spec"]
                self._reply(200)

            def _reply(self, status: int) -> None:
                assert self.path == f"/api/v1/nodes/{name}"
                known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
                body = json.dumps(api.node or {}).encode()
                self.reply(status if known else 401, body)

        self._server = HttpServer(Handler, folder / "api.crt", folder / "api.key")
        self.port = self._server.port

    @contextmanager
    def serving(self) -> Iterator[Api]:
        with self._server:
            yield self
