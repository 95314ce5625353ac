"""Routes: those that come with networks and subnets, and custom ones."""

from __future__ import annotations

import hashlib
import ipaddress

from lab.simulator.errors import invalid, required
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, urls
from lab.simulator.services.compute.resources import Collection, Doc
from lab.simulator.store import Store


def _check_delete(_call: Call, key: str, doc: Doc) -> None:
    if doc.get("nextHopNetwork"):
        raise invalid("route", urls.last(key), "Routes of subnetworks can't be deleted.")


ROUTES = Collection(
    service="routes",
    plural="routes",
    scope="global",
    param="route",
    kind="compute#route",
    noun="route",
    check_delete=_check_delete,
)
resources.serve(ROUTES)
_HOPS = ("nextHopGateway", "nextHopInstance", "nextHopIp", "nextHopIlb", "nextHopVpnTunnel")


def _add(call: Call, network: str, destination: str, hop: Doc, priority: int, description: str) -> None:
    digest = hashlib.sha256(f"{network} {destination}".encode()).hexdigest()[:16]
    name = f"default-route-{digest}" if hop.get("nextHopGateway") else f"default-route-r-{digest}"
    parent = network.removeprefix("https://www.googleapis.com/compute/v1/").rsplit("/networks/", 1)[0]
    key = f"{parent}/routes/{name}"
    doc: Doc = {
        "kind": ROUTES.kind,
        "id": str(1_600_000_000_000_000_000 + call.store.next_id()),
        "creationTimestamp": call.clock.now(),
        "name": name,
        "description": description,
        "network": network,
        "destRange": destination,
        "priority": priority,
        "selfLink": urls.link(key),
    }
    call.store.put("routes", key, doc | hop)


def add_default(call: Call, network: Doc) -> None:
    gateway = network["selfLink"].rsplit("/networks/", 1)[0] + "/gateways/default-internet-gateway"
    _add(
        call,
        network["selfLink"],
        "0.0.0.0/0",
        {"nextHopGateway": gateway},
        1000,
        "Default route to the Internet.",
    )


def add_subnet(call: Call, subnetwork: Doc, destination: str) -> None:
    network = subnetwork["network"]
    text = f"Default local route to the subnetwork {destination}."
    _add(call, network, destination, {"nextHopNetwork": network}, 0, text)


def remove(store: Store, *, network: str, destination: str | None = None) -> None:
    """Removes the routes that came with a network or subnet."""
    for key, doc in store.list("routes"):
        if doc["network"] == network and destination in (None, doc["destRange"]):
            store.delete("routes", key)


def custom(store: Store, network: str) -> str | None:
    """Returns the key of a route of the user's in this network, if there is one."""
    for key, doc in store.list("routes"):
        if doc["network"] == network and not doc["name"].startswith("default-route-"):
            return key
    return None


@handles("compute.routes.insert")
def insert(call: Call) -> Doc:
    body = urls.require(call.body)
    for field in ("network", "destRange"):
        if not body.get(field):
            raise required(f"resource.{field}")
    if body.get("priority") is None:
        raise required("resource.priority")
    key, doc = resources.new(call, ROUTES, body)
    network_key, _ = urls.resolve(call, doc["network"], "networks", "resource.network")
    doc["network"] = urls.link(network_key)
    try:
        ipaddress.ip_network(doc["destRange"])
    except ValueError:
        raise invalid("resource.destRange", doc["destRange"], "Must be a CIDR range.") from None
    if sum(bool(doc.get(h)) for h in _HOPS) != 1:
        raise invalid("resource.nextHop", "", "Exactly one next hop must be given.")
    if doc.get("nextHopInstance"):
        instance_key, _ = urls.resolve(call, doc["nextHopInstance"], "instances", "resource.nextHopInstance")
        doc["nextHopInstance"] = urls.link(instance_key)
    if doc.get("nextHopGateway"):
        doc["nextHopGateway"] = urls.link(urls.relative(call, doc["nextHopGateway"]))
    return resources.created(call, ROUTES, key, doc)
