"""What a rule may point at besides a backend service: target instances and target pools."""

from __future__ import annotations

from lab.simulator.errors import invalid
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, urls
from lab.simulator.services.compute.resources import Collection, Doc

INSTANCES = Collection(
    service="targetInstances",
    plural="targetInstances",
    scope="zones",
    param="targetInstance",
    kind="compute#targetInstance",
    noun="target_instance",
    used_by=("forwardingRules",),
    quota="TARGET_INSTANCES",
    aggregated=True,
)
POOLS = Collection(
    service="targetPools",
    plural="targetPools",
    scope="regions",
    param="targetPool",
    kind="compute#targetPool",
    noun="target_pool",
    used_by=("forwardingRules",),
    quota="TARGET_POOLS",
    aggregated=True,
)
resources.serve(INSTANCES)
resources.serve(POOLS)


@handles("compute.targetInstances.insert")
def insert_target_instance(call: Call) -> Doc:
    """The VM must exist now; later it may go without being held back (not known how Google takes it)."""
    key, doc = resources.new(call, INSTANCES, urls.require(call.body))
    instance_key, _ = urls.resolve(call, doc.get("instance"), "instances", "resource.instance")
    if instance_key.split("/")[3] != key.split("/")[3]:
        text = f"The instance must be in zone '{key.split('/')[3]}' of the target instance."
        raise invalid("resource.instance", doc["instance"], text)
    doc["instance"] = urls.link(instance_key)
    doc.setdefault("natPolicy", "NO_NAT")
    if doc.get("network"):
        network_key, _ = urls.resolve(call, doc["network"], "networks", "resource.network")
        doc["network"] = urls.link(network_key)
    return resources.created(call, INSTANCES, key, doc)


def _pool_instances(call: Call, key: str, given: list[str], field: str) -> list[str]:
    """Instances need not exist."""
    found = []
    for i, url in enumerate(given):
        path = urls.relative(call, url)
        if "/instances/" not in path or urls.region_of(path) != urls.region_of(key):
            raise invalid(f"{field}[{i}]", url, "The URL is malformed or names another region.")
        found.append(urls.link(path))
    return found


def _health_checks(call: Call, given: list[str]) -> list[str]:
    """At most one, and a legacy one, which has to exist: TargetPool in Google's discovery document."""
    if len(given) > 1:
        raise invalid("resource.healthChecks", len(given), "A target pool takes at most one health check.")
    return [
        urls.link(urls.resolve(call, url, "httpHealthChecks", f"resource.healthChecks[{index}]")[0])
        for index, url in enumerate(given)
    ]


@handles("compute.targetPools.insert")
def insert_target_pool(call: Call) -> Doc:
    key, doc = resources.new(call, POOLS, urls.require(call.body))
    doc.setdefault("sessionAffinity", "NONE")
    instances = _pool_instances(call, key, doc.pop("instances", None) or [], "resource.instances")
    if instances:
        doc["instances"] = instances
    if checks := _health_checks(call, doc.pop("healthChecks", None) or []):
        doc["healthChecks"] = checks
    return resources.created(call, POOLS, key, doc)


@handles("compute.targetPools.addInstance")
def add_instance(call: Call) -> Doc:
    key, doc = resources.existing(call, POOLS)
    given = [str(e.get("instance")) for e in urls.require(call.body).get("instances") or []]
    current = doc.get("instances", [])
    new = _pool_instances(call, key, given, "resource.instances")
    doc["instances"] = current + [u for u in new if u not in current]
    return resources.saved(call, POOLS, key, doc, "addInstance")


@handles("compute.targetPools.removeInstance")
def remove_instance(call: Call) -> Doc:
    key, doc = resources.existing(call, POOLS)
    given = [str(e.get("instance")) for e in urls.require(call.body).get("instances") or []]
    gone = _pool_instances(call, key, given, "resource.instances")
    doc["instances"] = [u for u in doc.get("instances", []) if u not in gone]
    if not doc["instances"]:
        del doc["instances"]
    return resources.saved(call, POOLS, key, doc, "removeInstance")


@handles("compute.targetPools.getHealth")
def get_health(call: Call) -> Doc:
    key, doc = resources.existing(call, POOLS, settled=False)
    url = urls.link(urls.relative(call, str(urls.require(call.body).get("instance"))))
    if url not in doc.get("instances", []):
        raise invalid("resource.instance", url, "The instance isn't in the target pool.")
    instance = call.store.get("instances", url.split("/v1/", 1)[1])
    serves = instance is not None and instance["status"] == "RUNNING"
    if instance is not None and doc.get("healthChecks"):
        serves = serves and call.lab.health_source(instance, key) == "HEALTHY"
    rules = [r for _, r in call.store.list("forwardingRules") if r.get("target") == urls.link(key)]
    rows = [
        {"instance": url, "ipAddress": r["IPAddress"], "healthState": "HEALTHY" if serves else "UNHEALTHY"}
        for r in rules
    ]
    reply: Doc = {"kind": "compute#targetPoolInstanceHealth"}
    return reply | ({"healthStatus": rows} if rows else {})
