"""What a bucket looks like: its defaults, what a client may write, and how writes merge. Pure.

Defaults are those that the provider reads back (`storage/resource_storage_bucket.go`): a soft-delete policy
of seven days, public access prevention `inherited`, uniform access off.
"""

from __future__ import annotations

import re
from typing import Any

from lab.simulator.clock import rfc3339
from lab.simulator.errors import ApiError
from lab.simulator.services.storage.checksums import etag
from lab.simulator.services.storage.names import STORAGE_CLASSES, location_type

Doc = dict[str, Any]
_WRITABLE = {
    "autoclass", "billing", "cors", "customPlacementConfig", "defaultEventBasedHold", "encryption",
    "hierarchicalNamespace", "iamConfiguration", "ipFilter", "labels", "lifecycle", "logging",
    "retentionPolicy", "rpo", "softDeletePolicy", "storageClass", "versioning", "website",
}  # fmt: skip
_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_ACTIONS = {"Delete", "SetStorageClass", "AbortIncompleteMultipartUpload"}
_LOCK_SECONDS = 90 * 24 * 3600
_WEEK = "604800"


def new(body: Doc, project_number: str, at: float) -> Doc:
    location = (body.get("location") or "US").upper()
    kind = location_type(location)
    bucket: Doc = {
        "kind": "storage#bucket",
        "id": body["name"],
        "name": body["name"],
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{body['name']}",
        "projectNumber": project_number,
        "generation": str(int(at * 1_000_000)),
        "location": location,
        "locationType": kind,
        "storageClass": "STANDARD",
        "timeCreated": rfc3339(at),
        "softDeletePolicy": {"retentionDurationSeconds": _WEEK},
        "metageneration": "0",
    }
    if kind != "region":
        bucket["rpo"] = "DEFAULT"
    return changed(bucket, {k: v for k, v in body.items() if k in _WRITABLE}, at)


def patched(bucket: Doc, patch: Doc, at: float) -> Doc:
    """Returns what a JSON merge patch leaves: null takes away, objects merge, the rest replaces."""
    _same_place(bucket, patch)
    return changed(bucket, {k: v for k, v in patch.items() if k in _WRITABLE}, at)


def replaced(bucket: Doc, body: Doc, at: float) -> Doc:
    _same_place(bucket, body)
    kept = {
        k: v
        for k, v in bucket.items()
        if k not in _WRITABLE or k in ("storageClass", "softDeletePolicy", "rpo")
    }
    return changed(kept, {k: v for k, v in body.items() if k in _WRITABLE}, at)


def changed(bucket: Doc, changes: Doc, at: float) -> Doc:
    result = _merged(bucket, changes)
    if result.get("storageClass") not in STORAGE_CLASSES:
        raise ApiError(400, "invalid", f"Invalid storage class: {result.get('storageClass')}")
    _check_labels(result.get("labels") or {})
    _check_lifecycle(result.get("lifecycle") or {})
    for field in ("labels", "lifecycle", "cors", "website", "logging", "encryption"):
        if result.get(field) in ({}, [], None) or (field == "lifecycle" and not result[field].get("rule")):
            result.pop(field, None)
    if (result.get("logging") or {}).get("logBucket"):
        # The prefix is the bucket's name unless it is given (https://docs.cloud.google.com/storage/docs/access-logs).
        result["logging"] = {"logObjectPrefix": result["name"]} | result["logging"]
    result["iamConfiguration"] = _access(result.get("iamConfiguration") or {}, at)
    policy = result.get("softDeletePolicy") or {"retentionDurationSeconds": "0"}
    if "retentionPolicy" in result:
        result["retentionPolicy"].setdefault("effectiveTime", rfc3339(at))
    if policy.get("retentionDurationSeconds") != (bucket.get("softDeletePolicy") or {}).get(
        "retentionDurationSeconds"
    ) or not policy.get("effectiveTime"):
        policy = {"retentionDurationSeconds": _duration(policy), "effectiveTime": rfc3339(at)}
    result["softDeletePolicy"] = policy
    result["metageneration"] = str(int(bucket["metageneration"]) + 1)
    result["updated"] = rfc3339(at)
    result["etag"] = etag(int(result["metageneration"]))
    return result


def versioned(bucket: Doc) -> bool:
    return bool((bucket.get("versioning") or {}).get("enabled"))


def uniform(bucket: Doc) -> bool:
    return bool(bucket["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"])


def public_access_prevented(bucket: Doc) -> bool:
    return bool(bucket["iamConfiguration"]["publicAccessPrevention"] == "enforced")


def _merged(old: Doc, patch: Doc) -> Doc:
    result = dict(old)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(old.get(key), dict):
            result[key] = _merged(old[key], value)
        elif isinstance(value, dict):
            result[key] = _merged({}, value)
        else:
            result[key] = value
    return result


def _access(given: Doc, at: float) -> Doc:
    uniform_access = given.get("uniformBucketLevelAccess") or given.get("bucketPolicyOnly") or {}
    shown: Doc = {"enabled": bool(uniform_access.get("enabled"))}
    if shown["enabled"]:
        shown["lockedTime"] = uniform_access.get("lockedTime") or rfc3339(at + _LOCK_SECONDS)
    prevention = given.get("publicAccessPrevention") or "inherited"
    if prevention == "unspecified":
        prevention = "inherited"
    if prevention not in ("inherited", "enforced"):
        raise ApiError(400, "invalid", f"Invalid value for publicAccessPrevention: '{prevention}'")
    return {
        "bucketPolicyOnly": shown,
        "uniformBucketLevelAccess": dict(shown),
        "publicAccessPrevention": prevention,
    }


def _duration(policy: Doc) -> str:
    seconds = int(policy.get("retentionDurationSeconds", 0))
    if seconds and not 7 * 86_400 <= seconds <= 90 * 86_400:
        raise ApiError(
            400, "invalid", "The soft delete retention duration must be 0 or between 7 and 90 days."
        )
    return str(seconds)


def _check_labels(labels: Doc) -> None:
    if len(labels) > 64:
        raise ApiError(400, "invalid", "A bucket can have at most 64 labels.")
    for key, value in labels.items():
        if not _LABEL.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            raise ApiError(400, "invalid", f"Invalid label: '{key}={value}'")


def _check_lifecycle(lifecycle: Doc) -> None:
    for rule in lifecycle.get("rule") or []:
        action = (rule.get("action") or {}).get("type")
        if action not in _ACTIONS:
            raise ApiError(400, "invalid", f"Invalid lifecycle action: '{action}'")
        if not rule.get("condition"):
            raise ApiError(400, "invalid", "A lifecycle rule needs at least one condition.")
        if action == "SetStorageClass" and rule["action"].get("storageClass") not in STORAGE_CLASSES:
            raise ApiError(400, "invalid", "A SetStorageClass action needs a valid storageClass.")


def _same_place(bucket: Doc, body: Doc) -> None:
    if str(body.get("location") or bucket["location"]).upper() != bucket["location"]:
        raise ApiError(400, "invalid", "A bucket's location can't be changed.")
    locked = (bucket.get("retentionPolicy") or {}).get("isLocked")
    if locked and "retentionPolicy" in body and body["retentionPolicy"] is None:
        raise ApiError(403, "forbidden", "Cannot remove a locked retention policy.")
