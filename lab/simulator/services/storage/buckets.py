"""Buckets: `storage.buckets.*`, and the few odds and ends that clients ask about a bucket."""

from __future__ import annotations

from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.grants import require
from lab.simulator.services.iam.project import own_project
from lab.simulator.services.storage import bucket_shape, names, preconditions
from lab.simulator.services.storage.generations import BUCKETS, is_empty

Doc = dict[str, Any]


@handles("storage.buckets.insert")
def insert(call: Call) -> Doc:
    body = call.body or {}
    if "project" not in call.params:
        raise ApiError(400, "required", "Required parameter: project")
    project = own_project(call, call.params["project"])
    _require_in_project(call, "storage.buckets.create")
    name = body.get("name") or ""
    names.check_bucket(name)
    if call.store.get(BUCKETS, name):
        raise ApiError(
            409,
            "conflict",
            "Your previous request to create the named bucket succeeded and you already own it.",
        )
    bucket = bucket_shape.new(body, call.lab.number, call.clock.time())
    if call.params.get("enableObjectRetention"):
        bucket["objectRetention"] = {"mode": "Enabled"}
    if bucket_shape.uniform(bucket) and ("predefinedAcl" in call.params or body.get("acl")):
        raise ApiError(
            400, "invalid", "Cannot set predefined ACLs when uniform bucket-level access is enabled."
        )
    call.store.put(BUCKETS, name, bucket)
    policies.start(call, policy_key(name), _first_bindings(project, bucket_shape.uniform(bucket)))
    return bucket


@handles("storage.buckets.get")
def get(call: Call) -> Doc:
    bucket = found(call, call.params["bucket"])
    authorize(call, "storage.buckets.get", bucket["name"])
    preconditions.check(call.params, bucket)
    return bucket


@handles("storage.buckets.list")
def list_(call: Call) -> Doc:
    own_project(call, call.params["project"])
    _require_in_project(call, "storage.buckets.list")
    buckets = [b for _, b in call.store.list(BUCKETS, call.params.get("prefix", ""))]
    start, size = int(call.params.get("pageToken") or 0), int(call.params.get("maxResults") or 1000)
    reply: Doc = {"kind": "storage#buckets"}
    if buckets[start:]:
        reply["items"] = buckets[start : start + size]
    if buckets[start + size :]:
        reply["nextPageToken"] = str(start + size)
    return reply


@handles("storage.buckets.patch", "storage.buckets.update")
def change(call: Call) -> Doc:
    bucket = found(call, call.params["bucket"])
    authorize(call, "storage.buckets.update", bucket["name"])
    preconditions.check(call.params, bucket)
    merge = bucket_shape.patched if call.method_id.endswith("patch") else bucket_shape.replaced
    changed = merge(bucket, call.body or {}, call.clock.time())
    call.store.put(BUCKETS, bucket["name"], changed)
    return changed


@handles("storage.buckets.lockRetentionPolicy")
def lock_retention_policy(call: Call) -> Doc:
    bucket = found(call, call.params["bucket"])
    authorize(call, "storage.buckets.update", bucket["name"])
    preconditions.check(call.params, bucket)
    if not bucket.get("retentionPolicy"):
        raise ApiError(400, "invalid", "The bucket has no retention policy to lock.")
    changed = bucket_shape.changed(bucket, {"retentionPolicy": {"isLocked": True}}, call.clock.time())
    call.store.put(BUCKETS, bucket["name"], changed)
    return changed


@handles("storage.buckets.delete")
def delete(call: Call) -> None:
    bucket = found(call, call.params["bucket"])
    authorize(call, "storage.buckets.delete", bucket["name"])
    preconditions.check(call.params, bucket)
    if not is_empty(call, bucket["name"]):
        raise ApiError(409, "conflict", "The bucket you tried to delete is not empty.")
    call.store.delete(BUCKETS, bucket["name"])
    policies.forget(call, policy_key(bucket["name"]))


@handles("storage.anywhereCaches.list")
def list_caches(call: Call) -> Doc:
    found(call, call.params["bucket"])
    return {"kind": "storage#anywhereCaches"}


@handles("storage.buckets.getStorageLayout")
def get_storage_layout(call: Call) -> Doc:
    bucket = found(call, call.params["bucket"])
    return {
        "kind": "storage#storageLayout",
        "bucket": bucket["name"],
        "location": bucket["location"],
        "locationType": bucket["locationType"],
        "hierarchicalNamespace": bucket.get("hierarchicalNamespace") or {"enabled": False},
    }


@handles("storage.projects.serviceAccount.get")
def get_service_account(call: Call) -> Doc:
    own_project(call, call.params["projectId"])
    return {
        "kind": "storage#serviceAccount",
        "email_address": f"service-{call.lab.number}@gs-project-accounts.iam.gserviceaccount.com",
    }


def found(call: Call, name: str) -> Doc:
    bucket = call.store.get(BUCKETS, name)
    if bucket is None:
        raise ApiError(404, "notFound", "The specified bucket does not exist.")
    return bucket


def policy_key(bucket: str) -> str:
    return f"buckets/{bucket}"


def authorize(call: Call, permission: str, bucket: str, object_name: str | None = None) -> None:
    """Raises ApiError 403, in Cloud Storage's words, unless the caller may."""
    resource, noun = f"projects/_/buckets/{bucket}", "bucket"
    if object_name is not None:
        resource, noun = f"{resource}/objects/{object_name}", "object"
    who = call.principal.removeprefix("serviceAccount:")
    require(
        call,
        permission,
        policy_key(bucket),
        resource,
        f"{who} does not have {permission} access to the Google Cloud Storage {noun}."
        f" Permission '{permission}' denied on resource (or it may not exist).",
    )


def _require_in_project(call: Call, permission: str) -> None:
    who = call.principal.removeprefix("serviceAccount:")
    require(
        call,
        permission,
        "",
        f"projects/{call.lab.project}",
        f"{who} does not have {permission} access to the Google Cloud project."
        f" Permission '{permission}' denied on resource (or it may not exist).",
    )


def _first_bindings(project: str, uniform: bool) -> list[Doc]:
    owners = [f"projectEditor:{project}", f"projectOwner:{project}"]
    viewers = [f"projectViewer:{project}"]
    bindings = [
        {"role": "roles/storage.legacyBucketOwner", "members": owners},
        {"role": "roles/storage.legacyBucketReader", "members": viewers},
    ]
    if uniform:
        bindings += [
            {"role": "roles/storage.legacyObjectOwner", "members": owners},
            {"role": "roles/storage.legacyObjectReader", "members": viewers},
        ]
    return bindings
