"""`POST /batch/…`: several calls in one multipart/mixed body, as gcloud sends them."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from lab.simulator.exchange import Answer, Request

_BOUNDARY = "batch_lab_simulator"


def handle(request: Request, run: Callable[[Request], Answer]) -> Answer:
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    if not message.is_multipart():
        return Answer(400, b"Failed to parse batch request: multipart/mixed expected.")
    out = []
    for part in message.iter_parts():
        answer = run(_inner(request, part.get_payload(decode=True)))
        content_id = (part.get("Content-ID") or "").strip().strip("<>")
        lines = [
            f"--{_BOUNDARY}",
            "Content-Type: application/http",
            f"Content-ID: <response-{content_id}>",
            "",
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
            *(f"{k}: {v}" for k, v in answer.headers.items()),
            f"content-length: {len(answer.body)}",
            "",
            "",
        ]
        out.append("\r\n".join(lines).encode() + answer.body + b"\r\n")
    out.append(f"--{_BOUNDARY}--\r\n".encode())
    return Answer(200, b"".join(out), {"content-type": f"multipart/mixed; boundary={_BOUNDARY}"})


def _inner(outer: Request, payload: object) -> Request:
    text = payload if isinstance(payload, bytes) else b""
    head, _, body = text.replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *rest = head.decode().strip().split("\n")
    method, target, *_ = first.split(" ")
    own = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in rest)}
    headers = {"authorization": outer.headers.get("authorization", "")} | own
    url = urlsplit(target)
    return Request(method, url.path, url.query, headers, body.rstrip(b"\n"), outer.url)
