"""Service accounts: `projects.serviceAccounts.*`. Keys aren't simulated: machines get tokens.

A deleted account can be undeleted by its unique id for 30 days (IAM: 'Delete and undelete service accounts').
"""

from __future__ import annotations

import base64
import re
from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.org_policies import OrgPolicies
from lab.simulator.registry import Call, handles
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.grants import allowed
from lab.simulator.services.iam.project import own_project

_DELETED = "iam.deletedServiceAccounts"
_ACCOUNT_ID = re.compile(r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])")
_UNDELETE_SECONDS = 30 * 24 * 3600
_COMPUTE = "Compute Engine default service account"


@handles("iam.projects.serviceAccounts.create")
def create(call: Call) -> dict[str, Any]:
    project = own_project(call, call.params["name"])
    body = call.body or {}
    account_id = body.get("accountId", "")
    if not _ACCOUNT_ID.fullmatch(account_id):
        raise ApiError(
            400,
            "invalid",
            f"Invalid account ID {account_id!r}: 6 to 30 lower-case letters, digits, dashes; a letter first.",
        )
    OrgPolicies(call.store).check_account(project)
    email = f"{account_id}@{project}.iam.gserviceaccount.com"
    if call.store.get(policies.ACCOUNTS, email):
        raise ApiError(
            409,
            "alreadyExists",
            f"Service account {account_id} already exists within project projects/{project}.",
        )
    unique_id = f"1{call.store.next_id('iam.uniqueId') + 10**19:020d}"
    account = {
        "name": f"projects/{project}/serviceAccounts/{email}",
        "projectId": project,
        "uniqueId": unique_id,
        "email": email,
        "oauth2ClientId": unique_id,
        "etag": _etag(call),
    }
    wanted = body.get("serviceAccount") or {}
    account |= {k: wanted[k] for k in ("displayName", "description") if wanted.get(k)}
    call.store.put(policies.ACCOUNTS, email, account)
    return account


@handles("iam.projects.serviceAccounts.get")
def get(call: Call) -> dict[str, Any]:
    return _found(call)


@handles("iam.projects.serviceAccounts.list")
def list_(call: Call) -> dict[str, Any]:
    own_project(call, call.params["name"])
    accounts = _all(call)
    start, size = int(call.params.get("pageToken") or 0), int(call.params.get("pageSize") or 20)
    reply: dict[str, Any] = {"accounts": accounts[start : start + size]} if accounts[start:] else {}
    if accounts[start + size :]:
        reply["nextPageToken"] = str(start + size)
    return reply


@handles("iam.projects.serviceAccounts.patch", "iam.projects.serviceAccounts.update")
def patch(call: Call) -> dict[str, Any]:
    account = _found(call)
    body = call.body or {}
    if call.method_id.endswith("patch"):
        wanted = body.get("serviceAccount") or {}
        fields = {_camel(f) for f in body.get("updateMask", "").split(",") if f}
        if not fields:
            raise ApiError(400, "invalid", "The update mask is empty.")
    else:
        wanted, fields = body, {"displayName", "description"}
    if unknown := fields - {"displayName", "description", "etag"}:
        raise ApiError(400, "invalid", f"Invalid update mask: {', '.join(sorted(unknown))}.")
    if wanted.get("etag") and wanted["etag"] != account["etag"]:
        raise ApiError(
            409, "aborted", "There were concurrent changes of the service account.", status="ABORTED"
        )
    for name in fields - {"etag"}:
        account.pop(name, None)
        if wanted.get(name):
            account[name] = wanted[name]
    return _store(call, account)


@handles("iam.projects.serviceAccounts.enable", "iam.projects.serviceAccounts.disable")
def set_disabled(call: Call) -> dict[str, Any]:
    account = _found(call)
    account.pop("disabled", None)
    if call.method_id.endswith("disable"):
        account["disabled"] = True
    _store(call, account)
    return {}


@handles("iam.projects.serviceAccounts.delete")
def delete(call: Call) -> dict[str, Any]:
    account = _found(call)
    if account["email"] == _of_compute(call)["email"]:
        raise ApiError(
            501, "notImplemented", "The simulator keeps the default service account of Compute Engine."
        )
    call.store.delete(policies.ACCOUNTS, account["email"])
    gone = {"account": account, "at": call.clock.time(), "policy": policies.read(call, account["name"])}
    call.store.put(_DELETED, account["uniqueId"], gone)
    policies.forget(call, account["name"])
    policies.rename_member(call, f"serviceAccount:{account['email']}", _deleted_member(account))
    return {}


@handles("iam.projects.serviceAccounts.undelete")
def undelete(call: Call) -> dict[str, Any]:
    own_project(call, call.params["name"].split("/")[1])
    gone = call.store.get(_DELETED, call.params["name"].rsplit("/", 1)[-1])
    if gone is None or call.clock.time() - gone["at"] > _UNDELETE_SECONDS:
        raise ApiError(404, "notFound", f"Unknown service account {call.params['name']}.")
    account: dict[str, Any] = gone["account"]
    if call.store.get(policies.ACCOUNTS, account["email"]):
        raise ApiError(
            400,
            "failedPrecondition",
            f"Service account {account['email']} exists again; it can't be undeleted.",
            status="FAILED_PRECONDITION",
        )
    call.store.delete(_DELETED, account["uniqueId"])
    call.store.put(policies.ACCOUNTS, account["email"], account)
    call.store.put(policies.KIND, account["name"], gone["policy"])
    policies.rename_member(call, _deleted_member(account), f"serviceAccount:{account['email']}")
    return {"restoredAccount": account}


@handles("iam.projects.serviceAccounts.getIamPolicy")
def get_iam_policy(call: Call) -> dict[str, Any]:
    asked = int(call.params.get("options.requestedPolicyVersion", 1))
    return policies.shown(policies.read(call, _found(call, "resource")["name"]), asked)


@handles("iam.projects.serviceAccounts.setIamPolicy")
def set_iam_policy(call: Call) -> dict[str, Any]:
    account, body = _found(call, "resource"), call.body or {}
    return policies.replace(
        call,
        account["name"],
        body.get("policy") or {},
        mask=body.get("updateMask", ""),
        roles=policies.roles_of("iam"),
    )


@handles("iam.projects.serviceAccounts.testIamPermissions")
def test_iam_permissions(call: Call) -> dict[str, Any]:
    account = _found(call, "resource")
    asked = list((call.body or {}).get("permissions") or [])
    granted = [p for p in asked if allowed(call, p, account["name"], account["name"])]
    return {"permissions": granted} if granted else {}


@handles("iam.projects.serviceAccounts.keys.list")
def list_keys(call: Call) -> dict[str, Any]:
    _found(call)
    return {}


@handles("iam.projects.serviceAccounts.keys.create", "iam.projects.serviceAccounts.keys.upload")
def refuse_key(call: Call) -> dict[str, Any]:
    raise ApiError(
        400,
        "failedPrecondition",
        "Key creation is not allowed on this service account: the simulator has no service account keys.",
        status="FAILED_PRECONDITION",
    )


def _found(call: Call, parameter: str = "name") -> dict[str, Any]:
    """Returns the account of that email or unique id, in the project or in `-`."""
    _, project, _, who = str(call.params[parameter]).split("/")[:4]
    if project != "-":
        own_project(call, project)
    account = call.store.get(policies.ACCOUNTS, who)
    if account is None:
        account = next((a for a in _all(call) if who in (a["uniqueId"], a["email"])), None)
    if account is None:
        raise ApiError(404, "notFound", f"Unknown service account: {who}")
    return account


def _all(call: Call) -> list[dict[str, Any]]:
    made = [account for _, account in call.store.list(policies.ACCOUNTS)]
    compute = _of_compute(call)
    return made if compute["email"] in (a["email"] for a in made) else [compute, *made]


def _of_compute(call: Call) -> dict[str, Any]:
    """The account that Compute Engine makes in a project once its API is enabled, and that `projects.get` names
    (https://docs.cloud.google.com/compute/docs/access/service-accounts#default_service_account).
    """
    email = f"{call.lab.number}-compute@developer.gserviceaccount.com"
    return {
        "name": f"projects/{call.lab.project}/serviceAccounts/{email}",
        "projectId": call.lab.project,
        "uniqueId": f"1{call.lab.number:0>20}",
        "email": email,
        "displayName": _COMPUTE,
        "oauth2ClientId": f"1{call.lab.number:0>20}",
        "etag": base64.b64encode(b"\x01").decode(),
    }


def _store(call: Call, account: dict[str, Any]) -> dict[str, Any]:
    account["etag"] = _etag(call)
    call.store.put(policies.ACCOUNTS, account["email"], account)
    return account


def _deleted_member(account: dict[str, Any]) -> str:
    return f"deleted:serviceAccount:{account['email']}?uid={account['uniqueId']}"


def _etag(call: Call) -> str:
    return base64.b64encode(call.store.next_id("iam.etag").to_bytes(8, "big")).decode()


def _camel(name: str) -> str:
    head, *tail = name.strip().split("_")
    return head + "".join(part.title() for part in tail)
