"""IAM Credentials v1: a token of a service account, for whoever may become it.

https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken. To own the
project isn't enough: basic roles don't have `iam.serviceAccounts.getAccessToken`, only roles that were granted for it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from lab.simulator.errors import ApiError, bad_request
from lab.simulator.registry import Call, handles
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.grants import member_of

GET_ACCESS_TOKEN = "iam.serviceAccounts.getAccessToken"  # noqa: S105
BASIC = ("roles/owner", "roles/editor", "roles/viewer")
LONGEST_SECONDS = 3600


@handles("iamcredentials.projects.serviceAccounts.generateAccessToken")
def generate_access_token(call: Call) -> dict[str, Any]:
    body = call.body or {}
    if not body.get("scope"):
        raise bad_request("Request must contain at least one scope.")
    lifetime = float(str(body.get("lifetime") or f"{LONGEST_SECONDS}s").removesuffix("s"))
    if not 0 < lifetime <= LONGEST_SECONDS:
        raise bad_request(f"The lifetime must be at most {LONGEST_SECONDS} seconds.")
    who = call.principal
    for name in [*body.get("delegates", []), call.params["name"]]:
        email = _email(call, name)
        if not _may(call, who, email):
            raise _denied(name)
        who = f"serviceAccount:{email}"
    until = datetime.fromtimestamp(call.clock.time() + lifetime, UTC)
    return {"accessToken": f"lab-{who}", "expireTime": until.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _email(call: Call, name: str) -> str:
    """Returns the account's email, from that or its unique id; only the wildcard stands for its project."""
    parts = name.split("/")
    if len(parts) != 4 or parts[:3] != ["projects", "-", "serviceAccounts"]:
        raise bad_request(f"Invalid form of account: {name}. It is projects/-/serviceAccounts/ACCOUNT.")
    for email, account in call.store.list(policies.ACCOUNTS):
        if parts[3] in (email, account["uniqueId"]) and not account.get("disabled"):
            return str(email)
    raise _denied(name)


def _denied(name: str) -> ApiError:
    """Returns the refusal, which is the same for an account that isn't there: nobody learns that."""
    return ApiError(
        403,
        "forbidden",
        f"Permission '{GET_ACCESS_TOKEN}' denied on resource '{name}' (or it may not exist).",
        status="PERMISSION_DENIED",
    )


def _may(call: Call, principal: str, email: str) -> bool:
    permissions = call.lab.permissions
    roles = set(permissions.principals.get(principal, ()))
    for resource in (f"projects/{call.lab.project}/serviceAccounts/{email}", f"projects/{call.lab.project}"):
        for binding in policies.read(call, resource).get("bindings", []):
            if member_of(principal) in binding["members"]:
                roles.add(binding["role"])
    return any(
        fnmatchcase(GET_ACCESS_TOKEN, pattern)
        for role in roles.difference(BASIC)
        for pattern in permissions.roles.get(role, [])
    )
