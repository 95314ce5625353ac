"""Regional backend services of passthrough load balancers."""

from __future__ import annotations

from datetime import datetime

from lab.simulator.errors import ApiError, check_between, invalid, not_simulated
from lab.simulator.quotas import Quotas
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import instance_groups, resources, urls
from lab.simulator.services.compute.resources import Collection, Doc

SERVICES = Collection(
    service="regionBackendServices",
    plural="backendServices",
    scope="regions",
    param="backendService",
    kind="compute#backendService",
    noun="backend_service",
    used_by=("forwardingRules",),
    list_kind="compute#backendServiceList",
)
resources.serve(SERVICES)
FIRST_PROBES_SECONDS = 2.0
"""Google says nothing of a new backend at first, for its controllers take that for unknown (kubernetes/ingress-gce#554 and
#1398). There it may last a minute.
"""
_MANAGED_ONLY = ("maxRate", "maxRatePerInstance", "maxUtilization", "maxRatePerEndpoint")
_AFFINITIES = ("NONE", "CLIENT_IP", "CLIENT_IP_PROTO", "CLIENT_IP_PORT_PROTO", "CLIENT_IP_NO_DESTINATION")


def _backends(call: Call, key: str, doc: Doc) -> list[Doc]:
    scheme = doc["loadBalancingScheme"]
    built: list[Doc] = []
    for i, raw in enumerate(doc.get("backends") or []):
        field, backend = f"resource.backends[{i}]", dict(raw)
        group_key, _ = urls.resolve(
            call, backend.get("group"), ("instanceGroups", "networkEndpointGroups"), f"{field}.group"
        )
        if urls.region_of(group_key) != urls.region_of(key):
            text = f"The group must be in region '{urls.region_of(key)}'."
            raise invalid(f"{field}.group", backend["group"], text)
        backend["group"] = urls.link(group_key)
        if any(b["group"] == backend["group"] for b in built):
            raise invalid(
                f"{field}.group", backend["group"], "The group is already a backend of this service."
            )
        backend.setdefault("balancingMode", "CONNECTION")
        if backend["balancingMode"] != "CONNECTION":
            text = f"Balancing mode must be CONNECTION for an {scheme} backend service."
            raise invalid(f"{field}.balancingMode", backend["balancingMode"], text)
        for name in _MANAGED_ONLY:
            if backend.get(name):
                raise invalid(
                    f"{field}.{name}", backend[name], f"Not allowed for an {scheme} backend service."
                )
        built.append(backend)
        members = instance_groups.members(call.store, group_key)
        for other in built[:-1]:
            shared = set(members) & set(
                instance_groups.members(call.store, other["group"].split("/v1/", 1)[1])
            )
            if shared:
                raise invalid(
                    f"{field}.group", backend["group"], "Groups of a service must not share instances."
                )
        instance_groups.check_single_balancing(call.store, group_key, members)
    return built


_NOT_SIMULATED = ("haPolicy", "iap", "networkPassThroughLbTrafficPolicy", "subsetting")
"""What would decide who gets a packet, and doesn't here."""
_SPANS: tuple[tuple[str, str, float, float], ...] = (
    ("connectionDraining", "drainingTimeoutSec", 0, 3600),
    ("connectionTrackingPolicy", "idleTimeoutSec", 60, 57600),
    ("failoverPolicy", "failoverRatio", 0, 1),
    ("logConfig", "sampleRate", 0, 1),
)
"""Object, field, least and most (https://docs.cloud.google.com/compute/docs/reference/rest/v1/regionBackendServices)."""


def _check_values(doc: Doc) -> None:
    for name, field, low, high in _SPANS:
        given = (doc.get(name) or {}).get(field)
        if given is not None:
            check_between(f"resource.{name}.{field}", given, low, high)
    check_between("resource.timeoutSec", int(doc.get("timeoutSec") or 1), 1, 2_147_483_647)


def _may_do_without_check(doc: Doc) -> bool:
    """An EXTERNAL service without backends, as in TestAccComputeForwardingRule_forwardingRuleRegionalSteeringExample."""
    return doc["loadBalancingScheme"] == "EXTERNAL" and not doc.get("backends")


def _health_check(call: Call, url: str, scheme: str) -> str:
    check_key, _ = urls.resolve(call, url, "healthChecks", "resource.healthChecks[0]")
    if scheme == "EXTERNAL" and "/global/" in check_key:
        raise invalid("resource.healthChecks[0]", url, "The health check must be regional.")
    return urls.link(check_key)


def _completed(call: Call, key: str, doc: Doc) -> Doc:
    doc.setdefault("loadBalancingScheme", "EXTERNAL")
    if doc["loadBalancingScheme"] not in ("EXTERNAL", "INTERNAL"):
        raise not_simulated(f"the scheme {doc['loadBalancingScheme']}")
    for name in _NOT_SIMULATED:
        if doc.get(name):
            raise not_simulated(f"resource.{name}")
    doc.setdefault("protocol", "TCP")
    if doc["protocol"] not in ("TCP", "UDP", "UNSPECIFIED"):
        text = f"Not allowed for an {doc['loadBalancingScheme']} regional backend service."
        raise invalid("resource.protocol", doc["protocol"], text)
    _check_values(doc)
    checks = doc.get("healthChecks") or []
    if len(checks) > 1 or (not checks and not _may_do_without_check(doc)):
        raise invalid("resource.healthChecks", len(checks), "Exactly one health check must be specified.")
    doc["healthChecks"] = [_health_check(call, check, doc["loadBalancingScheme"]) for check in checks]
    if not checks:
        del doc["healthChecks"]
    doc.setdefault("sessionAffinity", "NONE")
    if doc["sessionAffinity"] not in _AFFINITIES:
        raise invalid("resource.sessionAffinity", doc["sessionAffinity"], "Not allowed for this scheme.")
    doc.setdefault("timeoutSec", 30)
    doc["connectionDraining"] = {"drainingTimeoutSec": 0} | (doc.get("connectionDraining") or {})
    backends = _backends(call, key, doc)
    doc.pop("backends", None)
    if backends:
        doc["backends"] = backends
    if doc.get("network"):
        if doc["loadBalancingScheme"] != "INTERNAL":
            text = "Only allowed for an INTERNAL backend service."
            raise invalid("resource.network", doc["network"], text)
        network_key, _ = urls.resolve(call, doc["network"], "networks", "resource.network")
        doc["network"] = urls.link(network_key)
    doc.pop("usedBy", None)
    doc["fingerprint"] = resources.fingerprint({k: v for k, v in doc.items() if k != "fingerprint"})
    return doc


@handles("compute.regionBackendServices.insert")
def insert(call: Call) -> Doc:
    key, doc = resources.new(call, SERVICES, urls.require(call.body))
    doc = _completed(call, key, doc)
    if doc["loadBalancingScheme"] == "INTERNAL":
        region = key.rsplit("/", 1)[0] + "/"
        held = [
            s for _, s in call.store.list("backendServices", region) if s["loadBalancingScheme"] == "INTERNAL"
        ]
        where = f"in region {urls.region_of(key)}"
        Quotas(call.store).check("REGIONAL_INTERNAL_LB_BACKEND_SERVICES", len(held) + 1, where)
    return resources.created(call, SERVICES, key, doc)


@handles("compute.regionBackendServices.update", "compute.regionBackendServices.patch")
def change(call: Call) -> Doc:
    key, doc = resources.existing(call, SERVICES)
    body = urls.require(call.body)
    kind = call.method_id.rsplit(".", 1)[-1]
    if kind == "update" and not body.get("fingerprint"):
        raise ApiError(400, "required", "Required field 'resource.fingerprint' not specified")
    if body.get("fingerprint"):
        resources.check_fingerprint(body["fingerprint"], doc["fingerprint"])
    server = ("kind", "id", "creationTimestamp", "selfLink", "name", "region")
    given = {k: v for k, v in body.items() if k not in server}
    if kind == "update":
        changed = {k: doc[k] for k in server} | {k: v for k, v in given.items() if v is not None}
    else:
        changed = resources.merge(doc, given)
    changed.setdefault("loadBalancingScheme", doc["loadBalancingScheme"])
    if changed["loadBalancingScheme"] != doc["loadBalancingScheme"]:
        raise invalid("resource.loadBalancingScheme", changed["loadBalancingScheme"], "Can't be changed.")
    return resources.saved(call, SERVICES, key, _completed(call, key, changed), kind)


def _port(rule: Doc) -> int:
    first: str = rule.get("portRange") or next(iter(rule.get("ports") or ()), "80")
    return int(first.partition("-")[0])


def _probed(call: Call, *made: Doc) -> bool:
    """Whether all of these have stood for long enough to be asked."""
    youngest = max(datetime.fromisoformat(doc["creationTimestamp"]).timestamp() for doc in made)
    return call.clock.time() - youngest >= FIRST_PROBES_SECONDS


@handles("compute.regionBackendServices.getHealth")
def get_health(call: Call) -> Doc:
    """Returns a row per instance of the group and per rule; none without a rule, for probes go to its address, and none
    before the first of them have come back.
    """
    key, doc = resources.existing(call, SERVICES, settled=False)
    group_key = urls.relative(call, str(urls.require(call.body).get("group")))
    if not any(b["group"] == urls.link(group_key) for b in doc.get("backends", [])):
        text = f"The group isn't a backend of '{key}'."
        raise invalid("resource.group", urls.require(call.body).get("group"), text)
    rules = [
        (k, r) for k, r in call.store.list("forwardingRules") if r.get("backendService") == urls.link(key)
    ]
    rows = []
    for url in instance_groups.members(call.store, group_key):
        instance = call.store.get("instances", url.split("/v1/", 1)[1])
        if instance is None:
            continue
        probed = [(k, r) for k, r in rules if _probed(call, instance, r)]
        serves = instance["status"] == "RUNNING" and call.lab.health_source(instance, key) == "HEALTHY"
        rows += [
            {
                "instance": url,
                "ipAddress": instance["networkInterfaces"][0]["networkIP"],
                "port": _port(rule),
                "healthState": "HEALTHY" if serves else "UNHEALTHY",
                "forwardingRule": urls.link(rule_key),
                "forwardingRuleIp": rule["IPAddress"],
            }
            for rule_key, rule in probed
        ]
    reply: Doc = {"kind": "compute#backendServiceGroupHealth"}
    return reply | ({"healthStatus": rows} if rows else {})
