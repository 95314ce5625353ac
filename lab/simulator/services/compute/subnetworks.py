"""Subnets: ranges that don't overlap, secondary ranges, fingerprints."""

from __future__ import annotations

import ipaddress
from typing import Any

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import bad_request, in_use, invalid, not_simulated, required
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, routes, urls
from lab.simulator.services.compute.resources import Collection, Doc

Range = ipaddress.IPv4Network


def _deleted(lab: Lab, key: str, doc: Doc) -> None:
    _unlist(lab, key, doc)
    for entry in [doc["ipCidrRange"], *(r["ipCidrRange"] for r in doc.get("secondaryIpRanges", []))]:
        routes.remove(lab.store, network=doc["network"], destination=entry)


def _unlist(lab: Lab, key: str, doc: Doc) -> None:
    network_key = doc["network"].removeprefix(operations.API)
    if network := lab.store.get("networks", network_key):
        network["subnetworks"] = [u for u in network.get("subnetworks", []) if u != urls.link(key)]
        if not network["subnetworks"]:
            del network["subnetworks"]
        lab.store.put("networks", network_key, network)


SUBNETWORKS = Collection(
    service="subnetworks",
    plural="subnetworks",
    scope="regions",
    param="subnetwork",
    kind="compute#subnetwork",
    noun="subnetwork",
    used_by=("instances", "addresses", "forwardingRules", "routers"),
    quota="SUBNETWORKS",
    aggregated=True,
    deleted=_deleted,
)
resources.serve(SUBNETWORKS)
_PROHIBITED = [
    Range(text)
    for text in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "199.36.153.4/30",
        "199.36.153.8/30",
        "224.0.0.0/4",
        "255.255.255.255/32",
    )
]
"""https://docs.cloud.google.com/vpc/docs/subnets#prohibited-ipv4-ranges. Google's text isn't known."""


def _range(text: Any, field: str) -> Range:
    try:
        found = ipaddress.IPv4Network(str(text))
    except ValueError:
        raise invalid(field, text, "Must be a CIDR address range that is contained in RFC 1918.") from None
    if not 4 <= found.prefixlen <= 29:
        raise invalid(field, text, "The prefix length must be between 4 and 29.")
    if any(found.overlaps(each) for each in _PROHIBITED):
        raise invalid(field, text, "The range is prohibited.")
    return found


def _taken(call: Call, network: str, but: str) -> list[tuple[Range, str]]:
    found = []
    for key, doc in call.store.list("subnetworks"):
        if doc["network"] == network and key != but:
            found.append((Range(doc["ipCidrRange"]), key))
            found += [(Range(r["ipCidrRange"]), key) for r in doc.get("secondaryIpRanges", [])]
    return found


def _check_ranges(call: Call, key: str, doc: Doc) -> None:
    own = [(doc["ipCidrRange"], "resource.ipCidrRange")]
    names: set[str] = set()
    for i, secondary in enumerate(doc.get("secondaryIpRanges", [])):
        urls.check_name(secondary.get("rangeName"), f"resource.secondaryIpRanges[{i}].rangeName")
        if secondary["rangeName"] in names:
            raise invalid(
                f"resource.secondaryIpRanges[{i}].rangeName", secondary["rangeName"], "Duplicate name."
            )
        names.add(secondary["rangeName"])
        own.append((secondary.get("ipCidrRange"), f"resource.secondaryIpRanges[{i}].ipCidrRange"))
    taken = _taken(call, doc["network"], key)
    for text, field in own:
        wanted = _range(text, field)
        for other, holder in taken:
            if wanted.overlaps(other):
                what = f"Invalid IPCidrRange: {wanted} conflicts with existing subnetwork "
                what += f"'{urls.last(holder)}' in region '{urls.region_of(holder)}'."
                raise bad_request(what, "invalid")
        taken.append((wanted, key))


def _fill(doc: Doc) -> Doc:
    doc["gatewayAddress"] = str(Range(doc["ipCidrRange"])[1])
    hashed = {k: v for k, v in doc.items() if k not in ("fingerprint", "kind", "selfLink")}
    doc["fingerprint"] = resources.fingerprint(hashed)
    return doc


def add(call: Call, network: Doc, parent: str, ip_range: str) -> None:
    """Adds one of the subnets of an auto mode network."""
    key = f"{parent}/subnetworks/{network['name']}"
    doc: Doc = {
        "kind": SUBNETWORKS.kind,
        "id": str(1_500_000_000_000_000_000 + call.store.next_id()),
        "creationTimestamp": call.clock.now(),
        "name": network["name"],
        "network": network["selfLink"],
        "ipCidrRange": ip_range,
        "region": urls.link(parent),
        "selfLink": urls.link(key),
    }
    _complete(call, key, doc)
    call.store.put("subnetworks", key, doc)


def _complete(call: Call, key: str, doc: Doc) -> None:
    doc.setdefault("privateIpGoogleAccess", False)
    doc.setdefault("privateIpv6GoogleAccess", "DISABLE_GOOGLE_ACCESS")
    doc.setdefault("purpose", "PRIVATE")
    doc.setdefault("stackType", "IPV4_ONLY")
    doc.setdefault("allowSubnetCidrRoutesOverlap", False)
    doc.setdefault("enableFlowLogs", bool(doc.get("logConfig", {}).get("enable")))
    if not doc.get("secondaryIpRanges"):
        doc.pop("secondaryIpRanges", None)
    network_key = doc["network"].removeprefix(operations.API)
    network = call.store.get("networks", network_key)
    assert network is not None
    network["subnetworks"] = [*network.get("subnetworks", []), urls.link(key)]
    call.store.put("networks", network_key, network)
    for entry in [doc["ipCidrRange"], *(r["ipCidrRange"] for r in doc.get("secondaryIpRanges", []))]:
        routes.add_subnet(call, doc, entry)
    _fill(doc)


@handles("compute.subnetworks.insert")
def insert(call: Call) -> Doc:
    body = urls.require(call.body)
    if body.get("stackType") == "IPV6_ONLY" or body.get("ipCollection"):
        raise not_simulated("subnets of IPv6 alone, or of ranges that one brings along")
    for field in ("network", "ipCidrRange"):
        if not body.get(field):
            raise required(f"resource.{field}")
    key, doc = resources.new(call, SUBNETWORKS, body)
    # One of auto mode takes others beside its own: https://docs.cloud.google.com/vpc/docs/vpc#auto-mode-considerations.
    network_key, _network = urls.resolve(call, doc["network"], "networks", "resource.network")
    if doc.get("purpose", "PRIVATE") not in ("PRIVATE", "REGIONAL_MANAGED_PROXY", "PRIVATE_SERVICE_CONNECT"):
        raise not_simulated(f"purpose {doc['purpose']}")
    doc["network"] = urls.link(network_key)
    _check_ranges(call, key, doc)
    _complete(call, key, doc)
    return resources.created(call, SUBNETWORKS, key, doc)


@handles("compute.subnetworks.patch")
def patch(call: Call) -> Doc:
    key, doc = resources.existing(call, SUBNETWORKS)
    body = dict(urls.require(call.body))
    resources.check_fingerprint(body.pop("fingerprint", None), doc["fingerprint"])
    for fixed in ("name", "network", "region", "ipCidrRange"):
        if fixed in body and fixed in ("ipCidrRange", "name") and body[fixed] != doc[fixed]:
            raise invalid(f"resource.{fixed}", body[fixed], "The field can't be changed by patch.")
        body.pop(fixed, None)
    kept = {r["rangeName"]: r for r in body.get("secondaryIpRanges") or []}
    for old in doc.get("secondaryIpRanges", []) if "secondaryIpRanges" in body else []:
        user = _range_user(call, doc, old["rangeName"])
        if kept.get(old["rangeName"], {}).get("ipCidrRange") != old["ipCidrRange"] and user:
            raise in_use("subnetwork", f"{key}/secondaryIpRanges/{old['rangeName']}", user)
    changed = resources.merge(doc, body)
    if not changed.get("secondaryIpRanges"):
        changed.pop("secondaryIpRanges", None)
    if "logConfig" in body:
        changed["enableFlowLogs"] = bool(changed.get("logConfig", {}).get("enable"))
    _check_ranges(call, key, changed)
    return resources.saved(call, SUBNETWORKS, key, _fill(changed), "patch")


def _range_user(call: Call, subnetwork: Doc, range_name: str) -> str | None:
    for key, instance in call.store.list("instances"):
        for nic in instance["networkInterfaces"]:
            if nic["subnetwork"] == subnetwork["selfLink"] and any(
                a.get("subnetworkRangeName") == range_name for a in nic.get("aliasIpRanges", [])
            ):
                return key
    return None


@handles("compute.subnetworks.expandIpCidrRange")
def expand(call: Call) -> Doc:
    key, doc = resources.existing(call, SUBNETWORKS)
    wanted = _range(urls.require(call.body).get("ipCidrRange"), "ipCidrRange")
    if not wanted.supernet_of(Range(doc["ipCidrRange"])):
        raise invalid("ipCidrRange", wanted, "The new range must contain the present one.")
    old = doc["ipCidrRange"]
    doc["ipCidrRange"] = str(wanted)
    _check_ranges(call, key, doc)
    routes.remove(call.store, network=doc["network"], destination=old)
    routes.add_subnet(call, doc, str(wanted))
    return resources.saved(call, SUBNETWORKS, key, _fill(doc), "expandIpCidrRange")


@handles("compute.subnetworks.setPrivateIpGoogleAccess")
def set_private_ip_google_access(call: Call) -> Doc:
    key, doc = resources.existing(call, SUBNETWORKS)
    doc["privateIpGoogleAccess"] = bool(urls.require(call.body).get("privateIpGoogleAccess"))
    return resources.saved(call, SUBNETWORKS, key, _fill(doc), "setPrivateIpGoogleAccess")
