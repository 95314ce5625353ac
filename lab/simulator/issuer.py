"""Who signs the identity of VMs: one key for as long as the lab's state lives, and where others read its public half.

Google's is `https://accounts.google.com`, whose discovery document leads to `https://www.googleapis.com/oauth2/v3/certs`.
The simulator serves both documents under these paths on every address of its own; the addresses in them stay Google's.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.simulator.context import Lab
from lab.simulator.store import Store

ISSUER = "https://accounts.google.com"
KEYS_PATH = "/oauth2/v3/certs"
CONFIGURATION_PATH = "/.well-known/openid-configuration"
_KIND, _KEY = "lab", "issuer"
_BITS = 2048


class Issuer:
    """The key is made when it is first asked for, and kept in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def sign(self, claims: dict[str, Any]) -> str:
        """A JSON Web Token of them, RS256."""
        key = self._private()
        header = {"alg": "RS256", "kid": _key_id(key), "typ": "JWT"}
        signed = f"{_encoded(_json(header))}.{_encoded(_json(claims))}"
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_encoded(signature)}"

    def keys(self) -> dict[str, Any]:
        """The key set of RFC 7517 that others check tokens by."""
        key = self._private()
        numbers = key.public_key().public_numbers()
        shown = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": _key_id(key)}
        return {"keys": [shown | {"n": _number(numbers.n), "e": _number(numbers.e)}]}

    def _private(self) -> rsa.RSAPrivateKey:
        with self._store.transaction():
            kept = self._store.get(_KIND, _KEY)
            if kept is None:
                made = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
                text = made.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                ).decode()
                kept = {"pem": text}
                self._store.put(_KIND, _KEY, kept)
        key = serialization.load_pem_private_key(kept["pem"].encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key


def configuration() -> dict[str, Any]:
    """The discovery document, as far as those who check tokens read it."""
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/o/oauth2/v2/auth",
        "jwks_uri": f"https://www.googleapis.com{KEYS_PATH}",
        "response_types_supported": ["code", "token", "id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def routes(lab: Lab) -> list[Route]:
    async def keys(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(Issuer(lab.store).keys))

    async def described(_: Request) -> Response:
        return JSONResponse(configuration())

    return [Route(KEYS_PATH, keys), Route(CONFIGURATION_PATH, described)]


def _key_id(key: rsa.RSAPrivateKey) -> str:
    return hashlib.sha256(_number(key.public_key().public_numbers().n).encode()).hexdigest()[:40]


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
