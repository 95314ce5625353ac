"""Cloud Routers, for their NATs."""

from __future__ import annotations

from lab.simulator.context import Lab
from lab.simulator.errors import check_between, in_use, invalid, not_simulated, required
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import addresses, resources, urls
from lab.simulator.services.compute.resources import Collection, Doc


def _deleted(lab: Lab, key: str, _doc: Doc) -> None:
    addresses.release_everything(lab, key)


ROUTERS = Collection(
    service="routers",
    plural="routers",
    scope="regions",
    param="router",
    kind="compute#router",
    noun="router",
    quota="ROUTERS",
    aggregated=True,
    deleted=_deleted,
)
resources.serve(ROUTERS)
_ALL = ("ALL_SUBNETWORKS_ALL_IP_RANGES", "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES")


def _nat(call: Call, key: str, nat: Doc, field: str) -> Doc:
    urls.check_name(nat.get("name"), f"{field}.name")
    for name in ("rules", "nat64Subnetworks", "sourceSubnetworkIpRangesToNat64"):
        if nat.get(name):
            raise not_simulated(f"{field}.{name}")
    if nat.get("type") == "PRIVATE":
        raise not_simulated("private NAT")
    source = nat.get("sourceSubnetworkIpRangesToNat")
    if source not in (*_ALL, "LIST_OF_SUBNETWORKS"):
        raise required(f"{field}.sourceSubnetworkIpRangesToNat")
    if (source == "LIST_OF_SUBNETWORKS") != bool(nat.get("subnetworks")):
        text = "Subnetworks must be listed exactly for LIST_OF_SUBNETWORKS."
        raise invalid(f"{field}.subnetworks", "", text)
    for i, entry in enumerate(nat.get("subnetworks", [])):
        subnet_key, _ = urls.resolve(call, entry.get("name"), "subnetworks", f"{field}.subnetworks[{i}].name")
        entry["name"] = urls.link(subnet_key)
    nat.setdefault("natIpAllocateOption", "MANUAL_ONLY" if nat.get("natIps") else "AUTO_ONLY")
    if (nat["natIpAllocateOption"] == "MANUAL_ONLY") != bool(nat.get("natIps")):
        raise invalid(f"{field}.natIps", "", "NAT IPs must be given exactly for MANUAL_ONLY.")
    kept = []
    for i, url in enumerate(nat.get("natIps", [])):
        address_key, address = urls.resolve(call, url, "addresses", f"{field}.natIps[{i}]")
        addresses.checked_region(call, address_key, urls.region_of(key), f"{field}.natIps[{i}]", url)
        if set(address.get("users", [])) - {urls.link(key)}:
            user = address["users"][0].split("/v1/", 1)[1]
            raise in_use("address", address_key, user)
        kept.append(urls.link(address_key))
    if kept:
        nat["natIps"] = kept
    drained = [urls.link(urls.relative(call, url)) for url in nat.pop("drainNatIps", None) or []]
    if both := set(drained) & set(kept):
        raise invalid(f"{field}.drainNatIps", min(both), "An address that is drained can't be in natIps too.")
    if drained:
        nat["drainNatIps"] = drained
    _check_ports(nat, field)
    nat.setdefault("type", "PUBLIC")
    nat.setdefault("endpointTypes", ["ENDPOINT_TYPE_VM"])
    nat.setdefault("enableEndpointIndependentMapping", False)
    nat.setdefault("enableDynamicPortAllocation", False)
    nat.setdefault("autoNetworkTier", "PREMIUM")
    return nat


def _check_ports(nat: Doc, field: str) -> None:
    """Raises ApiError for ports that a VM can't have: without dynamic allocation any number, with it powers of two
    (https://docs.cloud.google.com/nat/docs/ports-and-addresses#ports, and `RouterNat` in the discovery document).
    """
    least, most = int(nat.get("minPortsPerVm") or 0), int(nat.get("maxPortsPerVm") or 0)
    dynamic = bool(nat.get("enableDynamicPortAllocation"))
    if most and not dynamic:
        text = "Can only be given with dynamic port allocation."
        raise invalid(f"{field}.maxPortsPerVm", most, text)
    for name, given, low, high in (
        ("minPortsPerVm", least, 32 if dynamic else 2, 32768 if dynamic else 57344),
        ("maxPortsPerVm", most, 64, 65536),
    ):
        if given:
            check_between(f"{field}.{name}", given, low, high)
        if given and dynamic and given & (given - 1):
            raise invalid(f"{field}.{name}", given, "Must be a power of two.")
    if least and most and most <= least:
        raise invalid(f"{field}.maxPortsPerVm", most, "Must be greater than minPortsPerVm.")
    if dynamic and nat.get("enableEndpointIndependentMapping"):
        text = "Endpoint-independent mapping and dynamic port allocation can't both be enabled."
        raise invalid(f"{field}.enableEndpointIndependentMapping", "true", text)


def _completed(call: Call, key: str, doc: Doc) -> Doc:
    network_key, network = urls.resolve(call, doc.get("network"), "networks", "resource.network")
    doc["network"] = urls.link(network_key)
    nats = [_nat(call, key, dict(n), f"resource.nats[{i}]") for i, n in enumerate(doc.get("nats") or [])]
    names = [n["name"] for n in nats]
    if len(set(names)) != len(names):
        raise invalid("resource.nats", names, "Names of NATs must differ.")
    others = [r for k, r in call.store.list("routers", key.rsplit("/", 1)[0] + "/") if k != key]
    taken = [n for r in others if r["network"] == network["selfLink"] for n in r.get("nats", [])]
    if sum(n["sourceSubnetworkIpRangesToNat"] in _ALL for n in [*nats, *taken]) > 1:
        text = "Only one NAT of a network and region can serve all subnetworks."
        raise invalid("resource.nats[0].sourceSubnetworkIpRangesToNat", nats[0]["name"] if nats else "", text)
    doc.pop("nats", None)
    if nats:
        doc["nats"] = nats
    doc.setdefault("encryptedInterconnectRouter", False)
    return doc


def _hold_addresses(call: Call, key: str, doc: Doc) -> None:
    addresses.release_everything(call.lab, key)
    for nat in doc.get("nats", []):
        for url in nat.get("natIps", []):
            address = call.store.get("addresses", url.split("/v1/", 1)[1])
            assert address is not None
            addresses.claim(call.store, address["address"], key)


@handles("compute.routers.insert")
def insert(call: Call) -> Doc:
    body = urls.require(call.body)
    if not body.get("network"):
        raise required("resource.network")
    key, doc = resources.new(call, ROUTERS, body)
    doc = _completed(call, key, doc)
    _hold_addresses(call, key, doc)
    return resources.created(call, ROUTERS, key, doc)


@handles("compute.routers.patch", "compute.routers.update")
def change(call: Call) -> Doc:
    key, doc = resources.existing(call, ROUTERS)
    body = {k: v for k, v in urls.require(call.body).items() if k not in ("name", "region", "selfLink", "id")}
    if call.method_id.endswith(".update"):
        server = ("kind", "id", "creationTimestamp", "selfLink", "name", "network", "region")
        changed = {k: doc[k] for k in server} | body
    else:
        changed = resources.merge(doc, body)
    changed = _completed(call, key, changed)
    _hold_addresses(call, key, changed)
    kind = "update" if call.method_id.endswith(".update") else "patch"
    return resources.saved(call, ROUTERS, key, changed, kind)
