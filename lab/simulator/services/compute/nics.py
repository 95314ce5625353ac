"""Network interfaces of instances: addresses inside and outside, alias ranges."""

from __future__ import annotations

import ipaddress
from typing import Any

from lab.simulator import operations
from lab.simulator.errors import ApiError, bad_request, invalid, ip_space_exhausted
from lab.simulator.registry import Call
from lab.simulator.services.compute import addresses, catalog, resources, urls
from lab.simulator.services.compute.resources import Doc
from lab.simulator.store import Store

IP_IN_USE = "IP_IN_USE_BY_ANOTHER_RESOURCE"


def ip_busy(ip: str) -> ApiError:
    return ApiError(409, IP_IN_USE, f"IP '{ip}' is already being used by another resource.")


def build(call: Call, key: str, given: list[Doc]) -> list[Doc]:
    """Returns the interfaces as the API shows them. It claims nothing yet: see `claim_all`."""
    if not given:
        raise invalid("resource.networkInterfaces", "", "At least one network interface is required.")
    built: list[Doc] = []
    for i, raw in enumerate(given):
        nic = _interface(call, key, dict(raw), i)
        if any(n["network"] == nic["network"] for n in built):
            text = "Networks must be distinct for NICs attached to a VM."
            raise invalid(f"resource.networkInterfaces[{i}].network", nic["network"], text)
        built.append(nic)
    return built


def _interface(call: Call, key: str, nic: Doc, i: int) -> Doc:
    field = f"resource.networkInterfaces[{i}]"
    zone = key.split("/")[3]
    subnetwork = chosen_subnetwork(call, nic, catalog.ZONES[zone], field)
    nic |= {"kind": "compute#networkInterface", "name": f"nic{i}"}
    nic |= {"network": subnetwork["network"], "subnetwork": subnetwork["selfLink"]}
    nic["networkIP"] = _network_ip(call, key, nic.get("networkIP"), subnetwork, f"{field}.networkIP")
    nic.setdefault("stackType", "IPV4_ONLY")
    if nic["stackType"] != "IPV4_ONLY":
        raise ApiError(501, "notImplemented", "The simulator implements IPv4 only.")
    configs = nic.pop("accessConfigs", None) or []
    if len(configs) > 1:
        raise bad_request("At most one access config currently supported.")
    if configs:
        nic["accessConfigs"] = [access_config(call, key, c, f"{field}.accessConfigs[0]") for c in configs]
    aliases = nic.pop("aliasIpRanges", None) or []
    if aliases:
        nic["aliasIpRanges"] = alias_ranges(call, key, aliases, subnetwork, field)
    return fingerprinted(nic)


def fingerprinted(nic: Doc) -> Doc:
    return nic | {"fingerprint": resources.fingerprint({k: v for k, v in nic.items() if k != "fingerprint"})}


def chosen_subnetwork(call: Call, nic: Doc, region: str, field: str) -> Doc:
    """Returns the subnet that a request's interface is in, which must be in `region`."""
    if nic.get("subnetwork"):
        key, doc = urls.resolve(call, nic["subnetwork"], "subnetworks", f"{field}.subnetwork")
        if urls.region_of(key) != region:
            text = f"Subnetwork must be in region '{region}' of the instance."
            raise invalid(f"{field}.subnetwork", nic["subnetwork"], text)
        given = nic.get("network")
        if given and urls.link(urls.relative(call, given)) != doc["network"]:
            raise invalid(f"{field}.network", given, "The subnetwork is in another network.")
        return doc
    url = nic.get("network") or "global/networks/default"
    network_key, network = urls.resolve(call, url, "networks", f"{field}.network")
    if not network["autoCreateSubnetworks"]:
        text = "Subnetwork should be specified for custom subnetmode network"
        raise invalid(f"{field}.subnetwork", "", text)
    parent = f"projects/{network_key.split('/')[1]}/regions/{region}/subnetworks/"
    for _, doc in call.store.list("subnetworks", parent):
        if doc["network"] == network["selfLink"]:
            return doc
    raise invalid(f"{field}.network", url, f"The network has no subnetwork in region '{region}'.")


def _network_ip(call: Call, key: str, wanted: str | None, subnetwork: Doc, field: str) -> str:
    if not wanted:
        return addresses.free_internal(call.store, subnetwork)
    if "/" in wanted:
        _, address = urls.resolve(call, wanted, "addresses", field)
        wanted = str(address["address"])
    addresses.usable_internal(wanted, subnetwork, field)
    holder = addresses.internal_holder(call.store, wanted, subnetwork["network"])
    if holder not in (None, key):
        raise ip_busy(wanted)
    return wanted


def access_config(call: Call, key: str, given: Doc, field: str) -> Doc:
    """Returns the config with its address: the reserved one that is asked for, or an ephemeral one."""
    config: Doc = {"kind": "compute#accessConfig", "type": "ONE_TO_ONE_NAT", "name": "External NAT"}
    config |= {k: v for k, v in given.items() if v not in (None, "")}
    config.setdefault("networkTier", "PREMIUM")
    if config["type"] != "ONE_TO_ONE_NAT":
        raise invalid(f"{field}.type", config["type"], "Must be ONE_TO_ONE_NAT.")
    ip = config.get("natIP")
    if not ip:
        config["natIP"] = addresses.free_external(call.store)
        return config
    region = catalog.ZONES[key.split("/")[3]]
    reservation = addresses.external_reservation(call.store, ip)
    if reservation is None or urls.region_of(reservation[0]) != region or "/global/" in reservation[0]:
        text = f"The specified external IP address '{ip}' was not found in region '{region}'."
        raise invalid(f"{field}.natIP", ip, text)
    if set(reservation[1].get("users", [])) - {urls.link(key)} or (
        set(addresses.external_holders(call.store, ip)) - {key}
    ):
        text = f"Invalid resource usage: 'External IP address: {ip} is already in-use.'."
        raise ApiError(400, "invalidResourceUsage", text)
    if reservation[1]["networkTier"] != config["networkTier"]:
        text = f"The network tier of external IP address is {reservation[1]['networkTier']}, "
        text += f"that of access config is {config['networkTier']}."
        raise invalid(f"{field}.networkTier", config["networkTier"], text)
    return config


def alias_ranges(call: Call, key: str, given: list[Doc], subnetwork: Doc, field: str) -> list[Doc]:
    """`/24` takes the lowest free block of the named secondary range (or the primary one)."""
    taken = [ipaddress.ip_network(a) for a in _aliases(call.store, subnetwork, key)]
    built = []
    for i, raw in enumerate(given):
        at = f"{field}.aliasIpRanges[{i}]"
        name = raw.get("subnetworkRangeName")
        outer = _outer(subnetwork, name, at)
        text = raw.get("ipCidrRange") or "/32"
        if text.startswith("/"):
            prefix = int(text[1:]) if text[1:].isdigit() else -1
            if not outer.prefixlen <= prefix <= 32:
                raise invalid(f"{at}.ipCidrRange", text, "The block doesn't fit its range.")
            free = (b for b in outer.subnets(new_prefix=prefix) if not any(b.overlaps(t) for t in taken))
            block = next(free, None)
            if block is None:
                raise ip_space_exhausted(subnetwork["selfLink"].removeprefix(operations.API), outer)
        else:
            try:
                block = ipaddress.IPv4Network(text if "/" in text else f"{text}/32")
            except ValueError:
                raise invalid(f"{at}.ipCidrRange", text, "Must be a CIDR range.") from None
            if not block.subnet_of(outer):
                text = f"The range isn't within the secondary range '{outer}'."
                raise invalid(f"{at}.ipCidrRange", block, text)
            if any(block.overlaps(t) for t in taken):
                raise ip_busy(str(block))
        taken.append(block)
        entry: Doc = {"ipCidrRange": str(block)}
        built.append(entry | ({"subnetworkRangeName": name} if name else {}))
    return built


def _outer(subnetwork: Doc, name: str | None, field: str) -> ipaddress.IPv4Network:
    if not name:
        return ipaddress.IPv4Network(subnetwork["ipCidrRange"])
    for secondary in subnetwork.get("secondaryIpRanges", []):
        if secondary["rangeName"] == name:
            return ipaddress.IPv4Network(secondary["ipCidrRange"])
    raise invalid(f"{field}.subnetworkRangeName", name, "The subnetwork has no such secondary range.")


def _aliases(store: Store, subnetwork: Doc, but: str) -> list[str]:
    return [
        alias["ipCidrRange"]
        for key, instance in store.list("instances")
        for nic in instance["networkInterfaces"]
        if key != but and nic["subnetwork"] == subnetwork["selfLink"]
        for alias in nic.get("aliasIpRanges", [])
    ]


def claim_all(store: Store, key: str, interfaces: list[Doc]) -> None:
    for nic in interfaces:
        addresses.claim(store, nic["networkIP"], key, nic["network"])
        for config in nic.get("accessConfigs", []):
            if config.get("natIP"):
                addresses.claim(store, config["natIP"], key)


def drop_ephemeral(store: Store, interfaces: list[Doc]) -> list[Doc]:
    """Gives ephemeral external addresses back, as a stop does."""
    kept = []
    for nic in interfaces:
        for config in nic.get("accessConfigs", []):
            if config.get("natIP") and addresses.external_reservation(store, config["natIP"]) is None:
                del config["natIP"]
        kept.append(fingerprinted(nic))
    return kept


def take_ephemeral(store: Store, interfaces: list[Doc]) -> list[Doc]:
    """Gives access configs without an address a new one, as a start does."""
    kept = []
    for nic in interfaces:
        for config in nic.get("accessConfigs", []):
            if not config.get("natIP"):
                config["natIP"] = addresses.free_external(store)
        kept.append(fingerprinted(nic))
    return kept


def named(instance: Doc, name: Any) -> Doc:
    for nic in instance["networkInterfaces"]:
        if nic["name"] == name:
            found: Doc = nic
            return found
    raise invalid("networkInterface", name, "The network interface was not found on the instance.")


def subnetwork_of(store: Store, nic: Doc) -> Doc:
    doc = store.get("subnetworks", nic["subnetwork"].removeprefix(operations.API))
    assert doc is not None
    return doc
