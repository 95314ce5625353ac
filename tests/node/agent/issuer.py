"""An OpenID Connect issuer: its discovery document and its key over HTTPS, and tokens for whoever is named."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.http_server import HttpServer, Quiet
from tests.node.agent.certificates import SERVER, Authority


class OidcIssuer:
    def __init__(self, url: str, authority: str) -> None:
        self.url, self.authority = url, authority
        self._key = ec.generate_private_key(ec.SECP256R1())

    def token(self, subject: str, audience: str, **claims: Any) -> str:
        now = int(time.time())
        payload = {"iss": self.url, "sub": subject, "aud": audience, "iat": now, "exp": now + 600, **claims}
        signed = f"{_json({'alg': 'ES256', 'kid': 'one', 'typ': 'JWT'})}.{_json(payload)}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def document(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/auth",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
            }
        if path == "/keys":
            numbers = self._key.public_key().public_numbers()
            x, y = (_text(each.to_bytes(32, "big")) for each in (numbers.x, numbers.y))
            key = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one", "x": x, "y": y}
            return {"keys": [key]}
        return None


@contextmanager
def issuer(folder: Path) -> Iterator[OidcIssuer]:
    """One whose certificate is its own authority's, at a port of 127.0.0.1."""
    authority = Authority("issuer")
    certificate, key = authority.issue("issuer", [SERVER], [], ["127.0.0.1"])
    pem = folder / "issuer.pem"
    pem.write_text(certificate + key)

    class Handler(Quiet):
        def do_GET(self) -> None:
            document = made.document(self.path)
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

    with HttpServer(Handler, pem) as server:
        made = OidcIssuer(server.url, authority.pem)
        yield made


def _json(value: dict[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
