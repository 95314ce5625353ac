"""What runs on this machine, by its own word, and which APIs that a later minor doesn't serve are asked for.

The kubelet's version is what it has written into its Node, the apiserver's what it answers itself; etcd's comes with each
look at it. Deprecated APIs are the apiserver's own metric, stable since 1.19: `apiserver_requested_deprecated_apis`, with a
label of the minor that removes each (apiserver/pkg/endpoints/metrics/metrics.go). It counts from the apiserver's start, and
only what came to this one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.contract.metadata import Machine
from node.contract.status import DeprecatedApi, Versions
from node.host.web import WebError

REST_SECONDS = 15.0
DEPRECATED_SECONDS = 300.0
"""Between two looks at the apiserver's metrics, which are megabytes in a large cluster."""

METRIC: Final = "apiserver_requested_deprecated_apis"
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Seen:
    """Empty where it isn't known."""

    kubelet: str = ""
    apiserver: str = ""
    deprecated: tuple[DeprecatedApi, ...] = ()


class VersionsSeen:
    """`seen` is what the last look brought: nothing while the apiserver doesn't answer."""

    def __init__(self, machine: Machine, root: Path) -> None:
        self._machine, self._root = machine, root
        self._next_metrics = float("-inf")
        self.seen = Seen()

    def reconfigure(self, machine: Machine) -> None:
        self._machine = machine

    def run(self) -> None:
        """For ever, in a thread that ends with its process."""
        while True:
            self.tick(time.monotonic())
            time.sleep(REST_SECONDS)

    def tick(self, now: float) -> None:
        """`now` is a monotonic time."""
        try:
            client = ApiserverClient(self._machine, self._root)
            apiserver = str((client.get("/version") or {}).get("gitVersion", "")).removeprefix("v")
            node = client.get(f"/api/v1/nodes/{self._machine.node_name}") or {}
            kubelet = str(node.get("status", {}).get("nodeInfo", {}).get("kubeletVersion", ""))
            if apiserver != self.seen.apiserver:  # Another process: it has counted nothing yet.
                self._next_metrics = float("-inf")
            self.seen = replace(self.seen, apiserver=apiserver, kubelet=kubelet.removeprefix("v"))
            if now >= self._next_metrics:
                self._next_metrics = now + DEPRECATED_SECONDS
                found = requested(client.lines("/metrics", METRIC))
                self.seen = replace(self.seen, deprecated=tuple(_counted(each, client) for each in found))
        except (WebError, OSError):
            self.seen = Seen()


def requested(lines: Iterable[str]) -> list[DeprecatedApi]:
    """Those that a minor is known to remove, by lines of the metric; subresources count as their resource."""
    found: dict[tuple[str, str], DeprecatedApi] = {}
    for line in lines:
        labels = dict(_LABEL.findall(line))
        if line.startswith(f"{METRIC}{{") and (removed := labels.get("removed_release")):
            api = "/".join(filter(None, (labels.get("group"), labels.get("version"))))
            resource = labels.get("resource", "")
            found[resource, api] = DeprecatedApi(resource, api, removed)
    return [found[key] for key in sorted(found)]


def versions(seen: Seen, etcd: str, data: str) -> Versions | None:
    """None where nothing is known of any. `etcd` is etcd's version, `data` that of its storage, such as `3.6.0`."""
    said = Versions(seen.kubelet, seen.apiserver, etcd, ".".join(data.split(".")[:2]))
    return said if said != Versions() else None


def _counted(each: DeprecatedApi, client: ApiserverClient) -> DeprecatedApi:
    """How many objects it has: one is read, and the apiserver says how many more there are, unless it is asked not to."""
    base = "/apis" if "/" in each.api else "/api"
    try:
        listed = client.get(f"{base}/{each.api}/{each.resource}?limit=1", metadata_only=True)
    except WebError:  # What can't be listed, such as a review, isn't stored either.
        return each
    if listed is None or "items" not in listed:
        return each
    rest = listed.get("metadata", {}).get("remainingItemCount", 0)
    return replace(each, objects=len(listed["items"]) + int(rest))
