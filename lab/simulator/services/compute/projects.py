"""The project itself, and its common metadata."""

from __future__ import annotations

from lab.simulator import operations
from lab.simulator.quotas import Quotas
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import metadata, urls
from lab.simulator.services.compute.resources import Doc


def read(call: Call) -> Doc:
    project = call.lab.project
    doc = call.store.get("projects", f"projects/{project}")
    if doc is None:
        doc = {
            "kind": "compute#project",
            "id": call.lab.number,
            "creationTimestamp": "2026-01-01T00:00:00.000-08:00",
            "name": project,
            "commonInstanceMetadata": metadata.checked(None),
            "defaultServiceAccount": f"{call.lab.number}-compute@developer.gserviceaccount.com",
            "defaultNetworkTier": "PREMIUM",
            "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS",
            "selfLink": urls.link(f"projects/{project}"),
        }
    limits = Quotas(call.store).limits()
    return doc | {"quotas": [{"metric": m, "limit": v, "usage": 0.0} for m, v in limits.items()]}


@handles("compute.projects.get")
def get(call: Call) -> Doc:
    urls.project(call)
    return read(call)


@handles("compute.projects.setCommonInstanceMetadata")
def set_common_instance_metadata(call: Call) -> Doc:
    key = f"projects/{urls.project(call)}"
    doc = read(call)
    given = urls.require(call.body)
    doc["commonInstanceMetadata"] = metadata.replaced(doc["commonInstanceMetadata"], given, "metadata")
    call.store.put("projects", key, {k: v for k, v in doc.items() if k != "quotas"})
    return operations.start(call, key, "compute.projects.setCommonInstanceMetadata", target_id=doc["id"])


@handles("compute.projects.getXpnHost")
def get_xpn_host(call: Call) -> Doc:
    urls.project(call)
    return {}
