"""Whether the caller may: by the lab's table of project roles, the project's policy or the resource's own."""

from __future__ import annotations

from fnmatch import fnmatchcase

from lab.simulator.context import Lab
from lab.simulator.errors import ApiError
from lab.simulator.registry import Call
from lab.simulator.services.iam import custom_roles, policies
from lab.simulator.services.iam.conditions import holds


def member_of(principal: str) -> str:
    return principal if principal.startswith("serviceAccount:") else f"user:{principal}"


def granted(lab: Lab, principal: str, permission: str, *resources: str, name: str = "") -> bool:
    """By the policies of the project and of `resources` (keys of policies); `name` is the resource that a condition sees."""
    member = member_of(principal)
    for key in (*resources, f"projects/{lab.project}"):
        for binding in (lab.store.get(policies.KIND, key) or {}).get("bindings", []):
            if not {member, "allUsers", "allAuthenticatedUsers"} & set(binding["members"]):
                continue
            condition = binding.get("condition")
            if condition and not holds(condition["expression"], name):
                continue
            if any(fnmatchcase(permission, pattern) for pattern in _permissions(lab, binding["role"])):
                return True
    return False


def _permissions(lab: Lab, role: str) -> list[str]:
    """Patterns of those that a role has: one of Google's, or of the project's own."""
    own = lab.store.get(custom_roles.KIND, role) or {}
    if own and not own.get("deleted") and own.get("stage") != "DISABLED":
        return list(own.get("includedPermissions", []))
    known: list[str] = lab.permissions.roles.get(role, [])
    return known


def allowed(call: Call, permission: str, resource: str = "", name: str = "") -> bool:
    """Returns whether the caller may. `resource` is the policy's key, `name` the resource that a condition sees."""
    if call.allows(permission):
        return True
    resources = (resource,) if resource else ()
    return granted(call.lab, call.principal, permission, *resources, name=name)


def require(call: Call, permission: str, resource: str, name: str, message: str = "") -> None:
    """403 unless allowed. Callers who may not see a resource aren't told whether it exists."""
    if not allowed(call, permission, resource, name):
        raise ApiError(
            403,
            "forbidden",
            message or f"Permission '{permission}' denied on resource '{name}' (or it may not exist).",
        )
