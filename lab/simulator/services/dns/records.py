"""Record sets one by one. The provider reads here and writes through changes; gcloud uses both."""

from __future__ import annotations

from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.dns.changes import apply
from lab.simulator.services.dns.zones import RECORDS, found, page, record_key

Doc = dict[str, Any]


@handles("dns.resourceRecordSets.list")
def list_(call: Call) -> Doc:
    zone = found(call)
    name, kind = call.params.get("name"), call.params.get("type")
    if kind and not name:
        raise ApiError(400, "required", "The 'parameters.name' parameter is required but was missing.")
    records = [r for _, r in call.store.list(RECORDS, f"{zone['name']}/")]
    wanted = [r for r in records if name in (None, r["name"]) and kind in (None, r["type"])]
    return page(call, "dns#resourceRecordSetsListResponse", "rrsets", wanted)


@handles("dns.resourceRecordSets.get")
def get(call: Call) -> Doc:
    return _found(call, found(call))


@handles("dns.resourceRecordSets.create")
def create(call: Call) -> Doc:
    added, _ = apply(call, found(call), [call.body or {}], [])
    return added[0]


@handles("dns.resourceRecordSets.patch")
def patch(call: Call) -> Doc:
    zone = found(call)
    present = _found(call, zone)
    added, _ = apply(call, zone, [present | (call.body or {})], [present])
    return added[0]


@handles("dns.resourceRecordSets.delete")
def delete(call: Call) -> Doc:
    zone = found(call)
    apply(call, zone, [], [_found(call, zone)])
    return {}


def _found(call: Call, zone: Doc) -> Doc:
    name, kind = str(call.params["name"]).lower(), call.params["type"]
    record = call.store.get(RECORDS, record_key(zone, name, kind))
    if record is None:
        raise ApiError(
            404, "notFound", f"The 'parameters.name' resource named '{name} ({kind})' does not exist."
        )
    return record
