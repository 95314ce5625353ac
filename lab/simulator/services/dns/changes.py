"""Changes: deletions and additions that apply together or not at all.

A deletion has to say exactly what is there, else 412. The provider makes every change of a record set this
way and polls until `done`; under the instant profile that is the first answer.
"""

from __future__ import annotations

from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.dns import rules
from lab.simulator.services.dns.zones import CHANGES, RECORDS, born_with, found, page, record_key

Doc = dict[str, Any]


@handles("dns.changes.create")
def create(call: Call) -> Doc:
    zone, body = found(call), call.body or {}
    additions, deletions = body.get("additions") or [], body.get("deletions") or []
    if not additions and not deletions:
        raise ApiError(400, "required", "The 'entity.change' parameter is required but was missing.")
    additions, deletions = apply(call, zone, additions, deletions)
    number = call.store.next_id(f"dns.change/{zone['id']}")
    change: Doc = {
        "kind": "dns#change",
        "id": str(number),
        "startTime": call.clock.now(),
        "status": "done",
        "isServing": True,
    }
    if additions:
        change["additions"] = additions
    if deletions:
        change["deletions"] = deletions
    done_at = call.clock.time() + call.lab.latency.seconds(call.method_id) + call.lab.extra_delay
    call.store.put(CHANGES, f"{zone['name']}/{number:010d}", {"change": change, "doneAt": done_at})
    return _shown(call, change, done_at)


@handles("dns.changes.get")
def get(call: Call) -> Doc:
    zone, wanted = found(call), str(call.params["changeId"])
    stored = call.store.get(CHANGES, f"{zone['name']}/{int(wanted):010d}") if wanted.isdigit() else None
    if stored is None:
        raise ApiError(
            404, "notFound", f"The 'parameters.changeId' resource named '{wanted}' does not exist."
        )
    return _shown(call, stored["change"], stored["doneAt"])


@handles("dns.changes.list")
def list_(call: Call) -> Doc:
    zone = found(call)
    stored = [s for _, s in call.store.list(CHANGES, f"{zone['name']}/")]
    if call.params.get("sortOrder") != "ascending":
        stored.reverse()
    changes = [_shown(call, s["change"], s["doneAt"]) for s in stored]
    return page(call, "dns#changesListResponse", "changes", changes)


def apply(call: Call, zone: Doc, additions: list[Doc], deletions: list[Doc]) -> tuple[list[Doc], list[Doc]]:
    """Checks both sides against the zone, writes them, and returns them as stored."""
    for i, record in enumerate(deletions):
        _delete(call, zone, record, f"entity.change.deletions[{i}]")
    added = [_add(call, zone, record, f"entity.change.additions[{i}]") for i, record in enumerate(additions)]
    for i, record in enumerate(deletions):
        if born_with(zone, record) and not any(_slot(a) == _slot(record) for a in added):
            raise ApiError(
                400,
                "invalidZoneApex",
                f"The resource record set 'entity.change.deletions[{i}]' is invalid because a zone must"
                " contain exactly one resource record set of type 'SOA' and at least one of type 'NS'.",
            )
    return added, [rules.canonical(d) for d in deletions]


def _delete(call: Call, zone: Doc, record: Doc, where: str) -> None:
    key = record_key(zone, (record.get("name") or "").lower(), record.get("type") or "")
    present = call.store.get(RECORDS, key)
    if present is None:
        raise ApiError(404, "notFound", f"The '{where}' resource named '{_label(record)}' does not exist.")
    if not rules.same(rules.canonical(record), present):
        raise ApiError(412, "conditionNotMet", f"Precondition not met for '{where}'.")
    call.store.delete(RECORDS, key)


def _add(call: Call, zone: Doc, record: Doc, where: str) -> Doc:
    if problem := rules.complaint(record, zone["dnsName"]):
        raise ApiError(400, "invalid", f"Invalid value for '{where}.{problem[0]}': '{problem[1]}'")
    shown = rules.canonical(record)
    key = record_key(zone, shown["name"], shown["type"])
    if call.store.get(RECORDS, key):
        raise ApiError(409, "alreadyExists", f"The resource '{where}' named '{_label(shown)}' already exists")
    others = {r["type"] for _, r in call.store.list(RECORDS, f"{zone['name']}/{shown['name']}/")}
    if (shown["type"] == "CNAME" and others) or "CNAME" in others:
        raise ApiError(
            400,
            "cnameResourceRecordSetConflict",
            f"The resource record set '{where}' is invalid because the DNS name '{shown['name']}' may have"
            " either one CNAME resource record set or resource record sets of other types, but not both.",
        )
    call.store.put(RECORDS, key, shown)
    return shown


def _slot(record: Doc) -> tuple[str, str]:
    return record["name"], record["type"]


def _label(record: Doc) -> str:
    return f"{record.get('name')} ({record.get('type')})"


def _shown(call: Call, change: Doc, done_at: float) -> Doc:
    if call.clock.time() >= done_at:
        return change
    return change | {"status": "pending", "isServing": False}
