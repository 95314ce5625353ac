"""A call of a REST API that speaks JSON, as Kubernetes' and Compute Engine's do."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from typing import Any, Final

from node.host.web import WebError, request

SECONDS: Final = 15.0
"""For connecting, and for each read."""

_NOT_FOUND = 404
Object = dict[str, Any]


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    context: ssl.SSLContext | None = None,
    body: Mapping[str, Any] | None = None,
    may_lack: bool = False,
) -> Object | None:
    """Returns the answer; None for what isn't there, if it `may_lack`. Raises WebError."""
    reply = request(
        method,
        url,
        headers=headers,
        body=None if body is None else json.dumps(body).encode(),
        timeout=SECONDS,
        context=context,
        allow=(_NOT_FOUND,) if may_lack else (),
    )
    if reply.status == _NOT_FOUND:
        return None
    try:
        answer = json.loads(reply.body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise WebError(f"{method} {url}: the answer is no JSON object")
    return answer
