"""Resource policies: snapshot schedules. The lab takes no snapshots by them."""

from __future__ import annotations

import re

from lab.simulator.errors import ApiError, invalid
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, urls
from lab.simulator.services.compute.resources import Collection, Doc

POLICIES = Collection(
    service="resourcePolicies",
    plural="resourcePolicies",
    scope="regions",
    param="resourcePolicy",
    kind="compute#resourcePolicy",
    noun="resource_policy",
    used_by=("disks", "instances"),
    aggregated=True,
)
resources.serve(POLICIES)
_START = re.compile(r"(\d|[01]\d|2[0-3]):00")
_FIELD = "resource.snapshotSchedulePolicy"


def _completed(doc: Doc) -> Doc:
    policy = doc.get("snapshotSchedulePolicy")
    if not policy:
        raise ApiError(501, "notImplemented", "The simulator implements snapshot schedules only.")
    schedule = policy.get("schedule") or {}
    kinds = [k for k in ("dailySchedule", "hourlySchedule", "weeklySchedule") if schedule.get(k)]
    if len(kinds) != 1:
        raise invalid(f"{_FIELD}.schedule", "", "Exactly one of daily, hourly and weekly must be given.")
    entry = schedule[kinds[0]]
    entries = entry.get("dayOfWeeks", []) if kinds[0] == "weeklySchedule" else [entry]
    for one in entries:
        if not _START.fullmatch(str(one.get("startTime", ""))):
            field = f"{_FIELD}.schedule.{kinds[0]}.startTime"
            raise invalid(field, one.get("startTime"), "Must be a whole hour, such as 04:00.")
        one["startTime"] = one["startTime"].zfill(len("00:00"))
        one.setdefault("duration", "PT14400S" if kinds[0] != "hourlySchedule" else "PT3600S")
    if kinds[0] == "dailySchedule" and entry.get("daysInCycle") != 1:
        raise invalid(f"{_FIELD}.schedule.dailySchedule.daysInCycle", entry.get("daysInCycle"), "Must be 1.")
    if kinds[0] == "hourlySchedule" and not 1 <= entry.get("hoursInCycle", 0) <= 23:
        field = f"{_FIELD}.schedule.hourlySchedule.hoursInCycle"
        raise invalid(field, entry.get("hoursInCycle"), "Must be between 1 and 23.")
    if retention := policy.get("retentionPolicy"):
        if not 1 <= retention.get("maxRetentionDays", 0) <= 65536:
            field = f"{_FIELD}.retentionPolicy.maxRetentionDays"
            raise invalid(field, retention.get("maxRetentionDays"), "Must be between 1 and 65536.")
        retention.setdefault("onSourceDiskDelete", "KEEP_AUTO_SNAPSHOTS")
    return doc


@handles("compute.resourcePolicies.insert")
def insert(call: Call) -> Doc:
    key, doc = resources.new(call, POLICIES, urls.require(call.body))
    return resources.created(call, POLICIES, key, _completed(doc) | {"status": "READY"})


@handles("compute.resourcePolicies.patch")
def patch(call: Call) -> Doc:
    key, doc = resources.existing(call, POLICIES)
    body = {k: v for k, v in urls.require(call.body).items() if k not in ("name", "region")}
    old = doc.get("snapshotSchedulePolicy", {})
    changed = resources.merge(doc, body)
    if new := (body.get("snapshotSchedulePolicy") or {}).get("schedule"):
        changed["snapshotSchedulePolicy"] = old | body["snapshotSchedulePolicy"] | {"schedule": new}
    return resources.saved(call, POLICIES, key, _completed(changed), "patch")
