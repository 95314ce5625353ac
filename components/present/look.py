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
from components.gates.cluster_reader import replica_of
from components.google.bucket import Bucket
from components.google.compute import Compute, service_path
from components.google.machine import Place
from components.google.moments import moment
from components.google.transport import Google
from components.present.facts import Master, Placed, Present, Report, Unseen
from components.resource_names import Names
from node.contract.bucket_layout import STATUSES
from node.contract.fields import FormatError
from node.contract.status import ReplicaStatus

DEADLINE_SECONDS = 5.0

Outcome = Any
"""What a call returned, or the exception that it raised."""


def look(
    standing: Sequence[Placed],
    config: StackConfig,
    google: Google,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Present | Unseen:
    """Sees the masters that stand in the state. Never raises for what the network or Google does."""
    names = Names(config.cluster_name, config.project)
    end = time.monotonic() + deadline_seconds
    compute = Compute(google)
    calls: dict[str, Callable[[], Any]] = {"bucket": partial(_reports, Bucket(google, names.bucket))}
    for master in standing:
        calls[master.identity] = partial(
            compute.machine, Place(config.project, master.zone, names.of(master.identity))
        )
    if len(standing) > 1:
        calls["balancer"] = partial(
            _backends, compute, service_path(config.project, config.region, names.of("api"))
        )
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


def _reports(bucket: Bucket) -> tuple[datetime, dict[str, Report]]:
    """The storage server's time, and every master's last report by identity, also of those that are silent now."""
    items, now = bucket.listed(STATUSES)
    written = {str(item["name"]): now - moment(item["updated"]) for item in items}
    read = side_by_side({path: partial(_status, bucket, path) for path in written}, DEADLINE_SECONDS)
    reports = {}
    for path, age in written.items():
        outcome = read[path]
        if isinstance(outcome, FormatError):
            outcome = None
        elif isinstance(outcome, Exception):
            raise outcome
        reports[replica_of(path)] = Report(max(0.0, age.total_seconds()), outcome)
    return now, reports


def _status(bucket: Bucket, path: str) -> ReplicaStatus:
    return ReplicaStatus.parse(bucket.content(path))


def _backends(compute: Compute, service: str) -> dict[str, str] | None:
    """Instance name to `HEALTHY`, `UNHEALTHY` or, while it is not probed, nothing; None without a load balancer."""
    groups = compute.backend_groups(service)
    if groups is None:
        return None
    members = {f"members {group}": partial(compute.group_members, group) for group in groups}
    health = {f"health {group}": partial(compute.group_health, service, group) for group in groups}
    replies = side_by_side({**members, **health}, DEADLINE_SECONDS)
    for reply in replies.values():
        if isinstance(reply, Exception):
            raise reply
    found: dict[str, str] = {}
    for group in groups:
        found |= dict.fromkeys(replies[f"members {group}"], "")
        found |= replies[f"health {group}"]
    return found
