"""One look at the cluster: its bucket, its machines, and what the load balancer says of them.

Everything is asked side by side, under one deadline: a preview must not hang on a cluster that is ill. What could not be
asked in time is said to be unknown.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from queue import Empty, Queue
from typing import Any

import requests

from components.config import StackConfig
from components.gates.observed import REQUEST_TIMEOUT_SECONDS, Google, Place, moment
from components.naming import Names
from components.present.facts import Master, Placed, Present, Report, Unseen
from node.contract.bucket_layout import STATUSES
from node.contract.fields import FormatError
from node.contract.status import ReplicaStatus

DEADLINE_SECONDS = 5.0

Outcome = Any
"""What a call returned, or the exception that it raised."""


def look(
    standing: Sequence[Placed],
    config: StackConfig,
    access_token: str | None,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Present | Unseen:
    """Sees the masters that stand in the state. Never raises for what the network or Google does."""
    names = Names(config.cluster_name, config.project)
    end = time.monotonic() + deadline_seconds
    # Credentials may have to be asked for, too.
    cloud = side_by_side({"credentials": partial(_Cloud, access_token)}, deadline_seconds)["credentials"]
    if isinstance(cloud, Exception):
        return Unseen(_why(cloud))
    calls: dict[str, Callable[[], Any]] = {"bucket": partial(cloud.reports, names.bucket)}
    for master in standing:
        calls[master.identity] = partial(
            cloud.machine, Place(config.project, master.zone, names.of(master.identity))
        )
    if len(standing) > 1:
        calls["balancer"] = partial(cloud.backends, config.project, config.region, names.of("api"))
    return _present(standing, names, side_by_side(calls, end - time.monotonic()))


def side_by_side(calls: Mapping[str, Callable[[], Any]], deadline_seconds: float) -> dict[str, Outcome]:
    """Makes every call in a thread of its own; one that is not back in time counts as a `TimeoutError`.

    The threads are daemons: the program ends without them.
    """
    done: Queue[tuple[str, Outcome]] = Queue()

    def run(name: str, call: Callable[[], Any]) -> None:
        try:
            done.put((name, call()))
        except Exception as error:
            done.put((name, error))

    end = time.monotonic() + deadline_seconds
    for name, call in calls.items():
        threading.Thread(target=run, args=(name, call), daemon=True).start()
    late = TimeoutError(f"no answer within {deadline_seconds:.1f} s")
    outcomes: dict[str, Outcome] = dict.fromkeys(calls, late)
    for _ in calls:
        try:
            name, outcome = done.get(timeout=max(0.0, end - time.monotonic()))
        except Empty:
            break
        outcomes[name] = outcome
    return outcomes


def _present(masters: Sequence[Placed], names: Names, seen: Mapping[str, Outcome]) -> Present | Unseen:
    bucket = seen["bucket"]
    if isinstance(bucket, Exception):
        return Unseen(_why(bucket))
    at, reports = bucket
    balancer = seen.get("balancer")
    unasked = [
        f"the machine of {master.identity} could not be asked for: {_why(seen[master.identity])}"
        for master in masters
        if isinstance(seen[master.identity], Exception)
    ]
    if isinstance(balancer, Exception):
        unasked.append(f"the load balancer could not be asked: {_why(balancer)}")
        balancer = None
    found = []
    for master in masters:
        machine = seen[master.identity]
        unknown = isinstance(machine, Exception)
        backends = balancer or {}
        found.append(
            Master(
                master.identity,
                machine=None if unknown else machine.status if machine else "",
                report=reports.get(master.identity),
                grouped=None if balancer is None else names.of(master.identity) in backends,
                health=backends.get(names.of(master.identity)),
            )
        )
    return Present(at, tuple(found), tuple(unasked))


def _why(error: Exception) -> str:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"Google answered {error.response.status_code} {error.response.reason}"
    return str(error) or type(error).__name__


class _Cloud(Google):
    """The gates' reader, which also tells how old a report is, and what silent masters said last."""

    def reports(self, bucket: str) -> tuple[datetime, dict[str, Report]]:
        """The storage server's time, and every master's last report by identity."""
        items, now = self._listed(bucket, STATUSES)
        written = {str(item["name"]): now - moment(item["updated"]) for item in items}
        calls = {name: partial(self._report, bucket, name) for name in written}
        read = side_by_side(calls, DEADLINE_SECONDS)
        reports = {}
        for name, age in written.items():
            outcome = read[name]
            if isinstance(outcome, FormatError):
                outcome = None
            elif isinstance(outcome, Exception):
                raise outcome
            identity = name.removeprefix(STATUSES).removesuffix(".json")
            reports[identity] = Report(max(0.0, age.total_seconds()), outcome)
        return now, reports

    def backends(self, project: str, region: str, service: str) -> dict[str, str] | None:
        """Instance name to `HEALTHY`, `UNHEALTHY` or, while it is not probed, nothing; None without a load balancer."""
        url = f"{self._compute}projects/{project}/regions/{region}/backendServices/{service}"
        doc = self._found(url)
        if doc is None:
            return None
        groups = [str(backend["group"]) for backend in doc.get("backends", [])]
        calls: dict[str, Callable[[], Any]] = {}
        for group in groups:
            path = f"{self._compute}{group.partition('/compute/v1/')[2]}/listInstances"
            calls[f"members {group}"] = partial(self._asked, path, {"instanceState": "ALL"})
            calls[f"health {group}"] = partial(self._asked, f"{url}/getHealth", {"group": group})
        replies = side_by_side(calls, DEADLINE_SECONDS)
        found: dict[str, str] = {}
        for reply in replies.values():
            if isinstance(reply, Exception):
                raise reply
        for group in groups:
            for row in replies[f"members {group}"].get("items", []):
                found[_last(row["instance"])] = ""
            for row in replies[f"health {group}"].get("healthStatus", []):
                found[_last(row["instance"])] = str(row.get("healthState", "UNHEALTHY"))
        return found

    def _report(self, bucket: str, name: str) -> ReplicaStatus:
        reply = self._get(self._object(bucket, name), {"alt": "media"})
        return ReplicaStatus.parse(reply.content)

    def _asked(self, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        reply = self._session.post(url, json=body, timeout=REQUEST_TIMEOUT_SECONDS)
        reply.raise_for_status()
        return dict(reply.json())


def _last(url: object) -> str:
    return str(url).rpartition("/")[2]
