"""The address of a forwarding rule: one of its own, a reserved one, or one that other rules have for other ports."""

from __future__ import annotations

import ipaddress
from typing import Any

from lab.simulator.errors import ApiError, invalid
from lab.simulator.registry import Call
from lab.simulator.services.compute import addresses, instance_groups, urls
from lab.simulator.services.compute.resources import Doc

_BUSY = "Specified IP address is in-use and would result in a conflict."
_EVERY = [(0, 65535)]


def ports(text: str, field: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    high = high or low
    if not (low.isdigit() and high.isdigit() and 1 <= int(low) <= int(high) <= 65535):
        raise invalid(field, text, "Must be a port or a range of ports.")
    return int(low), int(high)


def _served(rule: Doc) -> list[tuple[int, int]]:
    if rule.get("ports"):
        return [ports(p, "resource.ports") for p in rule["ports"]]
    if rule.get("portRange"):
        return [ports(rule["portRange"], "resource.portRange")]
    return _EVERY


def _overlap(one: Doc, other: Doc) -> bool:
    protocols = {one["IPProtocol"], other["IPProtocol"]}
    if len(protocols) > 1 and "L3_DEFAULT" not in protocols:
        return False
    return any(a[0] <= b[1] and b[0] <= a[1] for a in _served(one) for b in _served(other))


def same_region(target: str, key: str, field: str, url: Any) -> None:
    if urls.region_of(target) != urls.region_of(key):
        raise invalid(field, url, f"Must be in region '{urls.region_of(key)}' of the forwarding rule.")


def external(call: Call, key: str, doc: Doc) -> None:
    wanted, region = doc.get("IPAddress"), urls.region_of(key)
    doc.setdefault("networkTier", "PREMIUM")
    if not wanted:
        doc["IPAddress"] = addresses.free_external(call.store)
        return
    ip = _number(call, wanted, region)
    reservation = addresses.external_reservation(call.store, ip)
    rules = [(k, r) for k, r in call.store.list("forwardingRules") if r["IPAddress"] == ip]
    if reservation is None and not rules:
        raise invalid("resource.IPAddress", wanted, f"The IP address isn't reserved in region '{region}'.")
    if reservation:
        addresses.checked_region(call, reservation[0], region, "resource.IPAddress", wanted)
        if reservation[1]["networkTier"] != doc["networkTier"]:
            tiers = f"{doc['networkTier']} and {reservation[1]['networkTier']}"
            text = f"The network tiers of rule and address differ: {tiers}."
            raise invalid("resource.networkTier", doc["networkTier"], text)
    rule_urls = {urls.link(k) for k, _ in rules}
    others = set(reservation[1].get("users", []) if reservation else []) - rule_urls
    holders = {urls.link(h) for h in addresses.external_holders(call.store, ip)} - rule_urls
    if others or holders or any(_overlap(doc, r) for _, r in rules):
        raise invalid("resource.IPAddress", ip, _BUSY)
    doc["IPAddress"] = ip


def _number(call: Call, wanted: str, region: str) -> str:
    """Returns the number of an address that is given as a number, or by its URL."""
    if "/" in wanted:
        address_key, address = urls.resolve(call, wanted, "addresses", "resource.IPAddress")
        addresses.checked_region(call, address_key, region, "resource.IPAddress", wanted)
        return str(address["address"])
    try:
        return str(ipaddress.ip_address(wanted))
    except ValueError:
        raise invalid("resource.IPAddress", wanted, "Invalid IP address specified.") from None


def internal(call: Call, key: str, doc: Doc) -> None:
    if not doc.get("subnetwork"):
        raise invalid("resource.subnetwork", "", "An INTERNAL rule needs a subnetwork.")
    subnet_key, subnetwork = urls.resolve(call, doc["subnetwork"], "subnetworks", "resource.subnetwork")
    same_region(subnet_key, key, "resource.subnetwork", doc["subnetwork"])
    if doc.get("network"):
        network_key, _ = urls.resolve(call, doc["network"], "networks", "resource.network")
        if urls.link(network_key) != subnetwork["network"]:
            raise invalid("resource.network", doc["network"], "The subnetwork is in another network.")
    doc |= {"subnetwork": urls.link(subnet_key), "network": subnetwork["network"]}
    same_network(call, doc)
    if doc.setdefault("networkTier", "PREMIUM") != "PREMIUM":
        raise invalid("resource.networkTier", doc["networkTier"], "Must be PREMIUM for an INTERNAL rule.")
    if not doc.get("IPAddress"):
        doc["IPAddress"] = addresses.free_internal(call.store, subnetwork)
        return
    ip = _number(call, doc["IPAddress"], urls.region_of(key))
    addresses.usable_internal(ip, subnetwork, "resource.IPAddress")
    holder = addresses.internal_holder(call.store, ip, subnetwork["network"])
    rule = call.store.get("forwardingRules", holder) if holder else None
    reserved = addresses.internal_reservation(call.store, ip, subnetwork["network"])
    shared = reserved is None or reserved[1]["purpose"] == "SHARED_LOADBALANCER_VIP"
    if holder and (rule is None or _overlap(doc, rule) or not shared):
        raise ApiError(
            409, "ipInUseByAnotherResource", f"IP '{ip}' is already being used by another resource."
        )
    doc["IPAddress"] = ip


def same_network(call: Call, doc: Doc) -> None:
    """Packets stay in the rule's network, so what answers has its first interface there."""
    if doc.get("target"):
        _, target = urls.resolve(call, doc["target"], "targetInstances", "resource.target")
        instances = [target["instance"]]
    else:
        _, service = urls.resolve(call, doc["backendService"], "backendServices", "resource.backendService")
        if service.get("network", doc["network"]) != doc["network"]:
            text = "The backend service is of another network."
            raise invalid("resource.backendService", doc["backendService"], text)
        groups = (urls.relative(call, backend["group"]) for backend in service.get("backends") or [])
        instances = [url for group in groups for url in instance_groups.members(call.store, group)]
    for url in instances:
        instance = call.store.get("instances", urls.relative(call, url))
        if instance and instance["networkInterfaces"][0]["network"] != doc["network"]:
            raise invalid("resource.network", doc["network"], f"The instance '{url}' is in another network.")
