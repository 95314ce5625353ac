"""VPC networks, with the routes that come with them."""

from __future__ import annotations

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import bad_request, check_between, condition_not_met, in_use, invalid
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import catalog, resources, routes, subnetworks, urls
from lab.simulator.services.compute.resources import Collection, Doc


def _deleted(lab: Lab, key: str, doc: Doc) -> None:
    routes.remove(lab.store, network=doc["selfLink"])
    for subnet_key, subnetwork in lab.store.list("subnetworks"):
        if subnetwork["network"] == doc["selfLink"]:
            lab.store.delete("subnetworks", subnet_key)


def _users(call: Call, key: str, doc: Doc) -> None:
    """Refuses while something uses the network. Its auto mode subnets, and routes that came with it, go with it."""
    kinds = [
        "firewalls",
        "routers",
        "instances",
        "forwardingRules",
        "instanceGroups",
        "networkEndpointGroups",
    ]
    if not doc["autoCreateSubnetworks"]:
        kinds.insert(0, "subnetworks")
    user = urls.referrer(call.store, key, tuple(kinds)) or routes.custom(call.store, doc["selfLink"])
    if user:
        raise in_use("network", key, user)


NETWORKS = Collection(
    service="networks",
    plural="networks",
    scope="global",
    param="network",
    kind="compute#network",
    noun="network",
    quota="NETWORKS",
    check_delete=_users,
    deleted=_deleted,
)
resources.serve(NETWORKS)
_LEAST_MTU, _MOST_MTU = 1300, 8896
"""https://docs.cloud.google.com/compute/docs/reference/rest/v1/networks (`mtu`)."""


def _routing(given: Doc) -> Doc:
    """Returns the routing as it is shown. Words: TestAccComputeNetwork_bgpModeAndMedInteractions of the provider."""
    made = dict(given)
    if made.pop("deleteBgpAlwaysCompareMed", False):
        made.pop("bgpAlwaysCompareMed", None)
    if made["bgpBestPathSelectionMode"] == "LEGACY" and "bgpAlwaysCompareMed" in made:
        text = "Field bgp_always_compare_med is not supported for LEGACY BGP Best Path Selection algorithm."
        raise invalid("resource.routingConfig.bgpAlwaysCompareMed", made["bgpAlwaysCompareMed"], text)
    return made


@handles("compute.networks.insert")
def insert(call: Call) -> Doc:
    key, doc = resources.new(call, NETWORKS, urls.require(call.body))
    if doc.get("IPv4Range"):
        raise bad_request("Legacy networks are no longer supported.", "invalid")
    doc.setdefault("autoCreateSubnetworks", True)
    asked = {name: value for name, value in (doc.get("routingConfig") or {}).items() if value is not None}
    doc["routingConfig"] = _routing({"routingMode": "REGIONAL", "bgpBestPathSelectionMode": "LEGACY"} | asked)
    doc.setdefault("mtu", 1460)
    check_between("resource.mtu", doc["mtu"], _LEAST_MTU, _MOST_MTU)
    doc.setdefault("networkFirewallPolicyEnforcementOrder", "AFTER_CLASSIC_FIREWALL")
    doc["selfLinkWithId"] = urls.link(f"{key.rsplit('/', 1)[0]}/{doc['id']}")
    routes.add_default(call, doc)
    reply = resources.created(call, NETWORKS, key, doc)
    if doc["autoCreateSubnetworks"]:
        for region, ip_range in catalog.AUTO_RANGES.items():
            subnetworks.add(call, doc, f"projects/{key.split('/')[1]}/regions/{region}", ip_range)
    return reply


@handles("compute.networks.patch")
def patch(call: Call) -> Doc:
    key, doc = resources.existing(call, NETWORKS)
    body = urls.require(call.body)
    allowed = {
        "routingConfig",
        "mtu",
        "networkFirewallPolicyEnforcementOrder",
        "name",
        "autoCreateSubnetworks",
    }
    allowed |= {"description", "enableUlaInternalIpv6", "internalIpv6Range"}
    for name in set(body) - allowed - set(doc):
        raise bad_request(f"Field '{name}' can't be patched on a network.", "invalid")
    if body.get("autoCreateSubnetworks", doc["autoCreateSubnetworks"]) != doc["autoCreateSubnetworks"]:
        raise condition_not_met("Use switchToCustomMode to change the mode of a network.")
    changed = resources.merge(doc, {k: v for k, v in body.items() if k in allowed})
    changed["routingConfig"] = _routing(changed["routingConfig"])
    return resources.saved(call, NETWORKS, key, changed, "patch")


@handles("compute.networks.switchToCustomMode")
def switch_to_custom_mode(call: Call) -> Doc:
    key, doc = resources.existing(call, NETWORKS)
    doc["autoCreateSubnetworks"] = False
    call.store.put("networks", key, doc)
    return operations.start(call, key, "switchToCustomMode", target_id=doc["id"])
