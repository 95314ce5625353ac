"""Uploads: media only, multipart/related, and resumable sessions; handlers see metadata and bytes alike."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import re
from dataclasses import dataclass
from typing import Any

from lab.simulator.errors import ApiError, bad_request
from lab.simulator.store import Store


@dataclass(frozen=True)
class Upload:
    metadata: dict[str, Any] | None
    data: bytes
    media_type: str | None


def _json(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text or b"{}")
    except ValueError as error:
        raise bad_request("Parse Error", "parseError") from error
    if not isinstance(value, dict):
        raise bad_request("Parse Error", "parseError")
    return value


def parse(upload_type: str, content_type: str, body: bytes) -> Upload:
    """A whole upload in one request (`media` or `multipart`)."""
    if upload_type == "media":
        return Upload(None, body, content_type or None)
    if upload_type != "multipart":
        raise bad_request(f"Invalid upload type: {upload_type}", "invalid")
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    boundary = message.get_boundary()
    if not message.is_multipart() or boundary is None:
        raise bad_request("Multipart body expected", "badContent")
    # The bytes of the media are cut out by hand: the parser would touch line ends.
    parts = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*(?:\r?\n|$)", body)
    parts = [p for p in parts if p.strip()] if len(parts) > 4 else parts[1:3]
    if len(parts) != 2:
        raise bad_request("Expected two parts: metadata and media", "badContent")
    (_, metadata), (headers, data) = (_split(p) for p in parts)
    kind = re.search(rb"content-type:\s*([^\r\n]+)", headers, re.IGNORECASE)
    if re.search(rb"content-transfer-encoding:\s*base64", headers, re.IGNORECASE):
        data = base64.b64decode(data)
    return Upload(_json(metadata), data, kind.group(1).decode().strip() if kind else None)


def _split(part: bytes) -> tuple[bytes, bytes]:
    if part.startswith((b"\r\n", b"\n")):
        return b"", part.lstrip(b"\r\n")
    found = re.search(rb"\r?\n\r?\n", part)
    if not found:
        raise bad_request("A part without a body", "badContent")
    return part[: found.start()], part[found.end() :]


def start_session(
    store: Store, path: str, query: list[tuple[str, str]], headers: dict[str, str], body: bytes
) -> str:
    """Remember the first request of a resumable upload. Returns the upload id."""
    upload_id = f"ADPycd{store.next_id('upload'):08d}"
    doc = {
        "path": path,
        "query": query,
        "metadata": _json(body),
        "media_type": headers.get("x-upload-content-type"),
    }
    store.put("resumable", upload_id, doc)
    store.put_blob(f"resumable/{upload_id}", b"")
    return upload_id


def receive(store: Store, upload_id: str, content_range: str | None, body: bytes) -> Upload | int:
    """A piece of it. Gives the upload when it is whole, otherwise the number of bytes received so far."""
    doc = store.get("resumable", upload_id)
    if doc is None:
        raise ApiError(404, "notFound", "Upload session not found")
    have = store.get_blob(f"resumable/{upload_id}") or b""
    if content_range is None:
        have, total = body, len(body)
    else:
        found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", content_range.strip())
        if not found:
            raise bad_request("Failed to parse Content-Range header.", "badRequest")
        first, _, whole = found.groups()
        if first is not None:
            if int(first) > len(have):
                raise bad_request(
                    "Invalid request. There were bytes missing before this range.", "badRequest"
                )
            have = have[: int(first)] + body
        total = int(whole) if whole != "*" else -1
    if len(have) != total:
        store.put_blob(f"resumable/{upload_id}", have)
        return len(have)
    store.delete("resumable", upload_id)
    store.delete_blob(f"resumable/{upload_id}")
    return Upload(doc["metadata"], have, doc["media_type"])
