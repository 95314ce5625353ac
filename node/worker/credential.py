"""`node.pyz identity AUDIENCE`: a credential plugin of Kubernetes' clients, which prints Google's word for who this VM is.

The form is ExecCredential of client.authentication.k8s.io/v1. A client asks again once `expirationTimestamp` has passed,
or when it is told 401 (client-go, plugin/pkg/client/auth/exec/exec.go).
"""

from __future__ import annotations

import base64
import json
import sys
from datetime import UTC, datetime
from typing import Any

from node.host.metadata_server import Metadata
from node.host.web import WebError

EARLY_SECONDS = 60
"""A token is exchanged that long before its end, so that none ends on its way."""


def main() -> None:
    try:
        print(json.dumps(exec_credential(Metadata().identity(sys.argv[2]))))
    except (WebError, ValueError) as error:
        sys.exit(f"ha-masters: no identity of this VM can be had: {error}")


def exec_credential(token: str) -> dict[str, Any]:
    """Raises ValueError for what is no JWT with an end."""
    until = datetime.fromtimestamp(expires(token) - EARLY_SECONDS, UTC)
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": token, "expirationTimestamp": until.strftime("%Y-%m-%dT%H:%M:%SZ")},
    }


def expires(token: str) -> int:
    """`exp` of a JWT, in seconds since 1970, unverified: that is for whom it is shown to."""
    try:
        _, claims, _ = token.split(".")
        return int(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
    except (ValueError, KeyError, TypeError):
        raise ValueError("the metadata server's identity is no JWT with an end") from None
