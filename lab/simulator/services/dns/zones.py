"""Managed zones. NS and SOA come and go with the zone; a zone that holds more can't be deleted."""

from __future__ import annotations

from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.dns import rules
from lab.simulator.services.iam import policies
from lab.simulator.services.iam.project import own_project

ZONES, RECORDS, CHANGES = "dns.zones", "dns.records", "dns.changes"
_TTL = 21_600
_PUBLIC_SERVERS = [f"ns-cloud-a{i}.googledomains.com." for i in range(1, 5)]
_PRIVATE_SERVERS = ["ns-gcp-private.googledomains.com."]
_WRITABLE = {
    "description",
    "labels",
    "visibility",
    "privateVisibilityConfig",
    "dnssecConfig",
    "forwardingConfig",
    "peeringConfig",
    "cloudLoggingConfig",
}
Doc = dict[str, Any]
_LOGGING: Doc = {"kind": "dns#managedZoneCloudLoggingConfig", "enableLogging": False}
"""Shown of whatever was given: the provider writes a false as nothing and reads it back
(TestAccDNSManagedZone_cloudLoggingConfigUpdate).
"""
_TARGET: Doc = {"kind": "dns#managedZoneForwardingConfigNameServerTarget", "ipv4Address": ""}
"""A target by name or IPv6 shows an empty `ipv4Address`: without one the provider crashes
(`flattenDNSManagedZoneForwardingConfigTargetNameServers`; TestAccDNSManagedZone_privateForwardingWithDomainNameUpdate).
"""


@handles("dns.managedZones.create")
def create(call: Call) -> Doc:
    own_project(call, call.params["project"])
    body = call.body or {}
    name, dns_name = body.get("name", ""), (body.get("dnsName") or "").lower()
    if not rules.ZONE_NAME.fullmatch(name):
        raise _invalid("name", name)
    if not rules.is_fqdn(dns_name):
        raise _invalid("dnsName", dns_name)
    if "description" not in body:
        raise ApiError(
            400, "required", "The 'entity.managedZone.description' parameter is required but was missing."
        )
    if call.store.get(ZONES, name):
        raise ApiError(
            409, "alreadyExists", f"The resource 'entity.managedZone' named '{name}' already exists"
        )
    private = body.get("visibility") == "private"
    zone: Doc = {
        "kind": "dns#managedZone",
        "id": str(4_611_000_000_000_000_000 + call.store.next_id("dns.zone")),
        "name": name,
        "dnsName": dns_name,
        "nameServers": _PRIVATE_SERVERS if private else _PUBLIC_SERVERS,
        "creationTime": call.clock.now(),
        "visibility": "public",
    }
    zone = _with(zone, body)
    call.store.put(ZONES, name, zone)
    _plant(call, zone)
    return zone


@handles("dns.managedZones.get")
def get(call: Call) -> Doc:
    return found(call)


@handles("dns.managedZones.list")
def list_(call: Call) -> Doc:
    own_project(call, call.params["project"])
    wanted = call.params.get("dnsName")
    zones = [z for _, z in call.store.list(ZONES) if wanted in (None, z["dnsName"])]
    return page(call, "dns#managedZonesListResponse", "managedZones", zones)


@handles("dns.managedZones.patch", "dns.managedZones.update")
def change(call: Call) -> Doc:
    """Both reply with an operation that is already done."""
    zone, body = found(call), call.body or {}
    for fixed in ("name", "dnsName"):
        if fixed in body and str(body[fixed]).lower() != zone[fixed]:
            raise _invalid(fixed, str(body[fixed]))
    if body.get("visibility", zone["visibility"]) != zone["visibility"]:
        raise _invalid("visibility", body["visibility"])
    kept = set() if call.method_id.endswith("patch") else _WRITABLE - {"visibility", "cloudLoggingConfig"}
    updated = {k: v for k, v in zone.items() if k not in kept}
    updated = _with(updated, body)
    call.store.put(ZONES, zone["name"], updated)
    return {
        "kind": "dns#operation",
        "id": f"operation-{call.store.next_id('dns.operation')}",
        "startTime": call.clock.now(),
        "status": "done",
        "type": "update",
        "user": call.principal,
        "zoneContext": {"oldValue": zone, "newValue": updated},
    }


@handles("dns.managedZones.delete")
def delete(call: Call) -> None:
    zone = found(call)
    prefix = f"{zone['name']}/"
    records = call.store.list(RECORDS, prefix)
    if any(not born_with(zone, r) for _, r in records):
        raise ApiError(
            400,
            "containerNotEmpty",
            f"The resource named '{zone['name']}' cannot be deleted because it contains one or more"
            " 'resource records'.",
        )
    for key, _ in records:
        call.store.delete(RECORDS, key)
    for key, _ in call.store.list(CHANGES, prefix):
        call.store.delete(CHANGES, key)
    call.store.delete(ZONES, zone["name"])
    policies.forget(call, policy_key(zone))


@handles("dns.projects.get")
def get_project(call: Call) -> Doc:
    project = own_project(call, call.params["project"])
    return {"kind": "dns#project", "id": project, "number": call.lab.number}


def born_with(zone: Doc, record: Doc) -> bool:
    """Returns NS and SOA of the apex."""
    return record["name"] == zone["dnsName"] and record["type"] in ("NS", "SOA")


def policy_key(zone: Doc) -> str:
    return f"zones/{zone['id']}"


def found(call: Call, project: str = "", wanted: str = "") -> Doc:
    """Returns the zone of that name or id: the one that the path names, unless another is `wanted`."""
    own_project(call, project or call.params["project"])
    wanted = wanted or call.params["managedZone"]
    zone = call.store.get(ZONES, wanted)
    if zone is None:
        zone = next((z for _, z in call.store.list(ZONES) if z["id"] == wanted), None)
    if zone is None:
        raise ApiError(
            404, "notFound", f"The 'parameters.managedZone' resource named '{wanted}' does not exist."
        )
    return zone


def record_key(zone: Doc, name: str, kind: str) -> str:
    return f"{zone['name']}/{name}/{kind}"


def page(call: Call, kind: str, field: str, docs: list[Doc]) -> Doc:
    start, size = int(call.params.get("pageToken") or 0), int(call.params.get("maxResults") or 100)
    reply: Doc = {"kind": kind, field: docs[start : start + size]}
    if docs[start + size :]:
        reply["nextPageToken"] = str(start + size)
    return reply


def _with(zone: Doc, body: Doc) -> Doc:
    """The provider sends an empty list of networks for public zones, too; the API doesn't give that back."""
    result = zone | {k: body[k] for k in _WRITABLE if k in body}
    networks = result.get("privateVisibilityConfig") or {}
    if not networks.get("networks") and not networks.get("gkeClusters"):
        result.pop("privateVisibilityConfig", None)
    result["cloudLoggingConfig"] = _LOGGING | (result.get("cloudLoggingConfig") or {})
    targets = (result.pop("forwardingConfig", None) or {}).get("targetNameServers")
    if targets:
        result["forwardingConfig"] = {
            "kind": "dns#managedZoneForwardingConfig",
            "targetNameServers": [_TARGET | target for target in targets],
        }
    return result


def _plant(call: Call, zone: Doc) -> None:
    servers, name = zone["nameServers"], zone["dnsName"]
    soa = f"{servers[0]} cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300"
    for kind, values in (("NS", servers), ("SOA", [soa])):
        record = rules.canonical({"name": name, "type": kind, "ttl": _TTL, "rrdatas": values})
        call.store.put(RECORDS, record_key(zone, name, kind), record)


def _invalid(field: str, value: str) -> ApiError:
    return ApiError(400, "invalid", f"Invalid value for 'entity.managedZone.{field}': '{value}'")
