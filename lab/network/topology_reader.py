"""The topology out of the store's documents, in one reading."""

from __future__ import annotations

import ipaddress
from typing import Any

from lab.network.topology import Check, Firewall, Machine, Rule, Service, Topology, Traffic, Vpc
from lab.simulator.operations import API
from lab.simulator.store import Store

Docs = dict[str, dict[str, Any]]
KINDS = (
    "addresses",
    "backendServices",
    "firewalls",
    "forwardingRules",
    "groupMembers",
    "healthChecks",
    "httpHealthChecks",
    "instances",
    "networks",
    "pending",
    "routers",
    "routes",
    "subnetworks",
    "targetInstances",
    "targetPools",
)
"""The collections that the network depends on."""
AUTO_NAT_ADDRESS = "203.0.113.1"
"""Source of what passes a NAT without addresses of its own; the store never gives this one away."""
_SERVING = {"RUNNING", "STOPPING", "SUSPENDING"}
_CHECKS = {"TCP": "tcp", "SSL": "ssl", "HTTP": "http", "HTTPS": "https", "HTTP2": "http2"}


def read(store: Store) -> Topology:
    with store.transaction():
        docs: dict[str, Docs] = {kind: dict(store.list(kind)) for kind in KINDS}
    being_made = {p["target"] for p in docs["pending"].values() if p["type"] == "insert"}
    machines = _machines(docs)
    serving = {key: m.id for key, m in machines.items() if m.serving}
    services = {key: _service(key, doc, docs, serving) for key, doc in docs["backendServices"].items()}
    services |= {key: _pool(key, doc, docs, serving) for key, doc in docs["targetPools"].items()}
    rules = [
        _rule(doc, docs, services, serving)
        for key, doc in docs["forwardingRules"].items()
        if key not in being_made
    ]
    return Topology(
        machines=tuple(machines.values()),
        firewalls=tuple(_firewall(doc) for doc in docs["firewalls"].values() if not doc["disabled"]),
        rules=tuple(rules),
        services=tuple(services.values()),
        networks=tuple(_vpc(key, docs) for key in docs["networks"]),
    )


def _key(url: str) -> str:
    return url.removeprefix(API)


def _ranges(subnet: dict[str, Any]) -> list[str]:
    return [subnet["ipCidrRange"], *(r["ipCidrRange"] for r in subnet.get("secondaryIpRanges", []))]


def _vpc(key: str, docs: dict[str, Docs]) -> Vpc:
    ranges = [r for s in docs["subnetworks"].values() if _key(s["network"]) == key for r in _ranges(s)]
    internet = any(
        _key(r["network"]) == key and r.get("nextHopGateway") and r["destRange"] == "0.0.0.0/0"
        for r in docs["routes"].values()
    )
    return Vpc(key, tuple(ranges), internet)


def _machines(docs: dict[str, Docs]) -> dict[str, Machine]:
    found = {}
    for key, doc in docs["instances"].items():
        nic = doc["networkInterfaces"][0]
        subnet_key = _key(nic["subnetwork"])
        subnet = docs["subnetworks"].get(subnet_key)
        if subnet is None:
            continue
        external = next((c["natIP"] for c in nic.get("accessConfigs", []) if c.get("natIP")), "")
        internet = _vpc(_key(nic["network"]), docs).internet
        nat = _nat(subnet_key, subnet, docs)
        aliases = tuple(a["ipCidrRange"] for a in nic.get("aliasIpRanges", []))
        own = [f"{nic['networkIP']}/32", *aliases]
        found[key] = Machine(
            id=doc["id"],
            name=doc["name"],
            network=_key(nic["network"]),
            subnet=subnet_key,
            address=nic["networkIP"],
            gateway=subnet["gatewayAddress"],
            aliases=aliases,
            routed=tuple(
                r["destRange"] for r in docs["routes"].values() if _key(r.get("nextHopInstance", "")) == key
            ),
            tags=frozenset(doc["tags"].get("items", [])),
            account=next((a["email"] for a in doc.get("serviceAccounts", [])), ""),
            external=external if internet else "",
            nat=tuple((o, nat[r]) for o in own for r in nat if _within(o, r)) if internet else (),
            google_access=internet and bool(subnet.get("privateIpGoogleAccess")),
            forwards=doc["canIpForward"],
            serving=doc["status"] in _SERVING,
        )
    return found


def _within(inner: str, outer: str) -> bool:
    return ipaddress.IPv4Network(inner).subnet_of(ipaddress.IPv4Network(outer))


def _nat(subnet_key: str, subnet: dict[str, Any], docs: dict[str, Docs]) -> dict[str, str]:
    """Ranges of the subnet that Cloud NAT covers, and the address that they get."""
    primary, *secondary = _ranges(subnet)
    named = {r["rangeName"]: r["ipCidrRange"] for r in subnet.get("secondaryIpRanges", [])}
    found: dict[str, str] = {}
    for router in docs["routers"].values():
        if (router["network"], router["region"]) != (subnet["network"], subnet["region"]):
            continue
        for nat in router.get("nats", []):
            covered: list[str] = []
            source = nat["sourceSubnetworkIpRangesToNat"]
            if source.startswith("ALL_SUBNETWORKS"):
                covered = [primary, *(secondary if source.endswith("ALL_IP_RANGES") else [])]
            for entry in nat.get("subnetworks", []):
                if _key(entry["name"]) == subnet_key:
                    parts = entry.get("sourceIpRangesToNat") or ["ALL_IP_RANGES"]
                    covered += [primary] if {"ALL_IP_RANGES", "PRIMARY_IP_RANGE"} & set(parts) else []
                    covered += secondary if "ALL_IP_RANGES" in parts else []
                    covered += [named[n] for n in entry.get("secondaryIpRangeNames", []) if n in named]
            address = next((docs["addresses"][_key(u)]["address"] for u in nat.get("natIps", [])), None)
            found |= dict.fromkeys(covered, address or AUTO_NAT_ADDRESS)
    return found


def _ports(texts: list[str]) -> tuple[tuple[int, int], ...]:
    pairs = (text.partition("-") for text in texts)
    return tuple((int(low), int(high or low)) for low, _, high in pairs)


def _firewall(doc: dict[str, Any]) -> Firewall:
    entries = doc.get("allowed") or doc.get("denied") or []
    return Firewall(
        name=doc["name"],
        network=_key(doc["network"]),
        ingress=doc["direction"] == "INGRESS",
        allow=bool(doc.get("allowed")),
        priority=doc["priority"],
        traffic=tuple(Traffic(str(e["IPProtocol"]), _ports(e.get("ports", []))) for e in entries),
        sources=tuple(doc.get("sourceRanges", [])),
        source_tags=frozenset(doc.get("sourceTags", [])),
        source_accounts=frozenset(doc.get("sourceServiceAccounts", [])),
        destinations=tuple(doc.get("destinationRanges", [])),
        target_tags=frozenset(doc.get("targetTags", [])),
        target_accounts=frozenset(doc.get("targetServiceAccounts", [])),
    )


def _check(doc: dict[str, Any] | None) -> Check | None:
    if doc is None or doc["type"] not in _CHECKS:
        return None
    kind = {"HTTP2": "HTTPS"}.get(doc["type"], doc["type"])
    return _bounded(doc, kind, doc.get(f"{_CHECKS[doc['type']]}HealthCheck") or {})


def _bounded(doc: dict[str, Any], kind: str, probe: dict[str, Any]) -> Check:
    return Check(
        kind=kind,
        port=int(probe.get("port") or 80),
        path=probe.get("requestPath") or "/",
        host=probe.get("host") or "",
        interval=doc["checkIntervalSec"],
        timeout=doc["timeoutSec"],
        healthy=doc["healthyThreshold"],
        unhealthy=doc["unhealthyThreshold"],
    )


def _service(key: str, doc: dict[str, Any], docs: dict[str, Docs], serving: dict[str, str]) -> Service:
    groups = [_key(b["group"]) for b in doc.get("backends", [])]
    urls = [u for g in groups for u in docs["groupMembers"].get(g, {"instances": []})["instances"]]
    policy = doc.get("failoverPolicy") or {}
    return Service(
        key=key,
        members=_serving(urls, serving),
        check=next((_check(docs["healthChecks"].get(_key(u))) for u in doc.get("healthChecks", [])), None),
        affinity=doc["sessionAffinity"],
        drain=float(doc["connectionDraining"]["drainingTimeoutSec"]),
        persistence=(doc.get("connectionTrackingPolicy") or {}).get(
            "connectionPersistenceOnUnhealthyBackends", "DEFAULT_FOR_PROTOCOL"
        ),
        drop_if_unhealthy=bool(policy.get("dropTrafficIfUnhealthy")),
    )


def _pool(key: str, doc: dict[str, Any], docs: dict[str, Docs], serving: dict[str, str]) -> Service:
    """A target pool, whose connections stay where they are: it has neither a drain nor a policy for who falls ill.
    https://cloud.google.com/load-balancing/docs/target-pools
    """
    checks = [docs["httpHealthChecks"][_key(url)] for url in doc.get("healthChecks", [])]
    return Service(
        key=key,
        members=_serving(doc.get("instances", []), serving),
        check=next((_bounded(check, "HTTP", check) for check in checks), None),
        affinity=doc["sessionAffinity"],
        persistence="ALWAYS_PERSIST",
    )


def _serving(urls: list[str], serving: dict[str, str]) -> tuple[str, ...]:
    return tuple(serving[_key(url)] for url in urls if _key(url) in serving)


def _rule(
    doc: dict[str, Any], docs: dict[str, Docs], services: dict[str, Service], serving: dict[str, str]
) -> Rule:
    target = _key(doc.get("target") or doc["backendService"])
    service = services.get(target)
    urls = [docs["targetInstances"][target]["instance"]] if target in docs["targetInstances"] else []
    return Rule(
        id=doc["id"],
        name=doc["name"],
        address=doc["IPAddress"],
        protocol=doc["IPProtocol"],
        target=target,
        members=service.members if service else _serving(urls, serving),
        ports=_ports(doc.get("ports") or ([doc["portRange"]] if doc.get("portRange") else [])),
        service=service,
        network=_key(doc.get("network", "")) if doc["loadBalancingScheme"] == "INTERNAL" else "",
    )
