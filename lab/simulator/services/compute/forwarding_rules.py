"""Regional forwarding rules: who answers on an address. `target` xor `backendService`.

What the fields may be together is in Google's discovery document (`ForwardingRule`): `portRange` is for external passthrough
load balancers and protocol forwarding, `ports` for backend services and internal protocol forwarding, `sourceIpRanges` for
EXTERNAL, `allowGlobalAccess`, `serviceLabel` and `isMirroringCollector` for INTERNAL. Google's sentences aren't known.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import ApiError, bad_request, invalid, required
from lab.simulator.org_policies import OrgPolicies
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import addresses, instance_groups, resources, urls
from lab.simulator.services.compute.resources import Collection, Doc

_BUSY = "Specified IP address is in-use and would result in a conflict."
_EVERY = [(0, 65535)]
_INSIDE_ONLY = ("allowGlobalAccess", "isMirroringCollector", "serviceLabel")
_PASSTHROUGH = {"EXTERNAL": "EXTERNAL_NETWORK_TCP_UDP", "INTERNAL": "INTERNAL_TCP_UDP"}


def _deleted(lab: Lab, key: str, doc: Doc) -> None:
    others = [r for _, r in lab.store.list("forwardingRules") if r["IPAddress"] == doc["IPAddress"]]
    network = doc.get("network") if doc["loadBalancingScheme"] == "INTERNAL" else None
    addresses.release(lab.store, doc["IPAddress"], key, network)
    lab.events.publish("forwardingRule.deleted", key=key, rule=doc, shared=bool(others))


RULES = Collection(
    service="forwardingRules",
    plural="forwardingRules",
    scope="regions",
    param="forwardingRule",
    kind="compute#forwardingRule",
    noun="forwarding_rule",
    quota="FORWARDING_RULES",
    aggregated=True,
    deleted=_deleted,
)
resources.serve(RULES)
resources.serve_labels(RULES)


def _ports(text: str, field: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    high = high or low
    if not (low.isdigit() and high.isdigit() and 1 <= int(low) <= int(high) <= 65535):
        raise invalid(field, text, "Must be a port or a range of ports.")
    return int(low), int(high)


def _served(rule: Doc) -> list[tuple[int, int]]:
    if rule.get("ports"):
        return [_ports(p, "resource.ports") for p in rule["ports"]]
    if rule.get("portRange"):
        return [_ports(rule["portRange"], "resource.portRange")]
    return _EVERY


def _overlap(one: Doc, other: Doc) -> bool:
    protocols = {one["IPProtocol"], other["IPProtocol"]}
    if len(protocols) > 1 and "L3_DEFAULT" not in protocols:
        return False
    return any(a[0] <= b[1] and b[0] <= a[1] for a in _served(one) for b in _served(other))


def _destination(call: Call, key: str, doc: Doc) -> None:
    if bool(doc.get("target")) == bool(doc.get("backendService")):
        text = "Exactly one of target and backendService must be specified."
        raise invalid("resource.target", doc.get("target"), text)
    project, scheme = urls.project(call), doc["loadBalancingScheme"]
    if doc.get("target"):
        plurals = ("targetInstances", "targetPools")
        target, _ = urls.resolve(call, doc["target"], plurals, "resource.target")
        if "/targetInstances/" in target:
            OrgPolicies(call.store).check_protocol_forwarding(project, key, scheme)
        else:
            OrgPolicies(call.store).check_load_balancer(project, key, _PASSTHROUGH[scheme])
        _same_region(target, key, "resource.target", doc["target"])
        doc["target"] = urls.link(target)
        return
    service_key, service = urls.resolve(
        call, doc["backendService"], "backendServices", "resource.backendService"
    )
    _same_region(service_key, key, "resource.backendService", doc["backendService"])
    if service["loadBalancingScheme"] != doc["loadBalancingScheme"]:
        text = "The load balancing schemes of rule and backend service must be the same."
        raise invalid("resource.backendService", doc["backendService"], text)
    OrgPolicies(call.store).check_load_balancer(project, key, _PASSTHROUGH[scheme])
    if service["protocol"] not in (doc["IPProtocol"], "UNSPECIFIED"):
        text = "The protocols of rule and backend service must be the same."
        raise invalid("resource.IPProtocol", doc["IPProtocol"], text)
    doc["backendService"] = urls.link(service_key)


def _same_region(target: str, key: str, field: str, url: Any) -> None:
    if urls.region_of(target) != urls.region_of(key):
        raise invalid(field, url, f"Must be in region '{urls.region_of(key)}' of the forwarding rule.")


def _port_fields(doc: Doc) -> None:
    given = [f for f in ("portRange", "ports", "allPorts") if doc.get(f)]
    if len(given) > 1:
        raise invalid(
            f"resource.{given[1]}", doc[given[1]], "Only one of portRange, ports and allPorts is allowed."
        )
    if len(doc.get("ports") or []) > 5:
        raise invalid("resource.ports", len(doc["ports"]), "At most 5 ports are allowed.")
    if doc["IPProtocol"] == "L3_DEFAULT" and not doc.get("allPorts"):
        raise invalid("resource.allPorts", "false", "L3_DEFAULT needs allPorts.")
    internal = doc["loadBalancingScheme"] == "INTERNAL"
    if doc.get("ports") and doc.get("target") and not internal:
        raise invalid("resource.ports", doc["ports"], "Only allowed with a backend service.")
    if doc.get("portRange") and internal:
        text = "Not allowed for an INTERNAL forwarding rule. Use ports or allPorts."
        raise invalid("resource.portRange", doc["portRange"], text)
    if internal and not given:
        raise invalid("resource.ports", "", "One of ports and allPorts must be specified.")
    if doc.get("portRange"):
        low, high = _ports(doc["portRange"], "resource.portRange")
        doc["portRange"] = f"{low}-{high}"
    elif doc.get("target") and doc["IPProtocol"] in ("TCP", "UDP", "SCTP") and not doc.get("allPorts"):
        doc["portRange"] = "1-65535"
    elif doc.get("backendService") and not given:
        raise invalid("resource.ports", "", "One of portRange, ports and allPorts must be specified.")
    for port in doc.get("ports") or []:
        _ports(port, "resource.ports")


def _external_address(call: Call, key: str, doc: Doc) -> None:
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


def _internal_address(call: Call, key: str, doc: Doc) -> None:
    if not doc.get("subnetwork"):
        raise invalid("resource.subnetwork", "", "An INTERNAL rule needs a subnetwork.")
    subnet_key, subnetwork = urls.resolve(call, doc["subnetwork"], "subnetworks", "resource.subnetwork")
    _same_region(subnet_key, key, "resource.subnetwork", doc["subnetwork"])
    if doc.get("network"):
        network_key, _ = urls.resolve(call, doc["network"], "networks", "resource.network")
        if urls.link(network_key) != subnetwork["network"]:
            raise invalid("resource.network", doc["network"], "The subnetwork is in another network.")
    doc |= {"subnetwork": urls.link(subnet_key), "network": subnetwork["network"]}
    _same_network(call, doc)
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


def _same_network(call: Call, doc: Doc) -> None:
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


def _fingerprinted(doc: Doc) -> Doc:
    hashed = {k: v for k, v in doc.items() if k not in ("fingerprint", "labels", "labelFingerprint")}
    return doc | {"fingerprint": resources.fingerprint(hashed)}


@handles("compute.forwardingRules.insert")
def insert(call: Call) -> Doc:
    body = urls.require(call.body)
    if not body.get("name"):
        raise required("resource.name")
    key, doc = resources.new(call, RULES, body)
    doc["loadBalancingScheme"] = doc.get("loadBalancingScheme") or "EXTERNAL"
    if doc["loadBalancingScheme"] not in ("EXTERNAL", "INTERNAL"):
        text = f"The simulator doesn't implement the scheme {doc['loadBalancingScheme']}."
        raise ApiError(501, "notImplemented", text)
    doc["IPProtocol"] = doc.get("IPProtocol") or "TCP"
    _destination(call, key, doc)
    _port_fields(doc)
    if doc["loadBalancingScheme"] == "EXTERNAL":
        for field in _INSIDE_ONLY:
            if doc.get(field):
                raise invalid(f"resource.{field}", doc[field], "Only allowed for internal rules.")
        for field in ("subnetwork", "network"):
            if doc.get(field):
                raise invalid(f"resource.{field}", doc[field], "Not allowed for an EXTERNAL forwarding rule.")
        _external_address(call, key, doc)
        network = None
    else:
        if doc.get("sourceIpRanges"):
            raise invalid(
                "resource.sourceIpRanges", doc["sourceIpRanges"], "Only allowed for external rules."
            )
        if doc.get("isMirroringCollector") or doc.get("serviceLabel"):
            text = "The simulator doesn't implement isMirroringCollector and serviceLabel."
            raise ApiError(501, "notImplemented", text)
        doc.setdefault("allowGlobalAccess", False)
        _internal_address(call, key, doc)
        network = doc["network"]
    addresses.claim(call.store, doc["IPAddress"], key, network)
    doc = _fingerprinted(resources.with_labels(doc))
    return resources.created(call, RULES, key, doc, "forwardingRules.ready")


@operations.effect("forwardingRules.ready")
def _ready(lab: Lab, args: dict[str, Any]) -> None:
    if doc := lab.store.get("forwardingRules", args["key"]):
        lab.events.publish("forwardingRule.changed", key=args["key"], rule=doc)


@handles("compute.forwardingRules.patch")
def patch(call: Call) -> Doc:
    key, doc = resources.existing(call, RULES)
    body = urls.require(call.body)
    allowed = {"allowGlobalAccess", "allowPscGlobalAccess", "networkTier", "fingerprint", "name"}
    for name in set(body) - allowed:
        raise bad_request(f"Field '{name}' can't be patched on a forwarding rule.", "invalid")
    if body.get("fingerprint"):
        resources.check_fingerprint(body["fingerprint"], doc["fingerprint"])
    if body.get("allowGlobalAccess") and doc["loadBalancingScheme"] != "INTERNAL":
        raise invalid("resource.allowGlobalAccess", "true", "Only allowed for internal rules.")
    doc |= {k: v for k, v in body.items() if k not in ("fingerprint", "name") and v is not None}
    return resources.saved(call, RULES, key, _fingerprinted(doc), "patch")


@handles("compute.forwardingRules.setTarget")
def set_target(call: Call) -> Doc:
    """Accepts only a target of the same kind: from or to a backend service, an external rule is deleted and created, and an
    internal one is switched in place
    (https://docs.cloud.google.com/load-balancing/docs/switch-between-target-instance-and-backend-service).
    """
    key, doc = resources.existing(call, RULES)
    url = urls.require(call.body).get("target")
    plurals = ("targetInstances", "targetPools", "backendServices")
    target, _ = urls.resolve(call, url, plurals, "resource.target")
    _same_region(target, key, "resource.target", url)
    current = doc.get("target") or doc["backendService"]
    kinds = {target.split("/")[-2], current.split("/")[-2]}
    inside = doc["loadBalancingScheme"] == "INTERNAL" and kinds <= {"targetInstances", "backendServices"}
    if len(kinds) > 1 and not inside:
        text = "The new target should be of the same type as the old target."
        raise invalid("resource.target", url, text)
    doc.pop("target", None)
    doc.pop("backendService", None)
    doc["backendService" if "/backendServices/" in target else "target"] = urls.link(target)
    if inside:
        _same_network(call, doc)
    doc = _fingerprinted(doc)
    call.store.put("forwardingRules", key, doc)
    args = {"key": key}
    return operations.start(call, key, "SetTarget", "forwardingRules.ready", args, target_id=doc["id"])
