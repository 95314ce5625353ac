"""Firewall rules."""

from __future__ import annotations

import ipaddress

from lab.simulator.errors import check_between, invalid
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, urls
from lab.simulator.services.compute.resources import Collection, Doc

FIREWALLS = Collection(
    service="firewalls",
    plural="firewalls",
    scope="global",
    param="firewall",
    kind="compute#firewall",
    noun="firewall",
    quota="FIREWALLS",
)
resources.serve(FIREWALLS)
_PROTOCOLS = {"tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip", "all"}


def _check_entries(doc: Doc, field: str) -> None:
    for i, entry in enumerate(doc.get(field, [])):
        protocol = str(entry.get("IPProtocol", ""))
        if protocol not in _PROTOCOLS and not (protocol.isdigit() and int(protocol) < 256):
            raise invalid(f"resource.{field}[{i}].IPProtocol", protocol, "Unknown protocol.")
        for j, ports in enumerate(entry.get("ports", [])):
            low, _, high = str(ports).partition("-")
            good = low.isdigit() and (high or low).isdigit() and 0 <= int(low) <= int(high or low) <= 65535
            if not good or protocol not in ("tcp", "udp", "sctp", "6", "17", "132"):
                raise invalid(f"resource.{field}[{i}].ports[{j}]", ports, "Invalid port range.")


def _completed(call: Call, doc: Doc) -> Doc:
    network = doc.get("network") or f"global/networks/{'default'}"
    network_key, _ = urls.resolve(call, network, "networks", "resource.network")
    doc["network"] = urls.link(network_key)
    doc.setdefault("priority", 1000)
    doc.setdefault("direction", "INGRESS")
    doc.setdefault("disabled", False)
    doc.setdefault("logConfig", {"enable": False})
    check_between("resource.priority", doc["priority"], 0, 65535)
    if bool(doc.get("allowed")) == bool(doc.get("denied")):
        raise invalid("resource.allowed", "", "Exactly one of allowed and denied must be given.")
    for field in ("allowed", "denied"):
        _check_entries(doc, field)
    ingress = doc["direction"] == "INGRESS"
    wrong = ("destinationRanges",) if ingress else ("sourceRanges", "sourceTags", "sourceServiceAccounts")
    for field in wrong:
        if doc.get(field) and not (ingress and field == "destinationRanges"):
            raise invalid(f"resource.{field}", doc[field], f"Not allowed in an {doc['direction']} rule.")
    sources = ("sourceRanges", "sourceTags", "sourceServiceAccounts")
    if ingress and not any(doc.get(s) for s in sources):
        doc["sourceRanges"] = ["0.0.0.0/0"]
    if not ingress and not doc.get("destinationRanges"):
        doc["destinationRanges"] = ["0.0.0.0/0"]
    for field in ("sourceRanges", "destinationRanges"):
        for i, text in enumerate(doc.get(field, [])):
            try:
                ipaddress.ip_network(text, strict=True)
            except ValueError:
                raise invalid(f"resource.{field}[{i}]", text, "Must be a valid CIDR range.") from None
    tags = [*doc.get("sourceTags", []), *doc.get("targetTags", [])]
    for tag in tags:
        urls.check_name(tag, "resource.tags")
    for field in ("sourceRanges", "destinationRanges", "sourceTags", "targetTags", "allowed", "denied"):
        if field in doc and not doc[field]:
            del doc[field]
    return doc


@handles("compute.firewalls.insert")
def insert(call: Call) -> Doc:
    key, doc = resources.new(call, FIREWALLS, urls.require(call.body))
    return resources.created(call, FIREWALLS, key, _completed(call, doc))


@handles("compute.firewalls.patch", "compute.firewalls.update")
def change(call: Call) -> Doc:
    key, doc = resources.existing(call, FIREWALLS)
    body = urls.require(call.body)
    if call.method_id.endswith(".update"):
        server = ("kind", "id", "creationTimestamp", "selfLink", "name", "network")
        changed = {k: doc[k] for k in server} | {k: v for k, v in body.items() if k not in server}
    else:
        changed = resources.merge(doc, body)
    if changed["name"] != doc["name"] or changed.get("direction", doc["direction"]) != doc["direction"]:
        raise invalid("resource.name", changed["name"], "Name and direction can't be changed.")
    kind = "update" if call.method_id.endswith(".update") else "patch"
    return resources.saved(call, FIREWALLS, key, _completed(call, changed), kind)
