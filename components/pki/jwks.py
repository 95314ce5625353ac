"""The key by which service accounts' tokens are checked, as a JSON Web Key Set: what `/openid/v1/jwks` of the API serves.

Whoever trusts the cluster's tokens from outside (Google's workload identity federation, for one) takes it as a file, for
nobody without a name may read it from the API.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

COORDINATE_BYTES = 32
"""Of P-256. The point ends the key's DER, x before y: RFC 5480."""


def jwks(public_key_pems: Sequence[str]) -> dict[str, Any]:
    """Returns the set of all keys by which tokens are checked."""
    return {"keys": [_key(pem) for pem in public_key_pems]}


def _key(public_key_pem: str) -> dict[str, Any]:
    """`kid` is computed as API servers do it: kubernetes/pkg/serviceaccount/jwt.go, keyIDFromPublicKey."""
    lines = [line for line in public_key_pem.splitlines() if not line.startswith("-----")]
    der = base64.b64decode("".join(lines))
    x, y = der[-2 * COORDINATE_BYTES : -COORDINATE_BYTES], der[-COORDINATE_BYTES:]
    return {
        "use": "sig",
        "kty": "EC",
        "kid": _text(hashlib.sha256(der).digest()),
        "crv": "P-256",
        "alg": "ES256",
        "x": _text(x),
        "y": _text(y),
    }


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
