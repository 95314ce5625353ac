"""Regional forwarding rules: who answers on an address. `target` xor `backendService`.

What the fields may be together is in Google's discovery document (`ForwardingRule`): `portRange` is for external passthrough
load balancers and protocol forwarding, `ports` for backend services and internal protocol forwarding, `sourceIpRanges` for
EXTERNAL, `allowGlobalAccess`, `serviceLabel` and `isMirroringCollector` for INTERNAL. Google's sentences aren't known.
"""

from __future__ import annotations

from typing import Any

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import bad_request, invalid, not_simulated, required
from lab.simulator.org_policies import OrgPolicies
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import addresses, resources, rule_addresses, urls
from lab.simulator.services.compute.resources import Collection, Doc

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
        rule_addresses.same_region(target, key, "resource.target", doc["target"])
        doc["target"] = urls.link(target)
        return
    service_key, service = urls.resolve(
        call, doc["backendService"], "backendServices", "resource.backendService"
    )
    rule_addresses.same_region(service_key, key, "resource.backendService", doc["backendService"])
    if service["loadBalancingScheme"] != doc["loadBalancingScheme"]:
        text = "The load balancing schemes of rule and backend service must be the same."
        raise invalid("resource.backendService", doc["backendService"], text)
    OrgPolicies(call.store).check_load_balancer(project, key, _PASSTHROUGH[scheme])
    if service["protocol"] not in (doc["IPProtocol"], "UNSPECIFIED"):
        text = "The protocols of rule and backend service must be the same."
        raise invalid("resource.IPProtocol", doc["IPProtocol"], text)
    doc["backendService"] = urls.link(service_key)


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
        low, high = rule_addresses.ports(doc["portRange"], "resource.portRange")
        doc["portRange"] = f"{low}-{high}"
    elif doc.get("target") and doc["IPProtocol"] in ("TCP", "UDP", "SCTP") and not doc.get("allPorts"):
        doc["portRange"] = "1-65535"
    elif doc.get("backendService") and not given:
        # Google takes it: TestAccComputeForwardingRule_forwardingRuleRegionalSteeringExample. What it fills in isn't known.
        doc["portRange"] = "1-65535"
    for port in doc.get("ports") or []:
        rule_addresses.ports(port, "resource.ports")


def _is_ipv6(address: str) -> bool:
    return ":" in address and "//" not in address


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
        raise not_simulated(f"the scheme {doc['loadBalancingScheme']}")
    if doc.get("ipVersion") == "IPV6" or _is_ipv6(doc.get("IPAddress") or ""):
        raise not_simulated("rules of IPv6")
    if doc["loadBalancingScheme"] == "EXTERNAL" and doc.get("sourceIpRanges"):
        raise not_simulated("steering by resource.sourceIpRanges")
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
        rule_addresses.external(call, key, doc)
        network = None
    else:
        if doc.get("sourceIpRanges"):
            raise invalid(
                "resource.sourceIpRanges", doc["sourceIpRanges"], "Only allowed for external rules."
            )
        if doc.get("isMirroringCollector") or doc.get("serviceLabel"):
            raise not_simulated("isMirroringCollector and serviceLabel")
        doc.setdefault("allowGlobalAccess", False)
        rule_addresses.internal(call, key, doc)
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
    rule_addresses.same_region(target, key, "resource.target", url)
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
        rule_addresses.same_network(call, doc)
    doc = _fingerprinted(doc)
    call.store.put("forwardingRules", key, doc)
    args = {"key": key}
    return operations.start(call, key, "SetTarget", "forwardingRules.ready", args, target_id=doc["id"])
