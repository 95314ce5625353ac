"""Organization policies as they reach the lab's project: nothing is restricted until somebody says so.

`POST /lab/v1/org-policies {"compute.vmExternalIpAccess": {"denyAll": true}}` sets one, as a rule of Organization Policy API
v2; null takes it back. Constraints and what they are made for:
https://docs.cloud.google.com/load-balancing/docs/org-policy-constraints and
https://docs.cloud.google.com/organization-policy/reference/org-policy-constraints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.store import Store

Rule = Mapping[str, Any]

LISTS = {
    "compute.restrictProtocolForwardingCreationForTypes",
    "compute.restrictLoadBalancerCreationForTypes",
    "compute.vmExternalIpAccess",
}
BOOLEANS = {
    "compute.managed.restrictProtocolForwardingCreationForTypes",
    "compute.managed.vmExternalIpAccess",
    "iam.disableServiceAccountCreation",
}
"""What the simulator enforces. It knows no conditions, no tags, no dry runs and no hierarchy of folders."""


class OrgPolicies:
    def __init__(self, store: Store) -> None:
        self._store = store

    def rules(self) -> dict[str, Rule]:
        return dict(self._store.get("lab", "orgPolicies") or {})

    def set(self, rules: Mapping[str, Rule | None]) -> None:
        if unknown := set(rules) - LISTS - BOOLEANS:
            known = ", ".join(sorted(LISTS | BOOLEANS))
            raise ValueError(f"the simulator enforces no {', '.join(sorted(unknown))}; it does: {known}")
        with self._store.transaction():
            merged = {**self.rules(), **rules}
            self._store.put("lab", "orgPolicies", {name: rule for name, rule in merged.items() if rule})

    def effective(self, constraint: str) -> Rule:
        """The rule in force, also where nobody set one."""
        open_to_all: Rule = {"allowAll": True} if constraint in LISTS else {"enforce": False}
        return self.rules().get(constraint, open_to_all)

    def check_protocol_forwarding(self, project: str, rule: str, scheme: str) -> None:
        name = "compute.restrictProtocolForwardingCreationForTypes"
        managed = self.effective("compute.managed.restrictProtocolForwardingCreationForTypes")
        allowed = (managed.get("parameters") or {}).get("allowedSchemes") or ["INTERNAL"]
        if managed.get("enforce") and scheme not in allowed:
            raise _violated(
                "compute.managed.restrictProtocolForwardingCreationForTypes", project, rule, scheme
            )
        if _denies(self.effective(name), scheme):
            raise _violated(name, project, rule, scheme)

    def check_load_balancer(self, project: str, rule: str, kind: str) -> None:
        """`kind` as the constraint has it: `EXTERNAL_NETWORK_TCP_UDP`, `INTERNAL_TCP_UDP`."""
        name = "compute.restrictLoadBalancerCreationForTypes"
        if _denies(self.effective(name), kind):
            raise _violated(name, project, rule, kind)

    def check_external_address(self, project: str, instance: str) -> None:
        name = "compute.vmExternalIpAccess"
        managed = self.effective("compute.managed.vmExternalIpAccess").get("enforce")
        if managed or _denies(self.effective(name), instance):
            text = f"Constraint constraints/{name} violated for project {project}. "
            text += f"Add instance {instance} to the constraint to use external IP with it."
            raise ApiError(412, "conditionNotMet", text)

    def check_account(self, project: str) -> None:
        name = "iam.disableServiceAccountCreation"
        if self.effective(name).get("enforce"):
            text = "Service account creation is not allowed on this project."
            details = [{"violations": [{"type": f"constraints/{name}", "subject": f"projects/{project}"}]}]
            raise ApiError(400, "failedPrecondition", text, status="FAILED_PRECONDITION", details=details)


def _denies(rule: Rule, value: str) -> bool:
    values = rule.get("values") or {}
    allowed, denied = values.get("allowedValues") or [], values.get("deniedValues") or []
    return bool(rule.get("denyAll")) or value in denied or bool(allowed and value not in allowed)


def _violated(constraint: str, project: str, rule: str, kind: str) -> ApiError:
    """The text as ingress-gce's tests have it (`IsConstraintViolationError`)."""
    text = f"Constraint constraints/{constraint} violated for projects/{project}. "
    return ApiError(412, "conditionNotMet", f"{text}Forwarding Rule {rule} of type {kind} is not allowed.")
