"""Objects of the cluster's bucket, by Cloud Storage's JSON API with the machine's own token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import quote, urlencode

from node.host.metadata_server import Metadata
from node.host.web import Reply, WebError, request

_NOT_MODIFIED, _NOT_FOUND, _PRECONDITION_FAILED = 304, 404, 412
_SMALL_SECONDS, _UPLOAD_SECONDS = 10.0, 120.0


@dataclass(frozen=True)
class Text:
    """An object and the generation that it was read at."""

    content: bytes
    generation: str


@dataclass(frozen=True)
class Described:
    """What the storage keeps about an object. `md5` is in base64, as it gives it, and empty for one that was composed."""

    generation: str
    size_bytes: int
    md5: str


@dataclass(frozen=True)
class Listed:
    """One object of a listing."""

    name: str
    generation: str
    age_seconds: float
    """Since it was written, by the storage server's own clock: its `updated` against the reply's `Date`."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Its custom metadata."""


class Bucket:
    """A bucket of Cloud Storage. Calls raise WebError."""

    def __init__(self, endpoint: str, name: str, metadata: Metadata) -> None:
        self._endpoint, self._name, self._metadata = endpoint, name, metadata

    def read(self, name: str, known: Text | None = None) -> Text | None:
        """Returns the object, or None if there is none. `known` is given back if it is still the current one."""
        query = {"alt": "media"}
        if known:
            query["ifGenerationNotMatch"] = known.generation
        reply = self._call("GET", self._object(name, query), allow=(_NOT_MODIFIED, _NOT_FOUND))
        if reply.status == _NOT_MODIFIED:
            return known
        if reply.status == _NOT_FOUND:
            return None
        return Text(reply.body, reply.headers["x-goog-generation"])

    def list(self, prefix: str) -> list[Listed]:
        found: list[Listed] = []
        query = {"prefix": prefix, "fields": "nextPageToken,items(name,generation,updated,metadata)"}
        while True:
            reply = self._call("GET", f"{self._endpoint}/storage/v1/b/{self._name}/o?{urlencode(query)}")
            answer, now = json.loads(reply.body), parsedate_to_datetime(reply.headers["date"])
            for item in answer.get("items", []):
                updated = datetime.fromisoformat(item["updated"].replace("Z", "+00:00"))
                age = max(0.0, (now - updated).total_seconds())
                found.append(Listed(item["name"], str(item["generation"]), age, item.get("metadata", {})))
            if "nextPageToken" not in answer:
                return found
            query["pageToken"] = answer["nextPageToken"]

    def write(self, name: str, content: bytes | BinaryIO, *, match: str | None = None) -> str | None:
        """Returns the new generation; None if the one there is not `match` ("0": there must be none)."""
        query = {"uploadType": "media", "name": name}
        if match is not None:
            query["ifGenerationMatch"] = match
        url = f"{self._endpoint}/upload/storage/v1/b/{self._name}/o?{urlencode(query)}"
        kind = "application/json" if name.endswith(".json") else "application/octet-stream"
        headers = {**self._metadata.authorization(), "Content-Type": kind}
        if not isinstance(content, bytes):
            headers["Content-Length"] = str(_length(content))
        seconds = _SMALL_SECONDS if isinstance(content, bytes) else _UPLOAD_SECONDS
        try:
            reply = request("POST", url, headers=headers, body=content, timeout=seconds)
        except WebError as error:
            if error.status == _PRECONDITION_FAILED and match is not None:
                return None
            raise
        return str(json.loads(reply.body)["generation"])

    def describe(self, name: str) -> Described | None:
        """Returns None if there is no such object."""
        query = {"fields": "generation,size,md5Hash"}
        reply = self._call("GET", self._object(name, query), allow=(_NOT_FOUND,))
        if reply.status == _NOT_FOUND:
            return None
        said = json.loads(reply.body)
        return Described(str(said["generation"]), int(said["size"]), str(said.get("md5Hash", "")))

    def annotate(self, name: str, generation: str, notes: Mapping[str, str]) -> None:
        """Notes on an object of this generation, kept as its custom metadata."""
        headers = {**self._metadata.authorization(), "Content-Type": "application/json"}
        url = self._object(name, {"ifGenerationMatch": generation, "fields": "generation"})
        request("PATCH", url, headers=headers, body=json.dumps({"metadata": dict(notes)}).encode())

    def remove(self, name: str, generation: str) -> None:
        """Deletes the object, or leaves it: one that is gone, or that is of another generation."""
        url = self._object(name, {"ifGenerationMatch": generation})
        self._call("DELETE", url, allow=(_NOT_FOUND, _PRECONDITION_FAILED))

    def download(self, name: str, sink: BinaryIO) -> None:
        request(
            "GET",
            self._object(name, {"alt": "media"}),
            headers=self._metadata.authorization(),
            timeout=_UPLOAD_SECONDS,
            sink=sink,
        )

    def _object(self, name: str, query: dict[str, str]) -> str:
        path = f"/storage/v1/b/{self._name}/o/{quote(name, safe='')}"
        return f"{self._endpoint}{path}?{urlencode(query)}"

    def _call(self, method: str, url: str, allow: tuple[int, ...] = ()) -> Reply:
        return request(method, url, headers=self._metadata.authorization(), allow=allow)


def _length(file: BinaryIO) -> int:
    start = file.tell()
    end = file.seek(0, 2)
    file.seek(start)
    return end - start
