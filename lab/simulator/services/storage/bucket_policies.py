"""Policies of buckets. Cloud Storage has its own wire shape for them, and 412 for a stale etag."""

from __future__ import annotations

from typing import Any

from lab.simulator.errors import ApiError, condition_not_met
from lab.simulator.registry import Call, handles
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.grants import allowed
from lab.simulator.services.storage import bucket_shape, preconditions
from lab.simulator.services.storage.buckets import authorize, found, policy_key

Doc = dict[str, Any]
_ROLES = policies.roles_of("storage", basic=False)


@handles("storage.buckets.getIamPolicy")
def get(call: Call) -> Doc:
    bucket = found(call, call.params["bucket"])
    authorize(call, "storage.buckets.getIamPolicy", bucket["name"])
    policy = policies.read(call, policy_key(bucket["name"]))
    asked = int(call.params.get("optionsRequestedPolicyVersion", 1))
    return _shown(bucket, policies.shown(policy, asked))


@handles("storage.buckets.setIamPolicy")
def set_(call: Call) -> Doc:
    bucket, body = found(call, call.params["bucket"]), call.body or {}
    authorize(call, "storage.buckets.setIamPolicy", bucket["name"])
    members = {m for binding in body.get("bindings") or [] for m in binding.get("members") or []}
    if bucket_shape.public_access_prevented(bucket) and members & {"allUsers", "allAuthenticatedUsers"}:
        raise condition_not_met(
            "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access"
            " prevention is enforced."
        )
    if not bucket_shape.uniform(bucket) and any(b.get("condition") for b in body.get("bindings") or []):
        raise ApiError(
            400, "invalid", "Conditions in a bucket's policy need uniform bucket-level access to be enabled."
        )
    key = policy_key(bucket["name"])
    return _shown(bucket, policies.replace(call, key, body, roles=_ROLES, stale=preconditions.failed()))


@handles("storage.buckets.testIamPermissions")
def test_permissions(call: Call) -> Doc:
    bucket = found(call, call.params["bucket"])
    asked = call.params.get("permissions") or []
    name = f"projects/_/buckets/{bucket['name']}"
    granted = [p for p in asked if allowed(call, p, policy_key(bucket["name"]), name)]
    return {"kind": "storage#testIamPermissionsResponse"} | ({"permissions": granted} if granted else {})


def _shown(bucket: Doc, policy: Doc) -> Doc:
    return policy | {"kind": "storage#policy", "resourceId": f"projects/_/buckets/{bucket['name']}"}
