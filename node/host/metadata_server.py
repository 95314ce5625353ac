"""The metadata server: what this machine is, its token, and news of both.

Google's documentation: computeMetadata/v1, header `Metadata-Flavor: Google`; `wait_for_change` holds the request until
something differs from `last_etag` or `timeout_sec` is over.
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import Any
from urllib.parse import urlencode

from node.host.web import WebError, request

DEFAULT = "http://metadata.google.internal"
ENDPOINT_VARIABLE = "HA_MASTERS_METADATA"

_FLAVOR = {"Metadata-Flavor": "Google"}
_EARLY_SECONDS = 120.0


class Metadata:
    """Safe for several threads."""

    def __init__(self, endpoint: str | None = None) -> None:
        base = endpoint or os.environ.get(ENDPOINT_VARIABLE) or DEFAULT
        self._base = base.rstrip("/") + "/computeMetadata/v1/instance"
        self._lock = threading.Lock()
        self._token = ""
        self._token_until = 0.0

    def instance(self) -> tuple[dict[str, Any], str]:
        """Returns all of `instance/` as one document, and its etag."""
        return self._instance({"recursive": "true"}, timeout=10)

    def changed(self, etag: str, seconds: int = 60) -> tuple[dict[str, Any], str]:
        """Returns the same, once it differs from what had this etag, or after so many seconds."""
        query = {
            "recursive": "true",
            "wait_for_change": "true",
            "last_etag": etag,
            "timeout_sec": str(seconds),
        }
        return self._instance(query, timeout=seconds + 15)

    def authorization(self) -> dict[str, str]:
        """Returns the header that proves to Google's APIs who this machine is."""
        with self._lock:
            if time.monotonic() >= self._token_until:
                reply = request("GET", f"{self._base}/service-accounts/default/token", headers=_FLAVOR)
                answer = json.loads(reply.body)
                self._token = str(answer["access_token"])
                # The server renews a token five minutes before its end, so a short one is not asked for twice.
                lasts = max(5.0, float(answer["expires_in"]) - _EARLY_SECONDS)
                self._token_until = time.monotonic() + lasts
            return {"Authorization": f"Bearer {self._token}"}

    def identity(self, audience: str) -> str:
        """Returns a token of Google's, a JWT, that names this VM to whoever expects `audience`: its account, project, zone,
        name and id. https://cloud.google.com/compute/docs/instances/verifying-instance-identity
        """
        query = urlencode({"audience": audience, "format": "full"})
        reply = request(
            "GET", f"{self._base}/service-accounts/default/identity?{query}", headers=_FLAVOR, timeout=10
        )
        return reply.body.decode().strip()

    def _instance(self, query: dict[str, str], timeout: float) -> tuple[dict[str, Any], str]:
        reply = request("GET", f"{self._base}/?{urlencode(query)}", headers=_FLAVOR, timeout=timeout)
        try:
            document = json.loads(reply.body)
        except ValueError:
            raise WebError("the metadata server answered with something else than JSON") from None
        return document, reply.headers.get("etag", "0")
