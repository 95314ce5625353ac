"""A request as it came in, an answer as it goes out, and the name of what a call is about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lab.simulator.discovery import Method


@dataclass(frozen=True)
class Request:
    """`path` is still percent-encoded. `url` is scheme and host."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    url: str


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    """Close the connection without a word."""
    pending_wait: bool = False
    """An operation that isn't DONE, asked for by `wait`."""


def json_answer(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    text = json.dumps(body, indent=1).encode()
    return Answer(status, text, {"content-type": "application/json; charset=UTF-8"} | (headers or {}))


def resource_name(path: str, path_params: dict[str, str], body: Any, method: Method) -> str:
    """`projects/p/zones/z/instances/i`, also for a call that creates it; other APIs: what the path names."""
    name = unquote(path.removeprefix(method.document.prefix)).removeprefix("v1/").removeprefix("dns/v1/")
    values = list(path_params.values())
    if (
        values
        and not name.endswith(values[-1])
        and method.id.rsplit(".", 1)[-1] not in ("insert", "list", "create")
    ):
        name = name[: name.rindex(values[-1]) + len(values[-1])] if values[-1] in name else name
    if (
        method.id.endswith((".insert", ".create"))
        and isinstance(body, dict)
        and isinstance(body.get("name"), str)
    ):
        name += "/" + body["name"]
    return name
