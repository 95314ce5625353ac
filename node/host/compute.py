"""Virtual machines as Compute Engine has them, by its REST API with this machine's own token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from node.host import rest
from node.host.metadata_server import Metadata
from node.host.web import WebError

PAGE = 500
"""The most that Compute Engine gives at once."""

_NOT_FOUND = 404


@dataclass(frozen=True)
class Vm:
    """`id` never comes again, a name does. `addresses` are internal; `accounts` are emails."""

    name: str
    id: str
    status: str
    accounts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Vm:
        """https://cloud.google.com/compute/docs/reference/rest/v1/instances: an `Instance`."""
        interfaces = document.get("networkInterfaces") or []
        accounts = document.get("serviceAccounts") or []
        return cls(
            str(document["name"]),
            str(document["id"]),
            str(document.get("status", "")),
            tuple(str(each["email"]) for each in accounts if "email" in each),
            tuple(str(each["networkIP"]) for each in interfaces if "networkIP" in each),
        )


class Compute:
    """`endpoint` without a path. Calls raise WebError, also for an answer that can't be understood."""

    def __init__(self, endpoint: str, metadata: Metadata) -> None:
        self._endpoint, self._metadata = endpoint, metadata

    def instance(self, project: str, zone: str, name: str) -> Vm | None:
        """Returns None if there is no such VM."""
        document = self.call("GET", f"projects/{project}/zones/{zone}/instances/{name}")
        return None if document is None else _understood(document)

    def instances(self, project: str, zone: str) -> list[Vm]:
        """Returns all of a zone, page by page."""
        found: list[Vm] = []
        query = {"fields": "nextPageToken,items(name,id,status)", "maxResults": str(PAGE)}
        while True:
            path = f"projects/{project}/zones/{zone}/instances"
            if (page := self.call("GET", path, query)) is None:
                raise WebError(f"Compute Engine knows no {path}", _NOT_FOUND)
            found += [_understood(each) for each in page.get("items", [])]
            if not (token := page.get("nextPageToken")):
                return found
            query["pageToken"] = str(token)

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> rest.Object | None:
        """Returns the answer's document; None where there is nothing at this path."""
        kind = {} if body is None else {"Content-Type": "application/json"}
        return rest.call(
            method,
            f"{self._endpoint}/compute/v1/{path}{f'?{urlencode(query)}' if query else ''}",
            headers={**self._metadata.authorization(), **kind},
            body=body,
            may_lack=True,
        )


def _understood(document: Mapping[str, Any]) -> Vm:
    try:
        return Vm.of(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise WebError(f"Compute Engine describes a VM without {error}") from None
