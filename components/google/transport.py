"""Calls to Google's APIs, with the provider's own endpoints and credentials. It knows no resource."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import google.auth
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials
from requests.adapters import HTTPAdapter

ENDPOINTS: Mapping[str, str] = {
    "compute": "https://compute.googleapis.com/compute/v1/",
    "dns": "https://dns.googleapis.com/dns/v1/",
    "iam": "https://iam.googleapis.com/v1/",
    "org_policy": "https://orgpolicy.googleapis.com/v2/",
    "resource_manager": "https://cloudresourcemanager.googleapis.com/v1/",
    "secret_manager": "https://secretmanager.googleapis.com/v1/",
    "service_usage": "https://serviceusage.googleapis.com/v1/",
    "storage": "https://storage.googleapis.com/storage/v1/",
}
"""By service, as the variables `GOOGLE_<SERVICE>_CUSTOM_ENDPOINT` name it, which the provider reads too."""

REQUEST_TIMEOUT_SECONDS = 30
AT_ONCE = 50
"""Connections that are kept. With fewer than threads that ask, urllib3 complains where the operator reads it."""

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


class Google:
    """One authorized session. Without `access_token` it takes the environment's, or the default credentials."""

    def __init__(self, access_token: str | None = None) -> None:
        token = access_token or os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN")
        credentials = Credentials(token) if token else google.auth.default(scopes=SCOPES)[0]
        self._session = AuthorizedSession(credentials)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=AT_ONCE))
        self._endpoints = {
            service: os.environ.get(f"GOOGLE_{service.upper()}_CUSTOM_ENDPOINT", default)
            for service, default in ENDPOINTS.items()
        }

    def url(self, service: str, path: str) -> str:
        return f"{self._endpoints[service]}{path}"

    def send(self, method: str, url: str, **more: Any) -> requests.Response:
        """Returns the reply, whatever its status. Raises OSError, as all of `requests` does, where nobody answers."""
        reply: requests.Response = self._session.request(method, url, timeout=REQUEST_TIMEOUT_SECONDS, **more)
        return reply

    def get(self, url: str, params: Mapping[str, str] | None = None) -> requests.Response:
        """Raises for an error."""
        reply = self.send("GET", url, params=params or {})
        reply.raise_for_status()
        return reply

    def post(self, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Raises for an error."""
        reply = self.send("POST", url, json=body)
        reply.raise_for_status()
        return dict(reply.json())

    def found(
        self, url: str, params: Mapping[str, str] | None = None, method: str = "GET"
    ) -> dict[str, Any] | None:
        """The document there, or None. Raises for any error but 404."""
        reply = self.send(method, url, params=params or {})
        if reply.status_code == requests.codes.not_found:
            return None
        reply.raise_for_status()
        return dict(reply.json())
