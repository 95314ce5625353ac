"""Legacy HTTP health checks, which target pools alone still take:
https://cloud.google.com/load-balancing/docs/health-checks-overview#legacy-health-checks. Defaults are those that Google's
discovery document says (`HttpHealthCheck`).
"""

from __future__ import annotations

from lab.simulator.errors import check_between, invalid
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import health_checks, resources, urls
from lab.simulator.services.compute.resources import Collection, Doc

CHECKS = Collection(
    service="httpHealthChecks",
    scope="global",
    plural="httpHealthChecks",
    param="httpHealthCheck",
    kind="compute#httpHealthCheck",
    noun="http_health_check",
    used_by=("targetPools",),
    quota="HEALTH_CHECKS",
)
resources.serve(CHECKS)

_DEFAULTS = {
    "port": 80,
    "requestPath": "/",
    "checkIntervalSec": 5,
    "timeoutSec": 5,
    "healthyThreshold": 2,
    "unhealthyThreshold": 2,
}
_SERVER = ("kind", "id", "creationTimestamp", "selfLink", "name")


def _completed(doc: Doc) -> Doc:
    doc = doc | {name: doc.get(name) or default for name, default in _DEFAULTS.items()}
    check_between("resource.port", doc["port"], 1, 65535)
    health_checks.check_bounds(doc)
    if not str(doc["requestPath"]).startswith("/"):
        raise invalid("resource.requestPath", doc["requestPath"], "Must begin with a slash.")
    health_checks.check_timeout(doc)
    return doc


@handles("compute.httpHealthChecks.insert")
def insert(call: Call) -> Doc:
    key, doc = resources.new(call, CHECKS, urls.require(call.body))
    return resources.created(call, CHECKS, key, _completed(doc))


@handles("compute.httpHealthChecks.update", "compute.httpHealthChecks.patch")
def change(call: Call) -> Doc:
    """An update replaces all, a patch what it names."""
    key, doc = resources.existing(call, CHECKS)
    kind = call.method_id.rsplit(".", 1)[-1]
    body = {name: value for name, value in urls.require(call.body).items() if name not in _SERVER}
    kept = {name: doc[name] for name in _SERVER}
    changed = resources.merge(doc, body) if kind == "patch" else kept | resources.without_nulls(body)
    return resources.saved(call, CHECKS, key, _completed(changed), kind)
