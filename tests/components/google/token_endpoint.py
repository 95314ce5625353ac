"""A stand-in for Google's token endpoint: it gives a token to whoever asks, and remembers how often it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.http_server import HttpServer, Quiet


@dataclass
class TokenEndpoint:
    """`refuses`: it answers 400, as for a key that was deleted."""

    url: str
    token: str
    refuses: bool = False
    asked: list[str] = field(default_factory=list)

    def key(self, email: str = "ci@lab-project.iam.gserviceaccount.com") -> str:
        """A service account's key whose tokens come from here."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "lab-project",
                "private_key_id": "x",
                "private_key": pem.decode(),
                "client_email": email,
                "client_id": "1",
                "token_uri": self.url,
            }
        )


@contextmanager
def token_endpoint(token: str) -> Iterator[TokenEndpoint]:
    class Handler(Quiet):
        def do_POST(self) -> None:
            endpoint.asked.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            body = {"access_token": endpoint.token, "token_type": "Bearer", "expires_in": 3600}
            refused = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            text = json.dumps(refused if endpoint.refuses else body).encode()
            self.send_response(400 if endpoint.refuses else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(text)

    with HttpServer(Handler) as server:
        endpoint = TokenEndpoint(f"{server.url}/token", token)
        yield endpoint
