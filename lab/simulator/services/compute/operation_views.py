"""Operations as resources: get, list, wait, delete. The call waits where it comes in."""

from __future__ import annotations

from lab.simulator.errors import not_found
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, urls
from lab.simulator.services.compute.resources import Doc

_SCOPES = {"zoneOperations": "zones", "regionOperations": "regions", "globalOperations": "global"}


def _parent(call: Call) -> str:
    return urls.container(call, _SCOPES[call.method_id.split(".")[1]]) + "/operations/"


@handles(*(f"compute.{s}.{m}" for s in _SCOPES for m in ("get", "wait")))
def get(call: Call) -> Doc:
    key = _parent(call) + call.params["operation"]
    doc = call.store.get("operations", key)
    if doc is None:
        raise not_found(key)
    return doc


@handles(*(f"compute.{s}.list" for s in _SCOPES))
def list_operations(call: Call) -> Doc:
    parent = _parent(call)
    found = [d for _, d in call.store.list("operations", parent)]
    return resources.listing(call, "compute#operationList", urls.link(parent.rstrip("/")), found)


@handles("compute.globalOperations.aggregatedList")
def aggregated(call: Call) -> Doc:
    found = [d for _, d in call.store.list("operations")]
    return resources.aggregate(call, "operations", "compute#operation", found)


@handles(*(f"compute.{s}.delete" for s in _SCOPES))
def delete(call: Call) -> None:
    key = _parent(call) + call.params["operation"]
    if call.store.get("operations", key) is None:
        raise not_found(key)
    call.store.delete("operations", key)
