"""Google as the masters of workers see it: its keys at a port of 127.0.0.1, as good or as bad as a test wants them; tokens
of VMs, as a VM's metadata server gives them and as a thief would like them; and the VMs that there are.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from node.contract.worker_identity import ISSUER, KEYS_PATH
from node.host.compute import Compute, Vm
from node.host.metadata_server import Metadata
from tests.http_server import HttpServer, Quiet
from tests.node.manifests.pools import ACCOUNT

NAME, ADDRESS, ZONE = "dev-web-b-x1z9", "10.9.0.9", "europe-west1-b"
VM = Vm(NAME, "4711", "RUNNING", (ACCOUNT,), (ADDRESS,))


class GoogleKeys:
    """`body` is served in the place of `keys`, if there is one; `asked` counts."""

    def __init__(self, keys: dict[str, Any] | None = None) -> None:
        self.keys: dict[str, Any] = keys or {"keys": [{"kid": "one", "kty": "RSA", "n": "x", "e": "AQAB"}]}
        self.status, self.body, self.asked = 200, b"", 0
        self._server = HttpServer(self._handler())
        self.url = self._server.url

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def _handler(self) -> type[Quiet]:
        serving = self

        class Handler(Quiet):
            def do_GET(self) -> None:
                serving.asked += 1
                found = self.path == KEYS_PATH
                self.send_response(serving.status if found else 404)
                self.end_headers()
                self.wfile.write(serving.body or json.dumps(serving.keys).encode())

        return Handler


class Signer:
    """A key by the name `kid`, and tokens that it signs."""

    def __init__(self, kid: str = "google") -> None:
        self._kid, self._key = kid, rsa.generate_private_key(65537, 2048)

    def jwk(self) -> dict[str, Any]:
        numbers = self._key.public_key().public_numbers()
        n, e = (text(each.to_bytes((each.bit_length() + 7) // 8, "big")) for each in (numbers.n, numbers.e))
        return {"kid": self._kid, "kty": "RSA", "alg": "RS256", "use": "sig", "n": n, "e": e}

    def token(self, claims: dict[str, Any], **header: Any) -> str:
        head = {"alg": "RS256", "kid": self._kid, "typ": "JWT"} | header
        signed = f"{text(json.dumps(head).encode())}.{text(json.dumps(claims).encode())}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{text(signature)}"


def claims(vm: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Of a VM's token, `format=full`: https://cloud.google.com/compute/docs/instances/verifying-instance-identity. `vm`
    changes what it says of the VM.
    """
    now = int(time.time())
    machine = {
        "project_id": "p",
        "project_number": 1,
        "zone": ZONE,
        "instance_id": VM.id,
        "instance_name": NAME,
        "instance_creation_timestamp": now - 60,
    }
    return {
        "iss": ISSUER,
        "aud": "ha-masters/dev",
        "azp": "1",
        "sub": "1",
        "email": ACCOUNT,
        "email_verified": True,
        "iat": now,
        "exp": now + 3600,
        "google": {"compute_engine": machine | (vm or {})},
    } | changes


class Vms(Compute):
    """Those that there are, by name; all are in one zone."""

    def __init__(self, *vms: Vm) -> None:
        super().__init__("http://127.0.0.1:1", Metadata("http://127.0.0.1:1"))
        self.there = {vm.name: vm for vm in vms}

    def instance(self, project: str, zone: str, name: str) -> Vm | None:
        return self.there.get(name) if zone == ZONE else None

    def instances(self, project: str, zone: str) -> list[Vm]:
        return list(self.there.values()) if zone == ZONE else []


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
