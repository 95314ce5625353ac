"""Whether the caller may: by the lab's table of project roles, the project's policy or the resource's own."""

from __future__ import annotations

from fnmatch import fnmatchcase

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.conditions import holds

_BUCKET_READ = ["storage.buckets.get", "storage.buckets.list", "storage.objects.list"]
ROLES: dict[str, list[str]] = {
    "roles/storage.objectUser": [
        "storage.objects.[!sg]*",
        "storage.objects.get",
        "storage.multipartUploads.*",
    ],
    "roles/storage.objectCreator": ["storage.objects.create"],
    "roles/storage.bucketViewer": ["storage.buckets.get", "storage.buckets.list"],
    "roles/storage.legacyBucketReader": _BUCKET_READ[::2],
    "roles/storage.legacyBucketWriter": [
        *_BUCKET_READ[::2],
        "storage.objects.create",
        "storage.objects.delete",
    ],
    "roles/storage.legacyBucketOwner": [
        *_BUCKET_READ[::2],
        "storage.objects.create",
        "storage.objects.delete",
        "storage.buckets.update",
        "storage.buckets.[gs]etIamPolicy",
    ],
    "roles/storage.legacyObjectReader": ["storage.objects.get"],
    "roles/storage.legacyObjectOwner": ["storage.objects.get", "storage.objects.update"],
    "roles/secretmanager.viewer": [
        "secretmanager.*.get",
        "secretmanager.*.list",
        "secretmanager.*.getIamPolicy",
    ],
    "roles/secretmanager.secretVersionAdder": ["secretmanager.versions.add"],
    "roles/secretmanager.secretVersionManager": [
        "secretmanager.versions.[!a]*",
        "secretmanager.versions.add",
    ],
    "roles/iam.serviceAccountUser": ["iam.serviceAccounts.actAs", "iam.serviceAccounts.get"],
}
"""In addition to the table in `lab.simulator.permissions` (source: IAM's reference of predefined roles)."""


def member_of(principal: str) -> str:
    return principal if principal.startswith("serviceAccount:") else f"user:{principal}"


def allowed(call: Call, permission: str, resource: str = "", name: str = "") -> bool:
    """`resource` is the policy's key, `name` the resource that a condition sees."""
    if call.allows(permission):
        return True
    member = member_of(call.principal)
    known = ROLES | call.lab.permissions.roles
    for key in filter(None, (resource, f"projects/{call.lab.project}")):
        for binding in policies.read(call, key).get("bindings", []):
            if not {member, "allUsers", "allAuthenticatedUsers"} & set(binding["members"]):
                continue
            condition = binding.get("condition")
            if condition and not holds(condition["expression"], name):
                continue
            if any(fnmatchcase(permission, pattern) for pattern in known.get(binding["role"], [])):
                return True
    return False


def require(call: Call, permission: str, resource: str, name: str, message: str = "") -> None:
    """403 unless allowed. Callers who may not see a resource aren't told whether it exists."""
    if not allowed(call, permission, resource, name):
        raise ApiError(
            403,
            "forbidden",
            message or f"Permission '{permission}' denied on resource '{name}' (or it may not exist).",
        )
