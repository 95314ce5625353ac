"""Asks Google what is there, with the provider's own endpoints and credentials. All of it reads but `destroy`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import google.auth
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials

from admin.adopt.provider_id import Identity

_ENDPOINTS = {
    "compute": "https://compute.googleapis.com/compute/v1/",
    "dns": "https://dns.googleapis.com/dns/v1/",
    "iam": "https://iam.googleapis.com/v1/",
    "secret_manager": "https://secretmanager.googleapis.com/v1/",
    "storage": "https://storage.googleapis.com/storage/v1/",
}
_TIMEOUT_SECONDS = 30
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_TIMES = ("creationTimestamp", "timeCreated", "createTime")


@dataclass(frozen=True)
class Found:
    """`since` is None where Google doesn't tell it, as of service accounts and of what another resource holds.

    `doc` is what Google says of it, or of what holds it; `machine` is the VM whose mark counts for it.
    """

    since: datetime | None
    doc: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)


class Google:
    def __init__(self) -> None:
        token = os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN")
        credentials = Credentials(token) if token else google.auth.default(scopes=_SCOPES)[0]
        self._session = AuthorizedSession(credentials)

    def find(self, identity: Identity) -> Found | None:
        """None if it isn't there."""
        method = "POST" if identity.path.endswith("/listInstances") else "GET"
        doc = self._ask(method, identity.service, identity.path)
        if doc is None:
            return None
        if identity.holds:
            return Found(None, doc) if identity.holds(doc) else None
        path = identity.machine(doc) if identity.machine else None
        machine = self._ask("GET", "compute", path) if path else None
        return Found(next((_moment(doc[key]) for key in _TIMES if key in doc), None), doc, machine or {})

    def versions(self, secret: str) -> list[str]:
        """The full names of a secret's versions that aren't destroyed."""
        found = self._ask("GET", "secret_manager", f"{secret}/versions") or {}
        return [each["name"] for each in found.get("versions", []) if each["state"] != "DESTROYED"]

    def metadata(self, instance: Identity) -> dict[str, str]:
        """What a machine is told; nothing if there is no such machine."""
        found = self._ask("GET", "compute", instance.path) or {}
        return {item["key"]: item["value"] for item in found.get("metadata", {}).get("items", [])}

    def destroy(self, version: str) -> None:
        """The payload of a secret's version, for good."""
        self._ask("POST", "secret_manager", f"{version}:destroy")

    def _ask(self, method: str, service: str, path: str) -> dict[str, Any] | None:
        base = os.environ.get(f"GOOGLE_{service.upper()}_CUSTOM_ENDPOINT", _ENDPOINTS[service])
        reply = self._session.request(method, base + path, timeout=_TIMEOUT_SECONDS)
        if reply.status_code == requests.codes.not_found:
            return None
        reply.raise_for_status()
        return dict(reply.json())


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
