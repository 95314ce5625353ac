"""The Google APIs as a VM's service account sees them: the simulator's own calls, its permission checks
included.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from lab.simulator.api import Api
from lab.simulator.exchange import Answer, Request


class CloudError(Exception):
    """A call that was refused. `status` is HTTP's."""

    def __init__(self, status: int, what: str, message: str) -> None:
        super().__init__(f"{what}: {status} {message}")
        self.status = status


@dataclass(frozen=True)
class Text:
    """An object's content and generation."""

    text: str
    generation: str


class Cloud:
    """Calls with the token of `service_account`, in this process: no socket, otherwise as over HTTP."""

    def __init__(self, api: Api, service_account: str) -> None:
        self._api = api
        self._token = f"Bearer lab-serviceAccount:{service_account}"

    def read(self, bucket: str, name: str) -> Text | None:
        """Returns None if there is no such object."""
        path = f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}"
        answer = self._call("GET", path, {"alt": "media"})
        if answer.status == 404:
            return None
        self._check(answer, f"reading {name}")
        return Text(answer.body.decode(), answer.headers["X-Goog-Generation"])

    def list(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        answer = self._call("GET", f"/storage/v1/b/{bucket}/o", {"prefix": prefix})
        self._check(answer, f"listing {prefix}")
        items: list[dict[str, Any]] = json.loads(answer.body).get("items", [])
        return items

    def write(self, bucket: str, name: str, text: str, *, match: str | None = None) -> str:
        """Returns the new generation. `match`: the generation that must be there, "0" for none; else 412."""
        query = {"uploadType": "media", "name": name}
        if match is not None:
            query["ifGenerationMatch"] = match
        answer = self._call("POST", f"/upload/storage/v1/b/{bucket}/o", query, text.encode())
        self._check(answer, f"writing {name}")
        return str(json.loads(answer.body)["generation"])

    def secret(self, version: str) -> bytes:
        answer = self._call("GET", f"/v1/{version}:access", {})
        self._check(answer, f"reading secret {version}")
        return base64.b64decode(json.loads(answer.body)["payload"]["data"])

    def _call(self, method: str, path: str, query: dict[str, str], body: bytes = b"") -> Answer:
        headers = {"authorization": self._token, "content-type": "application/json"}
        return self._api.handle(Request(method, path, urlencode(query), headers, body, "http://model"))

    def _check(self, answer: Answer, what: str) -> None:
        if answer.status >= 400:
            try:
                message = str(json.loads(answer.body)["error"]["message"])
            except (ValueError, KeyError, TypeError):
                message = answer.body.decode(errors="replace")
            raise CloudError(answer.status, what, message)
