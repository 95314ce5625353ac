"""What the gates see: the cluster's bucket, and the load balancer's word on its backends.

Only Google's APIs are asked, with the provider's own endpoints and credentials, so an update can run from a place that
reaches neither the masters nor their API.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import google.auth
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials

from components.gates.verdicts import Seen
from node.formats import FormatError, ReplicaStatus

FRESH = timedelta(seconds=30)
"""Masters write their status every 10 s; three beats missed is silence."""

REQUEST_TIMEOUT_SECONDS = 30
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


class Google:
    """Storage and compute, read only."""

    def __init__(self, access_token: str | None) -> None:
        token = access_token or os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN")
        credentials = Credentials(token) if token else google.auth.default(scopes=SCOPES)[0]
        self._session = AuthorizedSession(credentials)
        self._storage = _endpoint("STORAGE", "https://storage.googleapis.com/storage/v1/")
        self._compute = _endpoint("COMPUTE", "https://compute.googleapis.com/compute/v1/")

    def cluster(self, bucket: str) -> Seen:
        """Everything that the bucket tells about its cluster."""
        desired, _ = self._listed(bucket, "desired/")
        items, now = self._listed(bucket, "status/")
        generations = {item["name"]: str(item["generation"]) for item in desired}
        fresh: dict[str, ReplicaStatus] = {}
        stale: set[str] = set()
        for item in items:
            name = str(item["name"])
            replica = name.removeprefix("status/").removesuffix(".json")
            if now - _moment(item["updated"]) > FRESH:
                stale.add(replica)
                continue
            status = self._status(bucket, name)
            if status is None:
                stale.add(replica)
            else:
                fresh[replica] = status
        return Seen(
            fresh=fresh,
            stale=frozenset(stale),
            members_generation=generations.get("desired/members.json", ""),
            retained_generation=generations.get("desired/retained.json", ""),
        )

    def backend_health(self, project: str, region: str, service: str) -> Mapping[str, str]:
        """Instance name to `HEALTHY` or `UNHEALTHY`, as the load balancer's probes see it."""
        url = f"{self._compute}projects/{project}/regions/{region}/backendServices/{service}"
        groups: Sequence[dict[str, Any]] = self._get(url, {}).json().get("backends", [])
        health: dict[str, str] = {}
        for group in groups:
            reply = self._session.post(
                f"{url}/getHealth", json={"group": group["group"]}, timeout=REQUEST_TIMEOUT_SECONDS
            )
            reply.raise_for_status()
            for row in reply.json().get("healthStatus", []):
                health[str(row["instance"]).rsplit("/", 1)[-1]] = str(row.get("healthState", "UNHEALTHY"))
        return health

    def _listed(self, bucket: str, prefix: str) -> tuple[list[dict[str, Any]], datetime]:
        """The objects below `prefix` and the server's own time. A cluster has a handful: one page holds them all."""
        reply = self._get(f"{self._storage}b/{bucket}/o", {"prefix": prefix})
        return reply.json().get("items", []), parsedate_to_datetime(reply.headers["Date"])

    def _status(self, bucket: str, name: str) -> ReplicaStatus | None:
        """None for one that vanished meanwhile, or that a master of another version wrote."""
        reply = self._session.get(
            f"{self._storage}b/{bucket}/o/{quote(name, safe='')}",
            params={"alt": "media"},
            timeout=REQUEST_TIMEOUT_SECONDS,
        )
        if reply.status_code == requests.codes.not_found:
            return None
        reply.raise_for_status()
        try:
            return ReplicaStatus.parse(reply.content)
        except FormatError:
            return None

    def _get(self, url: str, params: dict[str, str]) -> requests.Response:
        reply = self._session.get(url, params=params, timeout=REQUEST_TIMEOUT_SECONDS)
        reply.raise_for_status()
        return reply  # type: ignore[no-any-return]


def _endpoint(service: str, default: str) -> str:
    """The variables that the Google provider itself reads."""
    return os.environ.get(f"GOOGLE_{service}_CUSTOM_ENDPOINT", default)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
