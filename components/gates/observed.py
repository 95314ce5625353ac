"""What the gates see: the cluster's bucket, its machines and disks, and the load balancer's word on its backends.

Only Google's APIs are asked, with the provider's own endpoints and credentials, so an update can run from a place that
reaches neither the masters nor their API.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import google.auth
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials

from components.gates.seen import Claim, Machine, Seen
from node.contract import bucket_layout, timings
from node.contract.desired import Members, Retained
from node.contract.fields import FormatError
from node.contract.status import ReplicaStatus

FRESH = timedelta(seconds=timings.STATUS_FRESH)
REQUEST_TIMEOUT_SECONDS = 30
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replica's machine stands."""

    project: str
    zone: str
    instance: str

    def beside(self, replica: str, other: str) -> Place:
        """The place of `other`'s machine, told from that of `replica`: they differ in their replicas' identities only."""
        return Place(
            self.project,
            f"{self.zone[: -len(replica.rpartition('-')[2])]}{other.rpartition('-')[2]}",
            f"{self.instance.removesuffix(replica)}{other}",
        )


class Google:
    """Storage and Compute Engine. It changes nothing but the two small objects that gates leave for each other."""

    def __init__(self, access_token: str | None) -> None:
        token = access_token or os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN")
        credentials = Credentials(token) if token else google.auth.default(scopes=SCOPES)[0]
        self._session = AuthorizedSession(credentials)
        self._storage = _endpoint("STORAGE", "https://storage.googleapis.com/storage/v1/")
        self._compute = _endpoint("COMPUTE", "https://compute.googleapis.com/compute/v1/")
        self._statuses: dict[str, tuple[str, ReplicaStatus | None]] = {}
        self._looks: dict[str, tuple[float, Seen]] = {}
        self._lists: tuple[tuple[str, str, str], frozenset[str]] | None = None
        self._looking = threading.Lock()

    def cluster(self, bucket: str) -> Seen:
        """Everything that the bucket tells about its cluster.

        Gates that ask at the same time share a look, if it began after they asked: an older one may not know yet what
        this update has just written.
        """
        asked = time.monotonic()
        with self._looking:
            began, seen = self._looks.get(bucket, (float("-inf"), None))
            if seen is None or began < asked:
                began = time.monotonic()
                seen = self._look(bucket)
                self._looks[bucket] = (began, seen)
            return seen

    def _look(self, bucket: str) -> Seen:
        desired, _ = self._listed(bucket, bucket_layout.DESIRED)
        items, now = self._listed(bucket, bucket_layout.STATUSES)
        objects = {str(item["name"]): item for item in desired}
        generations = {name: str(item["generation"]) for name, item in objects.items()}
        fresh: dict[str, ReplicaStatus] = {}
        written: dict[str, datetime] = {}
        stale: set[str] = set()
        unreadable: set[str] = set()
        for item in items:
            name = str(item["name"])
            replica = name.removeprefix(bucket_layout.STATUSES).removesuffix(".json")
            when = moment(item["updated"])
            if now - when > FRESH:
                stale.add(replica)
                continue
            written[replica] = when
            status = self._status(bucket, name, str(item["generation"]))
            if status is None:
                unreadable.add(replica)
            else:
                fresh[replica] = status
        seen = Seen(
            fresh=fresh,
            stale=frozenset(stale),
            unreadable=frozenset(unreadable),
            written=written,
            members_generation=generations.get(bucket_layout.MEMBERS, ""),
            retained_generation=generations.get(bucket_layout.RETAINED, ""),
            claim=self._claim(bucket, objects.get(bucket_layout.CLAIM), now),
            may_stay=self._may_stay(bucket, objects),
            ended=bucket_layout.END in objects,
        )
        if seen.leader is not None:
            return seen
        return replace(seen, formed=self._formed(bucket))

    def machine(self, place: Place) -> Machine | None:
        """The VM of that name; None if there is none."""
        doc = self._found(
            f"{self._compute}projects/{place.project}/zones/{place.zone}/instances/{place.instance}"
        )
        if doc is None:
            return None
        started = doc.get("lastStartTimestamp")
        return Machine(
            str(doc["id"]),
            str(doc["status"]),
            str(doc.get("machineType", "")).rpartition("/")[2],
            moment(started) if started else None,
        )

    def machines(self, place: Place, replica: str, others: Iterable[str]) -> dict[str, Machine | None]:
        """The VMs of `others` by identity, where `place` is that of `replica`."""
        return {other: self.machine(place.beside(replica, other)) for other in others}

    def compute(self, path: str) -> dict[str, Any] | None:
        """What stands at a path such as `projects/…/disks/NAME`; None if nothing does."""
        return self._found(f"{self._compute}{path}")

    def disk_id(self, project: str, zone: str, name: str) -> str:
        """Google's id of the disk of that name; empty if there is none."""
        doc = self._found(f"{self._compute}projects/{project}/zones/{zone}/disks/{name}")
        return str(doc["id"]) if doc else ""

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

    def has_bucket(self, bucket: str) -> bool:
        return self._found(f"{self._storage}b/{bucket}") is not None

    def exists(self, bucket: str, name: str) -> bool:
        """Whether the bucket has an object of that name; a bucket that isn't there has none."""
        return self._found(self._object(bucket, name)) is not None

    def described(self, bucket: str, name: str) -> dict[str, Any] | None:
        """What the storage keeps about an object."""
        return self._found(self._object(bucket, name))

    def text(self, bucket: str, name: str) -> bytes:
        """An object's content; empty where there is none."""
        reply = self._session.get(
            self._object(bucket, name), params={"alt": "media"}, timeout=REQUEST_TIMEOUT_SECONDS
        )
        if reply.status_code == requests.codes.not_found:
            return b""
        reply.raise_for_status()
        return bytes(reply.content)

    def names(self, bucket: str, prefix: str) -> list[str]:
        """Of all objects below `prefix`, however many pages they fill."""
        found: list[str] = []
        params = {"prefix": prefix, "fields": "nextPageToken,items(name)"}
        while True:
            page = self._get(f"{self._storage}b/{bucket}/o", params).json()
            found += [str(item["name"]) for item in page.get("items", [])]
            if "nextPageToken" not in page:
                return found
            params["pageToken"] = page["nextPageToken"]

    def newest_revision(self, bucket: str) -> int:
        """The furthest revision of etcd that any status ever told, however old; -1 where none did."""
        items, _ = self._listed(bucket, bucket_layout.STATUSES)
        told = [self._status(bucket, str(item["name"]), str(item["generation"])) for item in items]
        return max((status.etcd.revision for status in told if status and status.etcd), default=-1)

    def write(self, bucket: str, name: str, document: Mapping[str, Any], *, on: str | None = None) -> bool:
        """Writes an object; False if the one there is not of generation `on` ("0": there must be none)."""
        url = f"{self._storage.replace('/storage/v1/', '/upload/storage/v1/')}b/{bucket}/o"
        reply = self._session.post(
            url,
            params={"uploadType": "media", "name": name, **({"ifGenerationMatch": on} if on else {})},
            data=json.dumps(document, sort_keys=True),
            headers={"Content-Type": "application/json"},
            timeout=REQUEST_TIMEOUT_SECONDS,
        )
        if on and reply.status_code == requests.codes.precondition_failed:
            return False
        reply.raise_for_status()
        return True

    def remove(self, bucket: str, name: str, *, on: str | None = None) -> None:
        """Deletes an object, or leaves it: one that is not there, or is not of generation `on`."""
        params = {"ifGenerationMatch": on} if on else {}
        reply = self._session.delete(
            self._object(bucket, name), params=params, timeout=REQUEST_TIMEOUT_SECONDS
        )
        if reply.status_code not in (requests.codes.not_found, requests.codes.precondition_failed):
            reply.raise_for_status()

    def _may_stay(self, bucket: str, objects: Mapping[str, Mapping[str, Any]]) -> frozenset[str] | None:
        """By lists that masters don't act on, because one is missing or can't be read, nobody is to leave."""
        if bucket_layout.MEMBERS not in objects or bucket_layout.RETAINED not in objects:
            return None
        key = (
            bucket,
            str(objects[bucket_layout.MEMBERS]["generation"]),
            str(objects[bucket_layout.RETAINED]["generation"]),
        )
        if self._lists is None or self._lists[0] != key:
            texts = [
                self._get(self._object(bucket, name), {"alt": "media"}).content
                for name in (bucket_layout.MEMBERS, bucket_layout.RETAINED)
            ]
            try:
                members, retained = Members.parse(texts[0]), Retained.parse(texts[1])
            except FormatError:
                return None
            self._lists = key, frozenset((*members.names(), *retained.members))
        return self._lists[1]

    def _claim(self, bucket: str, item: Mapping[str, Any] | None, now: datetime) -> Claim | None:
        if item is None:
            return None
        document = self._found(self._object(bucket, bucket_layout.CLAIM), {"alt": "media"}) or {}
        age = max(0.0, (now - moment(item["updated"])).total_seconds())
        return Claim(
            str(document.get("replica", "")),
            str(document.get("instanceId", "")),
            age,
            str(item["generation"]),
        )

    def _formed(self, bucket: str) -> bool:
        """Whether etcd was ever founded. A marker that can't be understood may be that of a cluster."""
        marker = self._found(self._object(bucket, bucket_layout.MARKER), {"alt": "media"})
        return marker is not None and bool(marker.get("clusterId") != "" or marker.get("restoring"))

    def _listed(self, bucket: str, prefix: str) -> tuple[list[dict[str, Any]], datetime]:
        """The objects below `prefix` and the server's own time. A cluster has a handful: one page holds them all."""
        reply = self._get(f"{self._storage}b/{bucket}/o", {"prefix": prefix})
        return reply.json().get("items", []), parsedate_to_datetime(reply.headers["Date"])

    def _status(self, bucket: str, name: str, generation: str) -> ReplicaStatus | None:
        """None for one that isn't understood. Each generation is fetched once."""
        known = self._statuses.get(name)
        if known and known[0] == generation:
            return known[1]
        reply = self._session.get(
            self._object(bucket, name), params={"alt": "media"}, timeout=REQUEST_TIMEOUT_SECONDS
        )
        reply.raise_for_status()
        try:
            status: ReplicaStatus | None = ReplicaStatus.parse(reply.content)
        except FormatError:
            status = None
        self._statuses[name] = (generation, status)
        return status

    def _object(self, bucket: str, name: str) -> str:
        return f"{self._storage}b/{bucket}/o/{quote(name, safe='')}"

    def _found(self, url: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """The document there, or None."""
        reply = self._session.get(url, params=params or {}, timeout=REQUEST_TIMEOUT_SECONDS)
        if reply.status_code == requests.codes.not_found:
            return None
        reply.raise_for_status()
        return dict(reply.json())

    def _get(self, url: str, params: dict[str, str]) -> requests.Response:
        reply = self._session.get(url, params=params, timeout=REQUEST_TIMEOUT_SECONDS)
        reply.raise_for_status()
        return reply  # type: ignore[no-any-return]


def moment(text: str) -> datetime:
    """A time of Google's, RFC 3339."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def _endpoint(service: str, default: str) -> str:
    """The variables that the Google provider itself reads."""
    return os.environ.get(f"GOOGLE_{service}_CUSTOM_ENDPOINT", default)
