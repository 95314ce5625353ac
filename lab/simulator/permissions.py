"""Who may call what: bearer token → principal → roles → permissions.

`Bearer lab-<principal>` names the principal (`lab-viewer@example.com`,
`lab-serviceAccount:masters@p.iam.gserviceaccount.com`). Any other token, or none, is the `default` principal.
The file: `{"default": "owner@lab", "principals": {"viewer@example.com": ["roles/viewer"]},
"roles": {"roles/mine": ["compute.*.get"]}}`. A principal that isn't listed owns the project, except a service
account, which has nothing but what a resource's own policy gives it.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lab.simulator.roles import ROLES

OWNER = "owner@lab"
_VERBS = {
    "insert": "create",
    "aggregatedList": "list",
    "patch": "update",
    "getFromFamily": "get",
    "wait": "get",
    "getHealth": "get",
    "listInstances": "list",
    "compose": "create",
    "rewrite": "create",
    "copy": "create",
}
_EXACT = {
    "compute.instanceGroups.addInstances": "compute.instanceGroups.update",
    "compute.instanceGroups.removeInstances": "compute.instanceGroups.update",
    "compute.instanceGroups.setNamedPorts": "compute.instanceGroups.update",
    **dict.fromkeys(
        (
            f"compute.instanceGroupManagers.{verb}"
            for verb in (
                "resize",
                "createInstances",
                "deleteInstances",
                "abandonInstances",
                "setInstanceTemplate",
            )
        ),
        "compute.instanceGroupManagers.update",
    ),
    "compute.instanceGroupManagers.listManagedInstances": "compute.instanceGroupManagers.get",
    "compute.targetPools.setBackup": "compute.targetPools.update",
    "compute.projects.setCommonInstanceMetadata": "compute.projects.setCommonInstanceMetadata",
    "secretmanager.projects.secrets.addVersion": "secretmanager.versions.add",
    "dns.changes.create": "dns.changes.create",
    "serviceusage.services.batchGet": "serviceusage.services.get",
    "orgpolicy.projects.policies.getEffectivePolicy": "orgpolicy.policy.get",
    "iamcredentials.projects.serviceAccounts.generateAccessToken": "iam.serviceAccounts.getAccessToken",
}
_RENAMED = {
    "regionHealthChecks": "regionHealthChecks",
    "regionInstanceTemplates": "instanceTemplates",
    "zoneOperations": "zoneOperations",
    "imageFamilyViews": "images",
}


def permission_of(method_id: str) -> str:
    """`compute.instances.insert` → `compute.instances.create`; nested names lose `projects` and `locations`."""
    if method_id in _EXACT:
        return _EXACT[method_id]
    parts = method_id.split(".")
    service, middle, verb = parts[0], parts[1:-1], parts[-1]
    collection = _RENAMED.get(middle[-1], middle[-1]) if middle else ""
    return ".".join(p for p in (service, collection, _VERBS.get(verb, verb)) if p)


class Permissions:
    def __init__(self, config: dict[str, Any] | None = None) -> None:
        config = config or {}
        unknown = set(config) - {"default", "principals", "roles"}
        if unknown:
            raise ValueError(f"permissions have no field {', '.join(sorted(unknown))}")
        self.default: str = config.get("default", OWNER)
        self.principals: dict[str, list[str]] = config.get("principals", {})
        self.roles = ROLES | config.get("roles", {})

    @classmethod
    def read(cls, path: str | Path) -> Permissions:
        return cls(json.loads(Path(path).read_text()))

    def principal(self, authorization: str | None) -> str:
        token = (authorization or "").removeprefix("Bearer ").strip()
        return token.removeprefix("lab-") if token.startswith("lab-") else self.default

    def allows(self, principal: str, permission: str) -> bool:
        """By the project's roles; a resource's own policy isn't looked at here."""
        if principal not in self.principals:
            return not principal.startswith("serviceAccount:")
        roles = self.principals[principal]
        return any(fnmatchcase(permission, p) for role in roles for p in self.roles.get(role, []))
