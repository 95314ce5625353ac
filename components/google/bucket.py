"""Objects of one bucket: https://cloud.google.com/storage/docs/json_api/v1/objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests

from components.google.transport import Google


class Bucket:
    """A bucket that may not be there; then it has no objects."""

    def __init__(self, google: Google, name: str) -> None:
        self._google = google
        self._bucket = google.url("storage", f"b/{name}")

    def is_there(self) -> bool:
        return self._google.found(self._bucket) is not None

    def exists(self, name: str) -> bool:
        return self.described(name) is not None

    def described(self, name: str) -> dict[str, Any] | None:
        """Returns what the storage keeps about an object."""
        return self._google.found(self._object(name))

    def document(self, name: str) -> dict[str, Any] | None:
        """Returns an object's content as JSON; None where there is none."""
        return self._google.found(self._object(name), {"alt": "media"})

    def content(self, name: str) -> bytes:
        """Returns an object's content. Raises where there is none."""
        return bytes(self._google.get(self._object(name), {"alt": "media"}).content)

    def text(self, name: str) -> bytes:
        """Returns an object's content; empty where there is none."""
        reply = self._google.send("GET", self._object(name), params={"alt": "media"})
        if reply.status_code == requests.codes.not_found:
            return b""
        reply.raise_for_status()
        return bytes(reply.content)

    def listed(self, prefix: str) -> tuple[list[dict[str, Any]], datetime]:
        """Returns the objects below `prefix` and the server's own time. For what fits on one page of 1000."""
        reply = self._google.get(f"{self._bucket}/o", {"prefix": prefix})
        return reply.json().get("items", []), parsedate_to_datetime(reply.headers["Date"])

    def names(self, prefix: str) -> list[str]:
        """Returns the names of all objects below `prefix`, however many pages they fill."""
        params = {"prefix": prefix, "fields": "nextPageToken,items(name)"}
        return [str(item["name"]) for item in self._google.items(f"{self._bucket}/o", params)]

    def write(self, name: str, document: Mapping[str, Any], *, on: str | None = None) -> bool:
        """Writes an object; False if the one there is not of generation `on` ("0": there must be none)."""
        return self.put(name, json.dumps(document, sort_keys=True), on=on)

    def put(self, name: str, text: str, *, on: str | None = None) -> bool:
        """Writes an object to the letter; as `write` does otherwise."""
        reply = self._google.send(
            "POST",
            f"{self._bucket.replace('/storage/v1/', '/upload/storage/v1/')}/o",
            params={"uploadType": "media", "name": name, **({"ifGenerationMatch": on} if on else {})},
            data=text.encode(),
            headers={"Content-Type": "application/json"},
        )
        if on and reply.status_code == requests.codes.precondition_failed:
            return False
        reply.raise_for_status()
        return True

    def remove(self, name: str, *, on: str | None = None) -> None:
        """Deletes an object, or leaves it: one that is not there, or is not of generation `on`."""
        params = {"ifGenerationMatch": on} if on else {}
        reply = self._google.send("DELETE", self._object(name), params=params)
        if reply.status_code not in (requests.codes.not_found, requests.codes.precondition_failed):
            reply.raise_for_status()

    def _object(self, name: str) -> str:
        return f"{self._bucket}/o/{quote(name, safe='')}"
