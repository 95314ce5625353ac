"""Organization Policy v2: what is in force for the lab's project. Who sets it is `/lab/v1/org-policies`."""

from __future__ import annotations

from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.org_policies import BOOLEANS, LISTS, OrgPolicies
from lab.simulator.registry import Call, handles
from lab.simulator.services.iam.project import own_project


@handles("orgpolicy.projects.policies.getEffectivePolicy")
def effective(call: Call) -> dict[str, Any]:
    _, project, _, constraint = call.params["name"].split("/")
    own_project(call, project)
    # Of a constraint that isn't enforced here nobody has set anything, so what is in force is that all is allowed.
    if constraint.count(".") < 1:
        raise ApiError(400, "badRequest", f"Invalid constraint: constraints/{constraint}.")
    known = constraint in LISTS | BOOLEANS
    rule = OrgPolicies(call.store).effective(constraint) if known else {"allowAll": True}
    return {"name": call.params["name"], "spec": {"rules": [dict(rule)]}}
