"""Whether the caller may: by the lab's table of project roles, the project's policy or the resource's own."""

from __future__ import annotations

from fnmatch import fnmatchcase

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.conditions import holds


def member_of(principal: str) -> str:
    return principal if principal.startswith("serviceAccount:") else f"user:{principal}"


def allowed(call: Call, permission: str, resource: str = "", name: str = "") -> bool:
    """Returns whether the caller may. `resource` is the policy's key, `name` the resource that a condition sees."""
    if call.allows(permission):
        return True
    member = member_of(call.principal)
    known = call.lab.permissions.roles
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
    """Raises ApiError 403 unless the caller may. Who may not see a resource isn't told whether it exists."""
    if not allowed(call, permission, resource, name):
        raise ApiError(
            403,
            "forbidden",
            message or f"Permission '{permission}' denied on resource '{name}' (or it may not exist).",
        )
