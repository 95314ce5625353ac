"""Static addresses, and who holds which: an address is held by a VM or by rules, never by both."""

from __future__ import annotations

import ipaddress
from typing import Any

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import ApiError, bad_request, in_use, invalid, ip_space_exhausted, not_simulated
from lab.simulator.quotas import Quotas
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, urls
from lab.simulator.services.compute.resources import Collection, Doc
from lab.simulator.store import Store

EXTERNAL = ipaddress.ip_network("203.0.113.0/24")
"""TEST-NET-3: nothing that the lab sends ever leaves the machine."""


def _check_delete(_call: Call, key: str, doc: Doc) -> None:
    """A forwarding rule keeps what was reserved for it, as an ephemeral address: cloud controllers release it as soon as the
    rule stands (kubernetes/kubernetes#51055, kubernetes/ingress-gce#2157). A NAT refuses
    (hashicorp/terraform-provider-google#6812); of a VM no source is known, so here it does too.
    """
    holders = [user.removeprefix(operations.API) for user in doc.get("users", [])]
    for holder in holders:
        if "/forwardingRules/" not in holder:
            raise in_use("address", key, holder)


REGIONAL = Collection(
    service="addresses",
    plural="addresses",
    scope="regions",
    param="address",
    kind="compute#address",
    noun="address",
    aggregated=True,
    check_delete=_check_delete,
)
GLOBAL = Collection(
    service="globalAddresses",
    plural="addresses",
    scope="global",
    param="address",
    kind="compute#address",
    noun="address",
    check_delete=_check_delete,
)
for _collection in (REGIONAL, GLOBAL):
    resources.serve(_collection)
    resources.serve_labels(_collection)


def network_of(store: Store, subnetwork: str | None) -> str | None:
    """Returns the URL of the network that a subnet, given by its URL, is in."""
    doc = store.get("subnetworks", subnetwork.removeprefix(operations.API)) if subnetwork else None
    return doc["network"] if doc else None


def external_holders(store: Store, ip: str) -> list[str]:
    """Returns the keys of the VMs and rules that have this external address."""
    holders = []
    for key, instance in store.list("instances"):
        for nic in instance["networkInterfaces"]:
            holders += [key for config in nic.get("accessConfigs", []) if config.get("natIP") == ip]
    return holders + [key for key, rule in store.list("forwardingRules") if rule.get("IPAddress") == ip]


def free_external(store: Store) -> str:
    """Returns the lowest address that nobody has: the same in every run."""
    taken = {a["address"] for _, a in store.list("addresses")}
    for _, instance in store.list("instances"):
        for nic in instance["networkInterfaces"]:
            taken |= {c["natIP"] for c in nic.get("accessConfigs", []) if c.get("natIP")}
    taken |= {r["IPAddress"] for _, r in store.list("forwardingRules")}
    for host in list(EXTERNAL.hosts())[1:]:
        if str(host) not in taken:
            return str(host)
    raise ApiError(503, "backendError", "The lab has no external address left.")


def internal_holder(store: Store, ip: str, network: str) -> str | None:
    """Returns the key of the VM, internal rule or reservation in `network` that has the address."""
    for key, instance in store.list("instances"):
        for nic in instance["networkInterfaces"]:
            if nic["network"] == network and nic.get("networkIP") == ip:
                return key
    for key, rule in store.list("forwardingRules"):
        if rule.get("network") == network and rule.get("IPAddress") == ip:
            return key
    return None


def internal_reservation(store: Store, ip: str, network: str) -> tuple[str, Doc] | None:
    for key, address in store.list("addresses"):
        if address["address"] == ip and network_of(store, address.get("subnetwork")) == network:
            return key, address
    return None


def free_internal(store: Store, subnetwork: Doc) -> str:
    """Returns the lowest free address. Google keeps the first two and the last two of a range (documented)."""
    hosts = list(ipaddress.ip_network(subnetwork["ipCidrRange"]))
    for host in hosts[2:-2]:
        ip = str(host)
        if internal_holder(store, ip, subnetwork["network"]) is None and (
            internal_reservation(store, ip, subnetwork["network"]) is None
        ):
            return ip
    raise ip_space_exhausted(subnetwork["selfLink"].removeprefix(operations.API), subnetwork["ipCidrRange"])


def usable_internal(ip: str, subnetwork: Doc, field: str) -> None:
    network = ipaddress.ip_network(subnetwork["ipCidrRange"])
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        raise invalid(field, ip, "The IP address is malformed.") from None
    reserved = (network[0], network[1], network[-2], network[-1])
    if address not in network or address in reserved:
        explanation = "Requested internal IP address is outside the network/subnetwork range."
        if address in reserved:
            explanation = "Requested internal IP address is reserved by Google."
        raise invalid(field, ip, explanation)


def claim(store: Store, ip: str, user: str, network: str | None = None) -> None:
    """Marks the reservation of `ip`, if there is one, as used. `network` is the URL of an internal one's."""
    for key, address in _reservations(store, ip, network):
        users = address.setdefault("users", [])
        if urls.link(user) not in users:
            users.append(urls.link(user))
        address["status"] = "IN_USE"
        store.put("addresses", key, address)


def release(store: Store, ip: str | None, user: str, network: str | None = None) -> None:
    for key, address in _reservations(store, ip, network) if ip else []:
        address["users"] = [u for u in address.get("users", []) if u != urls.link(user)]
        if not address["users"]:
            del address["users"]
            address["status"] = "RESERVED"
        store.put("addresses", key, address)


def _reservations(store: Store, ip: str, network: str | None) -> list[tuple[str, Doc]]:
    if network:
        found = internal_reservation(store, ip, network)
        return [found] if found else []
    return [
        (k, a) for k, a in store.list("addresses") if a["address"] == ip and a["addressType"] == "EXTERNAL"
    ]


def external_reservation(store: Store, ip: str) -> tuple[str, Doc] | None:
    found = _reservations(store, ip, None)
    return found[0] if found else None


def _internal(call: Call, doc: Doc) -> None:
    wanted = doc.get("subnetwork") or _default_subnetwork(call)
    key, subnetwork = urls.resolve(call, wanted, "subnetworks", "resource.subnetwork")
    if urls.region_of(key) != call.params["region"]:
        raise invalid("resource.subnetwork", doc["subnetwork"], "The subnetwork is in another region.")
    doc["subnetwork"] = urls.link(key)
    doc.setdefault("purpose", "GCE_ENDPOINT")
    if doc.get("address"):
        ip = doc["address"]
        usable_internal(ip, subnetwork, "resource.address")
        if internal_reservation(call.store, ip, subnetwork["network"]):
            raise bad_request(
                f"IP '{ip}' is already being used by another resource.", "ipInUseByAnotherResource"
            )
        if holder := internal_holder(call.store, ip, subnetwork["network"]):
            doc |= {"status": "IN_USE", "users": [urls.link(holder)]}
    else:
        doc["address"] = free_internal(call.store, subnetwork)


def _default_subnetwork(call: Call) -> str:
    """That of the network `default` in the region, as the provider's TestAccComputeAddress_internal has it."""
    return f"projects/{call.lab.project}/regions/{call.params['region']}/subnetworks/default"


def _external(call: Call, doc: Doc) -> None:
    if doc.get("subnetwork"):
        raise invalid("resource.subnetwork", doc["subnetwork"], "Not allowed for an EXTERNAL address.")
    doc.setdefault("networkTier", "PREMIUM")
    if not doc.get("address"):
        doc["address"] = free_external(call.store)
        return
    holders = external_holders(call.store, doc["address"])
    if external_reservation(call.store, doc["address"]) or not holders:
        text = "Specified IP address is already reserved or can't be reserved."
        raise invalid("resource.address", doc["address"], text)
    doc |= {"status": "IN_USE", "users": [urls.link(h) for h in holders]}


@handles("compute.addresses.insert")
def insert(call: Call) -> Doc:
    return _insert(call, REGIONAL)


@handles("compute.globalAddresses.insert")
def insert_global(call: Call) -> Doc:
    return _insert(call, GLOBAL)


_PURPOSES = (None, "GCE_ENDPOINT", "SHARED_LOADBALANCER_VIP")


def _insert(call: Call, collection: Collection) -> Doc:
    key, doc = resources.new(call, collection, urls.require(call.body))
    doc.setdefault("addressType", "EXTERNAL")
    if doc.get("ipVersion") == "IPV6" or ":" in doc.get("address", ""):
        raise not_simulated("addresses of IPv6")
    if doc.get("purpose") not in _PURPOSES:
        raise not_simulated(f"addresses for {doc['purpose']}")
    doc["status"] = "RESERVED"
    for server_side in ("users", "region") if collection is GLOBAL else ("users",):
        doc.pop(server_side, None)
    if doc["addressType"] == "EXTERNAL":
        parent = key.rsplit("/", 1)[0] + "/"
        held = [a for _, a in call.store.list("addresses", parent) if a["addressType"] == "EXTERNAL"]
        where = f"in region {urls.region_of(key)}" if collection is REGIONAL else "globally"
        Quotas(call.store).check("STATIC_ADDRESSES", len(held) + 1, where)
        _external(call, doc)
    elif collection is REGIONAL:
        held = [a for _, a in call.store.list("addresses") if _is_inside(a, doc["region"])]
        where = f"in region {urls.region_of(key)}"
        Quotas(call.store).check("INTERNAL_ADDRESSES", len(held) + 1, where)
        _internal(call, doc)
    else:
        raise not_simulated("global internal addresses")
    if collection is GLOBAL:
        doc.setdefault("ipVersion", "IPV4")
    return resources.created(call, collection, key, resources.with_labels(doc))


def _is_inside(doc: Doc, region: str) -> bool:
    return bool(doc["addressType"] == "INTERNAL" and doc.get("region") == region)


def release_everything(lab: Lab, user: str) -> None:
    """Frees all reservations that `user` holds."""
    for _, address in lab.store.list("addresses"):
        if urls.link(user) in address.get("users", []):
            release(lab.store, address["address"], user, network_of(lab.store, address.get("subnetwork")))


def checked_region(call: Call, key: str, region: str, field: str, url: Any) -> None:
    if urls.region_of(key) != region:
        raise invalid(field, url, f"The address is not in region '{region}'.")
