"""A project's own roles: `projects.roles.*`. One that was deleted keeps its id, and can be brought back.

https://cloud.google.com/iam/docs/creating-custom-roles. The provider brings a deleted one back when it is to make one of its
id (`resourcemanager/resource_google_project_iam_custom_role.go`).
"""

from __future__ import annotations

import base64
import re
from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.iam.project import own_project

KIND = "iam.roles"
_ROLE_ID = re.compile(r"[a-zA-Z0-9_.]{3,64}")
_PERMISSION = re.compile(r"[a-z][a-zA-Z0-9]*(\.[a-zA-Z0-9]+){2,}")
Role = dict[str, Any]


def _parent(call: Call, given: str) -> str:
    return f"projects/{own_project(call, given)}"


def _name(call: Call) -> str:
    _, project, _, role = call.params["name"].split("/")
    return f"{_parent(call, project)}/roles/{role}"


def _found(call: Call) -> Role:
    name = _name(call)
    role = call.store.get(KIND, name)
    if role is None:
        raise ApiError(404, "notFound", f"The role named {name} was not found.")
    return role


def _saved(call: Call, role: Role) -> Role:
    role["etag"] = base64.b64encode(b"\x08" + call.store.next_id("iam.etag").to_bytes(7, "big")).decode()
    call.store.put(KIND, role["name"], role)
    return role


def _checked(given: Role) -> Role:
    for permission in given.get("includedPermissions") or []:
        if not _PERMISSION.fullmatch(permission):
            raise ApiError(400, "invalid", f"Permission {permission} is not valid.")
    fields = ("title", "description", "includedPermissions", "stage")
    role = {name: given[name] for name in fields if given.get(name)}
    if "includedPermissions" in role:
        role["includedPermissions"] = sorted(set(role["includedPermissions"]))
    return role


@handles("iam.projects.roles.create")
def create(call: Call) -> Role:
    body = call.body or {}
    role_id = body.get("roleId", "")
    if not _ROLE_ID.fullmatch(role_id):
        raise ApiError(400, "invalid", f"The role_id must match {_ROLE_ID.pattern}: {role_id!r}.")
    name = f"{_parent(call, call.params['parent'])}/roles/{role_id}"
    if call.store.get(KIND, name):
        text = f"A role named {role_id} in {name.partition('/roles/')[0]} already exists."
        raise ApiError(409, "alreadyExists", text)
    return _saved(call, {"name": name} | _checked(body.get("role") or {}))


@handles("iam.projects.roles.get")
def get(call: Call) -> Role:
    return _found(call)


@handles("iam.projects.roles.list")
def list_(call: Call) -> dict[str, Any]:
    """Without permissions, unless the view is FULL."""
    parent = _parent(call, call.params["parent"])
    found = [
        {k: v for k, v in role.items() if k != "includedPermissions" or call.params.get("view") == "FULL"}
        for _, role in call.store.list(KIND, f"{parent}/")
        if call.params.get("showDeleted") or not role.get("deleted")
    ]
    return {"roles": found} if found else {}


@handles("iam.projects.roles.patch")
def patch(call: Call) -> Role:
    """Without a mask, what isn't given stays."""
    role, given = _found(call), _checked(call.body or {})
    mask = [name for name in call.params.get("updateMask", "").split(",") if name]
    for name in mask or given:
        role.pop(name, None)
        if name in given:
            role[name] = given[name]
    return _saved(call, role)


@handles("iam.projects.roles.delete")
def delete(call: Call) -> Role:
    role = _found(call)
    if role.get("deleted"):
        raise ApiError(
            400, "failedPrecondition", f"The role {role['name']} is deleted.", status="FAILED_PRECONDITION"
        )
    return _saved(call, role | {"deleted": True})


@handles("iam.projects.roles.undelete")
def undelete(call: Call) -> Role:
    return _saved(call, {name: value for name, value in _found(call).items() if name != "deleted"})
