"""Secrets: `projects.secrets.*`.

Names in replies carry the project's number (`projects/100…/secrets/x`), requests may use number or id, as
with the real service; the provider's state of a version depends on that.
"""

from __future__ import annotations

import re
from typing import Any

from lab.simulator.clock import rfc3339
from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.grants import allowed, require
from lab.simulator.services.iam.project import own_project

SECRETS = "secretmanager.secrets"
VERSIONS = "secretmanager.versions"
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_WRITABLE = {
    "labels",
    "annotations",
    "versionAliases",
    "expireTime",
    "ttl",
    "topics",
    "rotation",
    "versionDestroyTtl",
    "tags",
}
Doc = dict[str, Any]


@handles("secretmanager.projects.secrets.create")
def create(call: Call) -> Doc:
    own_project(call, call.params["parent"])
    secret_id, body = call.params.get("secretId", ""), call.body or {}
    name = _name(call, secret_id)
    require(call, "secretmanager.secrets.create", "", f"projects/{call.lab.project}")
    if not _ID.fullmatch(secret_id):
        raise ApiError(
            400, "invalid", f"The provided Secret ID [{secret_id}] does not match the expected format."
        )
    # A null is as good as nothing: the provider sends the one that isn't wanted so.
    replication = {
        kind: given for kind, given in (body.get("replication") or {}).items() if given is not None
    }
    if len(replication) != 1:
        raise ApiError(
            400, "invalid", "Secret.replication must be provided: either automatic or user_managed."
        )
    if "userManaged" in replication and not replication["userManaged"].get("replicas"):
        raise ApiError(400, "invalid", "Secret.replication.user_managed.replicas must be provided.")
    if call.store.get(SECRETS, secret_id):
        raise ApiError(409, "alreadyExists", f"Secret [{name}] already exists.")
    secret: Doc = {
        "name": name,
        "replication": replication,
        "createTime": call.clock.now(),
        "etag": _etag(call),
    }
    call.store.put(SECRETS, secret_id, _with(call, secret, {k: v for k, v in body.items() if k in _WRITABLE}))
    return found(call, name)


@handles("secretmanager.projects.secrets.get")
def get(call: Call) -> Doc:
    _check(call, "secretmanager.secrets.get", "name")
    return found(call, call.params["name"])


@handles("secretmanager.projects.secrets.list")
def list_(call: Call) -> Doc:
    own_project(call, call.params["parent"])
    require(call, "secretmanager.secrets.list", "", f"projects/{call.lab.project}")
    wanted = call.params.get("filter", "").removeprefix("name:")
    secrets = [s for _, s in call.store.list(SECRETS) if wanted in s["name"]]
    return page(call, "secrets", secrets)


@handles("secretmanager.projects.secrets.patch")
def patch(call: Call) -> Doc:
    _check(call, "secretmanager.secrets.update", "name")
    secret, body = found(call, call.params["name"]), call.body or {}
    fields = {_camel(f) for f in call.params.get("updateMask", "").split(",") if f}
    if not fields:
        raise ApiError(400, "invalid", "The update_mask must not be empty.")
    if fields - _WRITABLE - {"etag"}:
        raise ApiError(
            400, "invalid", f"These fields can't be updated: {', '.join(sorted(fields - _WRITABLE))}."
        )
    check_etag(body, secret)
    kept = {k: v for k, v in secret.items() if k not in fields}
    changed = _with(call, kept | {"etag": _etag(call)}, {k: body[k] for k in fields if k in body})
    call.store.put(SECRETS, secret_id_of(secret["name"]), changed)
    return changed


@handles("secretmanager.projects.secrets.delete")
def delete(call: Call) -> Doc:
    _check(call, "secretmanager.secrets.delete", "name")
    secret = found(call, call.params["name"])
    if call.params.get("etag"):
        check_etag({"etag": call.params["etag"]}, secret)
    secret_id = secret_id_of(secret["name"])
    for key, _ in call.store.list(VERSIONS, f"{secret_id}/"):
        call.store.delete(VERSIONS, key)
        call.store.delete_blob(f"{VERSIONS}/{key}")
    call.store.delete(SECRETS, secret_id)
    policies.forget(call, policy_key(secret_id))
    return {}


@handles("secretmanager.projects.secrets.getIamPolicy")
def get_iam_policy(call: Call) -> Doc:
    _check(call, "secretmanager.secrets.getIamPolicy", "resource")
    secret = found(call, call.params["resource"])
    asked = int(call.params.get("options.requestedPolicyVersion", 1))
    return policies.shown(policies.read(call, policy_key(secret_id_of(secret["name"]))), asked)


@handles("secretmanager.projects.secrets.setIamPolicy")
def set_iam_policy(call: Call) -> Doc:
    _check(call, "secretmanager.secrets.setIamPolicy", "resource")
    secret, body = found(call, call.params["resource"]), call.body or {}
    return policies.replace(
        call,
        policy_key(secret_id_of(secret["name"])),
        body.get("policy") or {},
        mask=body.get("updateMask", ""),
        roles=policies.roles_of("secretmanager"),
    )


@handles("secretmanager.projects.secrets.testIamPermissions")
def test_iam_permissions(call: Call) -> Doc:
    secret = found(call, call.params["resource"])
    key = policy_key(secret_id_of(secret["name"]))
    asked = list((call.body or {}).get("permissions") or [])
    granted = [p for p in asked if allowed(call, p, key, secret["name"])]
    return {"permissions": granted} if granted else {}


def secret_id_of(name: str) -> str:
    """Returns ID of `projects/P/secrets/ID[/versions/V]`."""
    return name.split("/")[3]


def policy_key(secret_id: str) -> str:
    return f"secrets/{secret_id}"


def found(call: Call, name: str) -> Doc:
    own_project(call, name.split("/")[1])
    secret = call.store.get(SECRETS, secret_id_of(name))
    if secret is None:
        raise ApiError(404, "notFound", f"Secret [{_name(call, secret_id_of(name))}] not found.")
    return secret


def check_etag(body: Doc, doc: Doc) -> None:
    if body.get("etag") and body["etag"] != doc["etag"]:
        raise ApiError(
            400,
            "failedPrecondition",
            f"The etag provided [{body['etag']}] does not match the current one [{doc['etag']}].",
            status="FAILED_PRECONDITION",
        )


def page(call: Call, field: str, docs: list[Doc]) -> Doc:
    start, size = int(call.params.get("pageToken") or 0), int(call.params.get("pageSize") or 25_000)
    reply: Doc = {"totalSize": len(docs)}
    if docs[start:]:
        reply[field] = docs[start : start + size]
    if docs[start + size :]:
        reply["nextPageToken"] = str(start + size)
    return reply


def _check(call: Call, permission: str, parameter: str) -> None:
    name = call.params[parameter]
    require(call, permission, policy_key(secret_id_of(name)), name)


def _with(call: Call, secret: Doc, changes: Doc) -> Doc:
    for key, value in (changes.get("labels") or {}).items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            raise ApiError(400, "invalid", f"The label {key}={value} does not match the expected format.")
    secret_id = secret_id_of(secret["name"])
    for alias, version in (changes.get("versionAliases") or {}).items():
        if call.store.get(VERSIONS, f"{secret_id}/{int(version):010d}") is None:
            raise ApiError(
                400,
                "failedPrecondition",
                f"The alias {alias} names version {version}, which does not exist.",
                status="FAILED_PRECONDITION",
            )
    changes = {k: v for k, v in changes.items() if v not in ({}, [], "", None)}
    if ttl := changes.pop("ttl", None):
        changes["expireTime"] = rfc3339(call.clock.time() + float(str(ttl).removesuffix("s")))
    return secret | changes


def _name(call: Call, secret_id: str) -> str:
    return f"projects/{call.lab.number}/secrets/{secret_id}"


def _etag(call: Call) -> str:
    return f'"{call.store.next_id("secretmanager.etag"):014x}"'


def _camel(name: str) -> str:
    head, *tail = name.strip().split("_")
    return head + "".join(part.title() for part in tail)
