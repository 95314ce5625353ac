"""Who gets a kubeconfig of his own from the stack, and what he may do with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from components.config import values
from components.config.errors import Refused
from components.config.section import Section
from components.config.setting import required, setting

ROLES = ("view", "edit", "admin", "cluster-admin")
"""Kubernetes' ClusterRoles for users: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles."""

EXAMPLE = "{name: alice, role: view}"
MOST_USERS = 50

_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.@_]{0,61}[a-z0-9])?")


def _name(value: object) -> str:
    name = values.text(value)
    if name == "admin":
        raise Refused("is the name in the kubeconfig of system:masters", "Choose another")
    if _NAME.fullmatch(name) is None:
        raise Refused(
            "is not a user's name here",
            "Use lower-case letters, digits, hyphens, dots, underscores and @, at most 63 of them",
        )
    return name


def _role(value: object) -> str:
    if values.text(value) not in ROLES:
        raise Refused(
            "is not a choice", f"Choose {', '.join(ROLES)}, or leave it out and bind the user yourself"
        )
    return str(value)


@dataclass(frozen=True, slots=True)
class UserSpec:
    """Who gets a kubeconfig of his own. Without a `role` it says who he is, and the operator binds him to something."""

    name: str = required("name", _name, "", "Name the user, as audit logs shall have it")
    role: str = setting("role", _role, "")


def read_users(api: Section) -> tuple[UserSpec, ...] | None:
    """Returns the users. None where the key isn't there: then the stack makes nothing for users, as before there was one."""
    if "users" not in api.values:
        return None
    found: list[UserSpec] = []
    sections = api.items("users")
    for section in sections:
        user = section.fill(UserSpec)
        if section.ok("name") and user.name in {each.name for each in found}:
            section.refuse("name", Refused("stands there twice", "Give each user one role"))
        found.append(user)
    if len(sections) > MOST_USERS:
        remedy = f"Keep {MOST_USERS} or fewer; for more, api.oidc takes those of an identity provider"
        api.refuse("users", Refused(f"are {len(sections)} users", remedy), "")
    return tuple(found)
