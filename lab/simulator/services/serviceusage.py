"""Service Usage v1: which APIs the project has enabled. All are, until `/lab/v1/services` says otherwise."""

from __future__ import annotations

from typing import Any

from lab.simulator.enabled_services import EnabledServices
from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.iam.project import own_project


@handles("serviceusage.services.get")
def get(call: Call) -> dict[str, Any]:
    return _service(call, call.params["name"])


@handles("serviceusage.services.batchGet")
def batch_get(call: Call) -> dict[str, Any]:
    own_project(call, call.params["parent"].removeprefix("projects/"))
    return {"services": [_service(call, name) for name in call.params.get("names") or []]}


def _service(call: Call, name: str) -> dict[str, Any]:
    _, project, _, service = name.split("/")
    own_project(call, project)
    enabled = EnabledServices(call.store).is_enabled(service)
    return {
        "name": f"projects/{call.lab.number}/services/{service}",
        "parent": f"projects/{call.lab.number}",
        "config": {"name": service},
        "state": "ENABLED" if enabled else "DISABLED",
    }


@handles("serviceusage.services.batchEnable", "serviceusage.services.enable")
def enable(call: Call) -> dict[str, Any]:
    """Enables at once. Google takes some seconds, and returns an operation that is done where nothing was to be done."""
    if "parent" in call.params:
        own_project(call, call.params["parent"].removeprefix("projects/"))
        wanted = list((call.body or {}).get("serviceIds") or [])
    else:
        wanted = [call.params["name"].rpartition("/")[2]]
    try:
        EnabledServices(call.store).set(dict.fromkeys(wanted, True))
    except ValueError as error:
        raise ApiError(400, "badRequest", str(error)) from error
    return {"name": "operations/noop.DONE_OPERATION", "done": True, "response": {}}
