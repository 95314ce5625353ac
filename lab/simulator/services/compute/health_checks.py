"""Health checks, regional and global."""

from __future__ import annotations

from lab.simulator.errors import check_between, invalid, not_simulated
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, urls
from lab.simulator.services.compute.resources import Collection, Doc

REGIONAL = Collection(
    service="regionHealthChecks",
    scope="regions",
    plural="healthChecks",
    param="healthCheck",
    kind="compute#healthCheck",
    noun="health_check",
    used_by=("backendServices", "targetPools"),
    quota="HEALTH_CHECKS",
)
GLOBAL = Collection(
    service="healthChecks",
    scope="global",
    plural="healthChecks",
    param="healthCheck",
    kind="compute#healthCheck",
    noun="health_check",
    used_by=("backendServices", "targetPools"),
    quota="HEALTH_CHECKS",
)
resources.serve(REGIONAL)
resources.serve(GLOBAL)
_PROTOCOLS = {
    "TCP": ("tcpHealthCheck", 80),
    "SSL": ("sslHealthCheck", 443),
    "HTTP": ("httpHealthCheck", 80),
    "HTTPS": ("httpsHealthCheck", 443),
    "HTTP2": ("http2HealthCheck", 443),
    "GRPC": ("grpcHealthCheck", 0),
    "GRPC_WITH_TLS": ("grpcTlsHealthCheck", 0),
}


def check_bounds(doc: Doc) -> None:
    """Raises ApiError. Legacy checks have the same bounds."""
    for name, high in (
        ("checkIntervalSec", 300),
        ("timeoutSec", 300),
        ("healthyThreshold", 10),
        ("unhealthyThreshold", 10),
    ):
        check_between(f"resource.{name}", doc[name], 1, high)


def check_timeout(doc: Doc) -> None:
    if doc["timeoutSec"] > doc["checkIntervalSec"]:
        text = "Timeout must not be greater than the check interval."
        raise invalid("resource.timeoutSec", doc["timeoutSec"], text)


def _completed(doc: Doc) -> Doc:
    kind = doc.get("type")
    if kind not in _PROTOCOLS:
        raise invalid("resource.type", kind, f"Must be one of {', '.join(_PROTOCOLS)}.")
    field, port = _PROTOCOLS[kind]
    for name, _ in _PROTOCOLS.values():
        if name != field and doc.get(name):
            raise invalid(f"resource.{name}", "", f"Not allowed in a health check of type {kind}.")
    probe = dict(doc.get(field) or {})
    if not probe.get("port") and not probe.get("portName") and port and not probe.get("portSpecification"):
        probe["port"] = port
    check_between(f"resource.{field}.port", int(probe.get("port") or 1), 1, 65535)
    if not kind.startswith("GRPC"):
        probe.setdefault("proxyHeader", "NONE")
    if "HTTP" in kind and not str(probe.setdefault("requestPath", "/")).startswith("/"):
        raise invalid(f"resource.{field}.requestPath", probe["requestPath"], "Must begin with a slash.")
    if probe.get("portSpecification") == "USE_NAMED_PORT" and not probe.get("portName"):
        raise invalid(f"resource.{field}.portName", "", "Must be given with USE_NAMED_PORT.")
    if probe.get("portSpecification") == "USE_SERVING_PORT" and (probe.get("port") or probe.get("portName")):
        raise invalid(
            f"resource.{field}.portSpecification", "USE_SERVING_PORT", "Takes neither port nor portName."
        )
    doc[field] = probe
    for name, default in (
        ("checkIntervalSec", 5),
        ("timeoutSec", 5),
        ("healthyThreshold", 2),
        ("unhealthyThreshold", 2),
    ):
        doc[name] = doc.get(name) or default
    check_timeout(doc)
    check_bounds(doc)
    if doc.get("sourceRegions"):
        raise not_simulated("sourceRegions")
    return doc


@handles("compute.regionHealthChecks.insert")
def insert(call: Call) -> Doc:
    key, doc = resources.new(call, REGIONAL, urls.require(call.body))
    return resources.created(call, REGIONAL, key, _completed(doc))


@handles("compute.healthChecks.insert")
def insert_global(call: Call) -> Doc:
    key, doc = resources.new(call, GLOBAL, urls.require(call.body))
    return resources.created(call, GLOBAL, key, _completed(doc))


@handles(*(f"compute.{s}.{m}" for s in ("healthChecks", "regionHealthChecks") for m in ("update", "patch")))
def change(call: Call) -> Doc:
    collection = REGIONAL if ".region" in call.method_id else GLOBAL
    key, doc = resources.existing(call, collection)
    kind = call.method_id.rsplit(".", 1)[-1]
    server = ("kind", "id", "creationTimestamp", "selfLink", "name", "region")
    body = {k: v for k, v in urls.require(call.body).items() if k not in server}
    if kind == "update":
        changed = {k: doc[k] for k in server if k in doc} | {k: v for k, v in body.items() if v is not None}
    else:
        changed = resources.merge(doc, body)
        if body.get("type") and body["type"] != doc["type"]:
            changed.pop(_PROTOCOLS[doc["type"]][0], None)
    return resources.saved(call, collection, key, _completed(changed), kind)
