"""One look at the cluster: its bucket, its machines, and what the load balancer says of them.

Everything is asked side by side, under one deadline: a preview must not hang on a cluster that is ill. What could not be
asked in time is said to be unknown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from components.config import StackConfig
from components.gates.cluster_reader import replica_of
from components.google.bucket import Bucket
from components.google.compute import Compute, service_path
from components.google.machine import Place
from components.google.moments import moment
from components.google.side_by_side import Outcome, side_by_side, why
from components.google.transport import Google
from components.present.facts import Master, Placed, Present, Report, Unseen
from components.resource_names import INTERNAL_API, Names
from node.contract.bucket_layout import STATUSES
from node.contract.fields import FormatError
from node.contract.status import ReplicaStatus

DEADLINE_SECONDS = 5.0


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
    if len(standing) > 1 or config.load_balanced:
        service = names.of("api" if config.api.public else INTERNAL_API)
        calls["balancer"] = partial(_backends, compute, service_path(config.project, config.region, service))
    return _present(standing, names, side_by_side(calls, end - time.monotonic()))


def _present(masters: Sequence[Placed], names: Names, seen: Mapping[str, Outcome]) -> Present | Unseen:
    bucket = seen["bucket"]
    if isinstance(bucket, Exception):
        return Unseen(why(bucket))
    at, reports = bucket
    balancer = seen.get("balancer")
    unasked = [
        f"the machine of {master.identity} could not be asked for: {why(seen[master.identity])}"
        for master in masters
        if isinstance(seen[master.identity], Exception)
    ]
    if isinstance(balancer, Exception):
        unasked.append(f"the load balancer could not be asked: {why(balancer)}")
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


def _reports(bucket: Bucket) -> tuple[datetime, dict[str, Report]]:
    """Returns the storage server's time, and every master's last report by identity, also of those that are silent now."""
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
    """Returns `HEALTHY`, `UNHEALTHY` or, while it is not probed, nothing, by instance; None without a load balancer."""
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
