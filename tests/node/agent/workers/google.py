"""Google's keys, at a port of 127.0.0.1, as good or as bad as a test wants them."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from node.contract.worker_identity import KEYS_PATH


class GoogleKeys:
    """`body` is served in the place of `keys`, if there is one; `asked` counts."""

    def __init__(self, keys: dict[str, Any] | None = None) -> None:
        self.keys: dict[str, Any] = keys or {"keys": [{"kid": "one", "kty": "RSA", "n": "x", "e": "AQAB"}]}
        self.status, self.body, self.asked = 200, b"", 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        serving = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                serving.asked += 1
                found = self.path == KEYS_PATH
                self.send_response(serving.status if found else 404)
                self.end_headers()
                self.wfile.write(serving.body or json.dumps(serving.keys).encode())

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
