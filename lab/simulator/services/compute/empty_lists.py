"""Collections that hold nothing here, but that gcloud lists on its way to others; and all backend services."""

from __future__ import annotations

from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, urls
from lab.simulator.services.compute.resources import Doc

_EMPTY = {
    "regionInstanceGroupManagers": ("regions", "compute#regionInstanceGroupManager"),
    "regionInstanceGroups": ("regions", "compute#regionInstanceGroup"),
    "globalForwardingRules": ("global", "compute#forwardingRule"),
    "backendServices": ("global", "compute#backendService"),
    "regionDisks": ("regions", "compute#disk"),
    "instanceTemplates": ("global", "compute#instanceTemplate"),
    "networkEndpointGroups": ("zones", "compute#networkEndpointGroup"),
}


@handles(*(f"compute.{service}.list" for service in _EMPTY))
def nothing(call: Call) -> Doc:
    service = call.method_id.split(".")[1]
    scope, kind = _EMPTY[service]
    return resources.listing(call, f"{kind}List", urls.link(f"{urls.container(call, scope)}/{service}"), [])


@handles("compute.networkEndpointGroups.aggregatedList")
def nothing_anywhere(call: Call) -> Doc:
    service = call.method_id.split(".")[1]
    return resources.aggregate(call, service, _EMPTY[service][1], [])


@handles("compute.backendServices.aggregatedList")
def backend_services(call: Call) -> Doc:
    found = [d for _, d in call.store.list("backendServices")]
    return resources.aggregate(call, "backendServices", "compute#backendService", found)


@handles("compute.healthChecks.aggregatedList")
def health_checks(call: Call) -> Doc:
    found = [d for _, d in call.store.list("healthChecks")]
    return resources.aggregate(
        call, "healthChecks", "compute#healthCheck", found, list_kind="compute#healthChecksAggregatedList"
    )
