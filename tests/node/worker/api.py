"""The cluster's API as a worker's agent meets it: one Node, over TLS, for whoever has the right token."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

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

        class Handler(BaseHTTPRequestHandler):
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
                self.send_response(status if known else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "api.crt", folder / "api.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port

    @contextmanager
    def serving(self) -> Iterator[Api]:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
