"""Asks Google whether something is there; with the provider's own endpoints and credentials, and reading only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import google.auth
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials

from components.adopt.identity import Identity

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
    """`since` is None where Google doesn't tell it, as of service accounts and of what another resource holds."""

    since: datetime | None


class Google:
    def __init__(self) -> None:
        token = os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN")
        credentials = Credentials(token) if token else google.auth.default(scopes=_SCOPES)[0]
        self._session = AuthorizedSession(credentials)

    def find(self, identity: Identity) -> Found | None:
        """None if it isn't there."""
        service = identity.service
        base = os.environ.get(f"GOOGLE_{service.upper()}_CUSTOM_ENDPOINT", _ENDPOINTS[service])
        method = "POST" if identity.path.endswith("/listInstances") else "GET"
        reply = self._session.request(method, base + identity.path, timeout=_TIMEOUT_SECONDS)
        if reply.status_code == requests.codes.not_found:
            return None
        reply.raise_for_status()
        doc: dict[str, Any] = reply.json()
        if identity.holds:
            return Found(None) if identity.holds(doc) else None
        return Found(next((_moment(doc[key]) for key in _TIMES if key in doc), None))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
