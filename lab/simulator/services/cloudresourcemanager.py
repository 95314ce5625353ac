"""Cloud Resource Manager v1: the lab's one project and its policy.

The provider reads and writes a project's policy with `updateMask=bindings,etag,auditConfigs`
(`resourcemanager/iam_project.go`).
"""

from __future__ import annotations

from typing import Any

from lab.simulator.registry import Call, handles
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.grants import allowed
from lab.simulator.services.iam.project import own_project

_CREATED = "2026-01-01T00:00:00.000Z"


@handles("cloudresourcemanager.projects.get")
def get(call: Call) -> dict[str, Any]:
    own_project(call, call.params["projectId"])
    return _project(call)


@handles("cloudresourcemanager.projects.list")
def list_(call: Call) -> dict[str, Any]:
    return {"projects": [_project(call)]}


@handles("cloudresourcemanager.projects.getIamPolicy")
def get_iam_policy(call: Call) -> dict[str, Any]:
    asked = ((call.body or {}).get("options") or {}).get("requestedPolicyVersion", 1)
    return policies.shown(policies.read(call, _policy_key(call)), int(asked))


@handles("cloudresourcemanager.projects.setIamPolicy")
def set_iam_policy(call: Call) -> dict[str, Any]:
    body = call.body or {}
    return policies.replace(
        call,
        _policy_key(call),
        body.get("policy") or {},
        mask=body.get("updateMask", ""),
        roles=policies.ANY_ROLE,
    )


@handles("cloudresourcemanager.projects.testIamPermissions")
def test_iam_permissions(call: Call) -> dict[str, Any]:
    own_project(call, call.params["resource"])
    granted = [p for p in (call.body or {}).get("permissions") or [] if allowed(call, p)]
    return {"permissions": granted} if granted else {}


def _policy_key(call: Call) -> str:
    return "projects/" + own_project(call, call.params["resource"])


def _project(call: Call) -> dict[str, Any]:
    return {
        "projectNumber": call.lab.number,
        "projectId": call.lab.project,
        "lifecycleState": "ACTIVE",
        "name": call.lab.project,
        "createTime": _CREATED,
    }
