"""The workers' issuer as this machine's API server sees it: a discovery document, and the keys, over HTTPS on loopback.

The certificate is etcd's serving one, the only leaf of a master that names 127.0.0.1; the apiserver's own names addresses
that others can reach, and a further leaf would be one more thing to renew. The discovery document is this machine's word
and never fetched: it says where keys are, and that is here.

It answers anybody on this machine, for all of it is public.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from node.agent.workers.issuer_keys import IssuerKeys
from node.contract import ports
from node.contract.worker_identity import ISSUER
from node.host import paths
from node.host.files import under
from node.host.threads import kept
from node.manifests.worker_authentication import discovery_url

LOOK_SECONDS = 5.0
_PATIENCE_SECONDS = 10.0
_KEYS = "/keys"


class IssuerServer(ThreadingHTTPServer):
    """Raises OSError if the port is taken, as by an agent that still ends."""

    daemon_threads = True

    def __init__(self, loopback: str, root: Path, keys: IssuerKeys) -> None:
        self._root = root
        super().__init__((loopback, ports.ISSUER), _handler(loopback, keys))

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own, the handshake too. The certificate is read each time, for it is renewed under way."""
        request.settimeout(_PATIENCE_SECONDS)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        leaf = under(self._root, paths.secret("etcd-server.crt"))
        context.load_cert_chain(leaf, leaf.with_suffix(".key"))
        with context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Whoever hangs up, or speaks no TLS, is no news."""


def discovery(loopback: str) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0, 3: what a relying party needs that only checks tokens."""
    parts = urlsplit(discovery_url(loopback))
    return {
        "issuer": ISSUER,
        "jwks_uri": f"{parts.scheme}://{parts.netloc}{_KEYS}",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def serve(
    loopback: str, root: Path, keys: IssuerKeys, wanted: Callable[[], bool], say: Callable[[str], None]
) -> None:
    """For ever, in a thread that ends with its process. Opens no port before workers are `wanted`."""
    rest, said = threading.Event(), ""
    server: IssuerServer | None = None
    try:
        while True:
            if wanted():
                try:
                    server = server or started(IssuerServer(loopback, root, keys), say)
                except OSError as error:
                    if (line := f"the workers' issuer can't be served: {error}") != said:
                        said = line
                        say(line)
                keys.keep()
            rest.wait(LOOK_SECONDS)
    finally:
        if server:  # Whoever serves after this needs its port.
            server.shutdown()
            server.server_close()


def started(server: IssuerServer, say: Callable[[str], None]) -> IssuerServer:
    kept("requests of the issuer", server.serve_forever, say)
    return server


def _handler(loopback: str, keys: IssuerKeys) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = ""
            if self.path == urlsplit(discovery_url(loopback)).path:
                text = json.dumps(discovery(loopback))
            elif self.path == _KEYS:
                text = keys.asked()
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", "application/json")
            # An API server that may keep them doesn't ask again when it meets a key that it doesn't know.
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
