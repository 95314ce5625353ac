"""One HTTP request by the standard library, with a deadline for each read and no retries: whoever calls decides on those."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

CHUNK = 1 << 20


class Sink(Protocol):
    """Takes an answer's body as it comes: a file, or what keeps a part of it."""

    def write(self, chunk: bytes, /) -> int: ...


class WebError(Exception):
    """The request got no answer, or one that says no. `status` is 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Reply:
    """`headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | BinaryIO | None = None,
    timeout: float = 10.0,
    context: ssl.SSLContext | None = None,
    sink: Sink | None = None,
    allow: tuple[int, ...] = (),
) -> Reply:
    """Returns the reply, whose status is 2xx or among `allow`. Into `sink` goes the body, if one is given and all is well.

    `timeout` is in seconds, for connecting and for each read.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=timeout)
    )
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    where = f"{method} {parts.scheme}://{parts.netloc}{parts.path}"
    try:
        connection.request(method, target, body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        good = 200 <= answer.status < 300
        if good and sink is not None:
            while chunk := answer.read(CHUNK):
                sink.write(chunk)
        data = answer.read()
    except TimeoutError:
        raise WebError(f"{where}: no answer within {timeout:.0f} s") from None
    except (OSError, http.client.HTTPException) as error:
        raise WebError(f"{where}: {error or type(error).__name__}") from None
    finally:
        connection.close()
    if good or answer.status in allow:
        return Reply(answer.status, found, data)
    said = data.decode(errors="replace").strip()[:400]
    raise WebError(f"{where} answered {answer.status}: {said}", answer.status)
