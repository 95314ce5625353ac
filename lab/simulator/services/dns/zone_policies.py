"""Who may what in one zone: `dns.managedZones.*IamPolicy`. Kept and shown; calls are judged by the project's roles."""

from __future__ import annotations

from typing import Any

from lab.simulator.registry import Call, handles
from lab.simulator.services.dns.zones import found, policy_key
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.grants import allowed

Doc = dict[str, Any]


def _zone(call: Call) -> Doc:
    _, project, _, zone = str(call.params["resource"]).split("/")[:4]
    return found(call, project, zone)


@handles("dns.managedZones.getIamPolicy")
def get_iam_policy(call: Call) -> Doc:
    named = call.params.get("options.requestedPolicyVersion")
    asked = named or ((call.body or {}).get("options") or {}).get("requestedPolicyVersion", 1)
    return policies.shown(policies.read(call, policy_key(_zone(call))), int(asked))


@handles("dns.managedZones.setIamPolicy")
def set_iam_policy(call: Call) -> Doc:
    zone, body = _zone(call), call.body or {}
    mask = body.get("updateMask", "")
    return policies.replace(
        call, policy_key(zone), body.get("policy") or {}, mask=mask, roles=policies.roles_of("dns")
    )


@handles("dns.managedZones.testIamPermissions")
def test_iam_permissions(call: Call) -> Doc:
    zone = _zone(call)
    asked = list((call.body or {}).get("permissions") or [])
    granted = [each for each in asked if allowed(call, each, policy_key(zone), zone["name"])]
    return {"permissions": granted} if granted else {}
