"""Regional instance templates: what VMs are made of. They never change; what is made of one holds it."""

from __future__ import annotations

from typing import Any

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import ApiError, in_use, invalid, required
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import (
    catalog,
    images,
    instances,
    managed_by,
    metadata,
    nics,
    resources,
    urls,
)
from lab.simulator.services.compute.resources import Collection, Doc
from lab.simulator.store import Store

TEMPLATES = Collection(
    service="regionInstanceTemplates",
    plural="instanceTemplates",
    scope="regions",
    param="instanceTemplate",
    kind="compute#instanceTemplate",
    noun="instance_template",
)
resources.serve(TEMPLATES, own_delete=True)
_AT = "resource.properties"


@handles("compute.instanceTemplates.aggregatedList")
def aggregated(call: Call) -> Doc:
    return resources.aggregate(call, TEMPLATES.plural, TEMPLATES.kind, TEMPLATES.read(call.store))


@handles("compute.regionInstanceTemplates.insert")
def insert(call: Call) -> Doc:
    """Networks, images and the type must be there; a service account is looked for when a VM is made."""
    body = urls.require(call.body)
    if body.get("sourceInstance") or body.get("sourceInstanceParams"):
        raise ApiError(501, "notImplemented", "The simulator makes no templates of instances.")
    if not body.get("properties"):
        raise required(_AT)
    key, doc = resources.new(call, TEMPLATES, body)
    given = {name: value for name, value in doc["properties"].items() if value is not None}
    machine = _machine_type(given.get("machineType"))
    doc["properties"] = given | {
        "machineType": machine,
        "disks": [_disk(call, disk, i) for i, disk in enumerate(given.get("disks") or [])],
        "networkInterfaces": _interfaces(call, given.get("networkInterfaces") or [], urls.region_of(key)),
        "metadata": metadata.checked(given.get("metadata"), f"{_AT}.metadata"),
        "scheduling": instances.scheduling(given.get("scheduling"), machine, f"{_AT}.scheduling"),
    }
    if (given.get("tags") or {}).get("items"):
        doc["properties"]["tags"] = instances.tags(given["tags"])
    resources.check_labels(given.get("labels"), f"{_AT}.labels")
    return resources.created(call, TEMPLATES, key, doc)


def _machine_type(name: Any) -> str:
    field = f"{_AT}.machineType"
    if not name:
        raise required(field)
    if catalog.machine_sizes(str(name)) is None:
        text = f"Machine type specified in 'instanceProperties.machineType' must be a name of one: '{name}' is none."
        raise invalid(field, name, text)
    return str(name)


def _disk(call: Call, given: Doc, i: int) -> Doc:
    params = dict(given.get("initializeParams") or {})
    if params.get("sourceImage"):
        found = images.resolve(call, params["sourceImage"], f"{_AT}.disks[{i}].initializeParams.sourceImage")
        if "/family/" not in params["sourceImage"]:
            params["sourceImage"] = found["selfLink"]
    defaults: Doc = {"type": "PERSISTENT", "mode": "READ_WRITE", "deviceName": f"persistent-disk-{i}"}
    disk: Doc = defaults | {name: value for name, value in given.items() if value not in (None, "")}
    disk |= {"kind": "compute#attachedDisk", "index": i, "boot": bool(given.get("boot") or i == 0)}
    disk["autoDelete"] = bool(given.get("autoDelete"))
    if params:
        disk["initializeParams"] = params
    return disk


def _interfaces(call: Call, given: list[Doc], region: str) -> list[Doc]:
    built = []
    for i, raw in enumerate(given):
        subnetwork = nics.chosen_subnetwork(call, raw, region, f"{_AT}.networkInterfaces[{i}]")
        nic: Doc = {name: value for name, value in raw.items() if value not in (None, "", [])}
        nic |= {"kind": "compute#networkInterface", "name": f"nic{i}"}
        nic |= {"network": subnetwork["network"], "subnetwork": subnetwork["selfLink"]}
        if configs := nic.get("accessConfigs"):
            defaults = {"kind": "compute#accessConfig", "type": "ONE_TO_ONE_NAT", "name": "External NAT"}
            nic["accessConfigs"] = [
                defaults | {k: v for k, v in c.items() if v not in (None, "")} for c in configs
            ]
        built.append(nic)
    return built


@handles("compute.regionInstanceTemplates.delete")
def delete(call: Call) -> Doc:
    """What is in use stays, as the operation's error says (https://github.com/pulumi/pulumi-gcp/issues/680)."""
    key, doc = resources.existing(call, TEMPLATES)
    if user := _user(call.store, key):
        return operations.failed(call, key, "delete", in_use(TEMPLATES.noun, key, user))
    args = {"kind": TEMPLATES.plural, "scope": TEMPLATES.scope, "key": key}
    return operations.start(call, key, "delete", "delete", args, target_id=doc["id"])


def _user(store: Store, key: str) -> str | None:
    """The managed group that makes VMs of the template, or has one of it still."""
    if group := urls.referrer(store, key, ("instanceGroupManagers",)):
        return group
    return next((m["group"] for _, m in store.list("managedInstances") if m["template"] == key), None)


def instance(lab: Lab, key: str, name: str, zone: str, group: str) -> Doc:
    """The body with which a managed group makes a VM of the template `key`. Raises ApiError if that is gone."""
    template = lab.store.get(TEMPLATES.plural, key)
    if template is None:
        raise ApiError(404, "notFound", f"The resource '{key}' was not found")
    properties = {name: value for name, value in template["properties"].items() if name != "resourcePolicies"}
    own = [
        {"key": managed_by.INSTANCE_TEMPLATE, "value": managed_by.numbered(lab, key)},
        {"key": managed_by.CREATED_BY, "value": managed_by.numbered(lab, group)},
    ]
    region = urls.region_of(key)
    if policies := template["properties"].get("resourcePolicies"):
        properties["resourcePolicies"] = [f"regions/{region}/resourcePolicies/{p}" for p in policies]
    return properties | {
        "name": name,
        "machineType": f"zones/{zone}/machineTypes/{properties['machineType']}",
        "metadata": {"items": [*properties["metadata"].get("items", []), *own]},
    }
