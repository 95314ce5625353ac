"""Allow policies: one a resource, replaced as a whole, guarded by an etag.

Reference: the `Policy` schema of the discovery documents and IAM's 'Understanding allow policies'. A policy
keeps `deleted:` members of accounts that are gone, as Google's does, so that an account made anew under the
same name inherits nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call
from lab.simulator.services.iam.conditions import supported

KIND = "iam.policies"
ACCOUNTS = "iam.serviceAccounts"
ANY_ROLE = re.compile(r"roles/[A-Za-z0-9_.]+|(projects|organizations)/[^/]+/roles/[A-Za-z0-9_.]+")
_MEMBER = re.compile(
    r"allUsers|allAuthenticatedUsers|(user|group|serviceAccount):[^@\s:]+@[^@\s:]+|domain:\S+"
    r"|project(Owner|Editor|Viewer):[-a-z0-9]+|deleted:\S+|principal(Set)?://\S+"
)
Policy = dict[str, Any]


def roles_of(service: str, *, basic: bool = True) -> re.Pattern[str]:
    """Returns the roles that can be granted on a resource of `service`: its own, custom ones and maybe basic ones."""
    alternatives = [
        rf"roles/{service}\.[A-Za-z0-9_.]+",
        r"(projects|organizations)/[^/]+/roles/[A-Za-z0-9_.]+",
    ]
    if basic:
        alternatives.append("roles/(owner|editor|viewer)")
    return re.compile("|".join(alternatives))


def read(call: Call, resource: str) -> Policy:
    return call.store.get(KIND, resource) or {"version": 1, "etag": "ACAB"}


def shown(policy: Policy, requested_version: int) -> Policy:
    """Returns the policy as a caller sees it: below version 3 a conditional binding has a mangled role and no condition."""
    if requested_version >= 3 or policy["version"] < 3:
        return policy
    bindings = []
    for binding in policy.get("bindings", []):
        if condition := binding.get("condition"):
            digest = hashlib.sha256(repr(sorted(condition.items())).encode()).hexdigest()[:20]
            binding = {"role": f"{binding['role']}_withcond_{digest}", "members": binding["members"]}
        bindings.append(binding)
    return policy | {"version": 1, "bindings": bindings}


def replace(
    call: Call,
    resource: str,
    proposed: Policy,
    *,
    roles: re.Pattern[str],
    mask: str = "",
    stale: ApiError | None = None,
) -> Policy:
    """Checks and stores a policy. `stale` is what a service answers to an etag that has moved on."""
    current = read(call, resource)
    if proposed.get("etag") and proposed["etag"] != current["etag"]:
        raise stale or ApiError(
            409,
            "aborted",
            "There were concurrent policy changes. Please retry the whole read-modify-write with exponential"
            " backoff.",
            status="ABORTED",
        )
    bindings = _merged(call, proposed, roles)
    policy: Policy = {
        "version": 3 if any("condition" in b for b in bindings) else 1,
        "etag": _next_etag(call),
    }
    if bindings:
        policy["bindings"] = bindings
    audit = proposed if "auditConfigs" in mask else current
    if audit.get("auditConfigs"):
        policy["auditConfigs"] = audit["auditConfigs"]
    call.store.put(KIND, resource, policy)
    return policy


def start(call: Call, resource: str, bindings: list[dict[str, Any]]) -> None:
    """Stores the policy with which a resource begins."""
    call.store.put(KIND, resource, {"version": 1, "etag": _next_etag(call), "bindings": bindings})


def forget(call: Call, resource: str) -> None:
    call.store.delete(KIND, resource)


def rename_member(call: Call, old: str, new: str) -> None:
    """Renames a member in all policies: an account was deleted, or came back."""
    for key, policy in call.store.list(KIND):
        if any(old in b["members"] for b in policy.get("bindings", [])):
            for binding in policy["bindings"]:
                binding["members"] = sorted(new if m == old else m for m in binding["members"])
            call.store.put(KIND, key, policy | {"etag": _next_etag(call)})


def _merged(call: Call, proposed: Policy, roles: re.Pattern[str]) -> list[dict[str, Any]]:
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for binding in proposed.get("bindings") or []:
        role, condition = binding.get("role", ""), binding.get("condition")
        if not ANY_ROLE.fullmatch(role):
            raise ApiError(400, "invalid", f"Role ({role}) does not exist in the resource's hierarchy.")
        if not roles.fullmatch(role):
            raise ApiError(400, "invalid", f"Role {role} is not supported for this resource.")
        if condition and proposed.get("version", 1) < 3:
            raise ApiError(
                400,
                "invalid",
                "Specified policy version does not support conditions; set policy.version to 3.",
            )
        if condition and not supported(condition.get("expression", "")):
            raise ApiError(
                501,
                "notImplemented",
                f"The simulator can't evaluate the condition {condition.get('expression')!r}.",
            )
        slot = merged.setdefault((role, repr(condition)), {"role": role, "members": []})
        if condition:
            slot["condition"] = condition
        for member in binding.get("members") or []:
            checked = _checked_member(call, member)
            if checked not in slot["members"]:
                slot["members"].append(checked)
    for slot in merged.values():
        slot["members"].sort()
    return sorted(
        (b for b in merged.values() if b["members"]), key=lambda b: (b["role"], repr(b.get("condition")))
    )


def _checked_member(call: Call, member: str) -> str:
    if not _MEMBER.fullmatch(member):
        raise ApiError(
            400,
            "invalid",
            f"The member {member} is of an unknown type. Please set a valid type prefix for the member.",
        )
    kind, _, rest = member.partition(":")
    if kind in ("user", "group", "serviceAccount", "domain"):
        member = f"{kind}:{rest.lower()}"
    ours = f"@{call.lab.project}.iam.gserviceaccount.com"
    if member.startswith("serviceAccount:") and member.endswith(ours):
        email = member.removeprefix("serviceAccount:")
        account = call.store.get(ACCOUNTS, email)
        if account is None:
            raise ApiError(400, "invalid", f"Service account {email} does not exist.")
    return member


def _next_etag(call: Call) -> str:
    """Eight bytes, as Google's."""
    return base64.b64encode(b"\x07" + call.store.next_id("iam.etag").to_bytes(7, "big")).decode()
