"""Kubeconfigs below `system:masters`: a client certificate for each user, and bindings that say what users may do.

The certificate only says who somebody is; the bindings are the masters' to keep, as an add-on. So who is taken off the
list may do nothing any more within a minute, although his certificate lives on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.config import ROLES, UserSpec
from components.pki.authority import CLIENT, Leaf
from components.pki.generations import Generations
from node.contract import bucket_layout
from node.contract.fields import canonical


class ApiUsers(pulumi.ComponentResource):
    """What is made for `users`; `leaves` are their certificates by name."""

    def __init__(
        self,
        name: str,
        users: Sequence[UserSpec],
        authority: Generations,
        bucket: gcp.storage.Bucket,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        roles = {user.name: user.role for user in users}
        super().__init__("ha-masters:index:ApiUsers", name, {"roles": roles}, opts)
        self.leaves: dict[str, Leaf] = {
            user.name: authority.issue(f"{name}-{user.name}", common_name=user.name, uses=CLIENT, parent=self)
            for user in users
        }
        gcp.storage.BucketObject(
            f"{name}-bindings",
            name=bucket_layout.USERS,
            bucket=bucket.name,
            content=canonical(bindings(users)) + "\n",
            content_type="application/json",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"roles": roles})


def bindings(users: Sequence[UserSpec]) -> dict[str, Any]:
    """Returns one binding for each of Kubernetes' roles for users, also for one that nobody has: by that the last one loses
    it.

    https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
    """
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            {
                "apiVersion": f"{group}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": f"ha-masters:{role}"},
                "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": role},
                "subjects": [
                    {"apiGroup": group, "kind": "User", "name": user.name}
                    for user in sorted(users, key=lambda each: each.name)
                    if user.role == role
                ],
            }
            for role in ROLES
        ],
    }
