"""Versions of secrets. `latest` is the newest version in whatever state; reading a disabled one fails.

Who may read a payload: the project's owner, and whom a policy of the secret or the project gives
`secretmanager.versions.access`. The provider destroys a version to delete it and afterwards takes
`state: DESTROYED` for gone (`secretmanager/resource_secret_manager_secret_version.go`).
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.iam.grants import require
from lab.simulator.services.secretmanager.secrets import (
    VERSIONS,
    check_etag,
    found,
    page,
    policy_key,
    secret_id_of,
)
from lab.simulator.services.storage.checksums import crc32c

_LARGEST = 65_536
Doc = dict[str, Any]


@handles("secretmanager.projects.secrets.addVersion")
def add(call: Call) -> Doc:
    _check(call, "secretmanager.versions.add", "parent")
    secret = found(call, call.params["parent"])
    payload = (call.body or {}).get("payload") or {}
    data = _decoded(payload.get("data") or "")
    if "dataCrc32c" in payload and int(payload["dataCrc32c"]) != crc32c(data):
        raise ApiError(
            400, "invalid", "The SecretPayload's data_crc32c does not match the checksum of its data."
        )
    # A destroyed version keeps its document, so counting never gives a number twice.
    number = len(_of(call, secret["name"])) + 1
    kind = next(iter(secret["replication"]))
    status: Doc = {"automatic": {}}
    if kind == "userManaged":
        replicas = secret["replication"]["userManaged"]["replicas"]
        status = {"userManaged": {"replicas": [{"location": r["location"]} for r in replicas]}}
    version: Doc = {
        "name": f"{secret['name']}/versions/{number}",
        "createTime": call.clock.now(),
        "state": "ENABLED",
        "replicationStatus": status,
    }
    if "dataCrc32c" in payload:
        version["clientSpecifiedPayloadChecksum"] = True
    call.store.put_blob(f"{VERSIONS}/{_key(version['name'])}", data)
    return _put(call, version)


@handles("secretmanager.projects.secrets.versions.get")
def get(call: Call) -> Doc:
    _check(call, "secretmanager.versions.get", "name")
    return _found(call)


@handles("secretmanager.projects.secrets.versions.list")
def list_(call: Call) -> Doc:
    _check(call, "secretmanager.versions.list", "parent")
    secret = found(call, call.params["parent"])
    wanted = call.params.get("filter", "").removeprefix("state:").removeprefix("state=").upper()
    versions = [v for v in reversed(_of(call, secret["name"])) if not wanted or v["state"] == wanted]
    return page(call, "versions", versions)


@handles("secretmanager.projects.secrets.versions.access")
def access(call: Call) -> Doc:
    name = call.params["name"]
    require(
        call,
        "secretmanager.versions.access",
        policy_key(secret_id_of(name)),
        name,
        f"Permission 'secretmanager.versions.access' denied for resource '{name}' (or it may not exist).",
    )
    version = _found(call)
    if version["state"] != "ENABLED":
        raise _wrong_state(version)
    data = call.store.get_blob(f"{VERSIONS}/{_key(version['name'])}") or b""
    payload = {"data": base64.b64encode(data).decode(), "dataCrc32c": str(crc32c(data))}
    return {"name": version["name"], "payload": payload}


@handles("secretmanager.projects.secrets.versions.enable")
def enable(call: Call) -> Doc:
    return _to_state(call, "ENABLED")


@handles("secretmanager.projects.secrets.versions.disable")
def disable(call: Call) -> Doc:
    return _to_state(call, "DISABLED")


@handles("secretmanager.projects.secrets.versions.destroy")
def destroy(call: Call) -> Doc:
    version = _to_state(call, "DESTROYED")
    call.store.delete_blob(f"{VERSIONS}/{_key(version['name'])}")
    return version


def _to_state(call: Call, state: str) -> Doc:
    _check(call, f"secretmanager.versions.{call.method_id.rsplit('.', 1)[-1]}", "name")
    version = _found(call)
    check_etag(call.body or {}, version)
    if version["state"] == "DESTROYED":
        raise _wrong_state(version)
    version["state"] = state
    if state == "DESTROYED":
        version["destroyTime"] = call.clock.now()
    return _put(call, version)


def _check(call: Call, permission: str, parameter: str) -> None:
    name = call.params[parameter]
    require(call, permission, policy_key(secret_id_of(name)), name)


def _found(call: Call) -> Doc:
    """Returns the version of that number or alias, or `latest`."""
    secret = found(call, call.params["name"])
    wanted = call.params["name"].rsplit("/", 1)[-1]
    versions = _of(call, secret["name"])
    if wanted == "latest":
        if not versions:
            raise ApiError(404, "notFound", f"Secret [{secret['name']}] not found or has no versions.")
        return versions[-1]
    number = str((secret.get("versionAliases") or {}).get(wanted, wanted))
    for version in versions:
        if version["name"].endswith(f"/{number}"):
            return version
    raise ApiError(404, "notFound", f"Secret Version [{secret['name']}/versions/{wanted}] not found.")


def _of(call: Call, secret_name: str) -> list[Doc]:
    """Returns a secret's versions, oldest first."""
    return [version for _, version in call.store.list(VERSIONS, f"{secret_id_of(secret_name)}/")]


def _put(call: Call, version: Doc) -> Doc:
    version["etag"] = f'"{call.store.next_id("secretmanager.etag"):014x}"'
    call.store.put(VERSIONS, _key(version["name"]), version)
    return version


def _key(name: str) -> str:
    return f"{secret_id_of(name)}/{int(name.rsplit('/', 1)[-1]):010d}"


def _wrong_state(version: Doc) -> ApiError:
    return ApiError(
        400,
        "failedPrecondition",
        f"Secret Version [{version['name']}] is in {version['state']} state.",
        status="FAILED_PRECONDITION",
    )


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise ApiError(
            400, "invalid", "Invalid value at 'payload.data' (TYPE_BYTES), Base64 decoding failed"
        ) from None
    if not data:
        raise ApiError(400, "invalid", "Secret Payload cannot be empty.")
    if len(data) > _LARGEST:
        raise ApiError(400, "invalid", f"The Secret Payload can't be larger than {_LARGEST} bytes.")
    return data
