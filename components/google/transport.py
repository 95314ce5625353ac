"""Calls to Google's APIs, with the provider's own endpoints and credentials. It knows no resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from components.google.provider_config import ProviderConfig
from components.google.sign_in import SignIn

REQUEST_TIMEOUT_SECONDS = 30
AT_ONCE = 50
"""Connections that are kept. With fewer than threads that ask, urllib3 complains where the operator reads it."""


class Google:
    """One session, signed in as the provider is. Nobody is asked before the first call."""

    def __init__(self, config: ProviderConfig) -> None:
        self._session = requests.Session()
        self._session.auth = SignIn(config)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=AT_ONCE))
        self._endpoints = dict(config.endpoints)

    def url(self, service: str, path: str) -> str:
        return f"{self._endpoints[service]}{path}"

    def send(self, method: str, url: str, **more: Any) -> requests.Response:
        """Returns the reply, whatever its status. Raises OSError, as all of `requests` does, where nobody answers."""
        return self._session.request(method, url, timeout=REQUEST_TIMEOUT_SECONDS, **more)

    def get(self, url: str, params: Mapping[str, str] | None = None) -> requests.Response:
        """Raises for an error."""
        reply = self.send("GET", url, params=params or {})
        reply.raise_for_status()
        return reply

    def items(self, url: str, params: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """Yields what a list has, however many pages it fills. Raises for an error."""
        asked = dict(params or {})
        while True:
            page = self.get(url, asked).json()
            yield from page.get("items") or ()
            if not (token := page.get("nextPageToken")):
                return
            asked["pageToken"] = str(token)

    def post(self, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Raises for an error."""
        reply = self.send("POST", url, json=body)
        reply.raise_for_status()
        return dict(reply.json())

    def found(
        self, url: str, params: Mapping[str, str] | None = None, method: str = "GET"
    ) -> dict[str, Any] | None:
        """Returns the document there, or None. Raises for any error but 404."""
        reply = self.send(method, url, params=params or {})
        if reply.status_code == requests.codes.not_found:
            return None
        reply.raise_for_status()
        return dict(reply.json())
