"""A small client for tests and scripts: plain JSON calls, nothing retried."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    """`reason` and `message` are those of an error, if it is one."""

    status: int
    body: dict[str, Any]

    @property
    def message(self) -> str:
        return str(self.body.get("error", {}).get("message", ""))

    @property
    def reason(self) -> str:
        error = self.body.get("error", {})
        errors = error.get("errors") or [{}]
        return str(errors[0].get("reason") or error.get("status", ""))

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


class Client:
    """Paths without a leading slash are relative to the project in compute v1."""

    def __init__(self, url: str, project: str = "lab-project", token: str = "lab-owner@lab") -> None:  # noqa: S107
        self.url = url
        self.project = project
        self.token = token

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        full = path if path.startswith("/") else f"/compute/v1/projects/{self.project}/{path}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + full, data=data, method=method)  # noqa: S310
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return Reply(answer.status, json.loads(answer.read() or b"{}"))
        except urllib.error.HTTPError as error:
            return Reply(error.code, json.loads(error.read() or b"{}"))

    def get(self, path: str) -> Reply:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Reply:
        return self.call("POST", path, {} if body is None else body)

    def patch(self, path: str, body: Any) -> Reply:
        return self.call("PATCH", path, body)

    def put(self, path: str, body: Any) -> Reply:
        return self.call("PUT", path, body)

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """Insert, and the resource as it is then; raises AssertionError with the error's text."""
        reply = self.post(path, body)
        assert reply.status == 200, reply.message
        assert "error" not in reply.body, reply.body["error"]
        return self.get(f"{path}/{body['name']}").body

    def journal(self, after: int = 0) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.get(f"/lab/v1/journal?after={after}")["entries"]
        return entries

    def fault(self, **spec: Any) -> None:
        reply = self.post("/lab/v1/faults", spec)
        assert reply.status == 200, reply.body
