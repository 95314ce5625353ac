"""Zonal instance groups. A VM is in at most one load-balanced group; membership dies with the VM.

A group that a manager owns has its name, and none but the manager gives it members.
"""

from __future__ import annotations

from lab.simulator.context import Lab
from lab.simulator.errors import ApiError, invalid
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import filters, resources, urls
from lab.simulator.services.compute.resources import Collection, Doc
from lab.simulator.store import Store


def _deleted(lab: Lab, key: str, _doc: Doc) -> None:
    lab.store.delete("groupMembers", key)


GROUPS = Collection(
    service="instanceGroups",
    plural="instanceGroups",
    scope="zones",
    param="instanceGroup",
    kind="compute#instanceGroup",
    noun="instance_group",
    used_by=("backendServices", "instanceGroupManagers"),
    aggregated=True,
    deleted=_deleted,
)
resources.serve(GROUPS)


def members(store: Store, key: str) -> list[str]:
    """URLs of the instances in a group."""
    return list((store.get("groupMembers", key) or {"instances": []})["instances"])


def _save(call: Call, key: str, doc: Doc, kind: str) -> Doc:
    instances = members(call.store, key)
    doc["size"] = len(instances)
    doc["fingerprint"] = resources.fingerprint(doc.get("namedPorts"))
    return resources.saved(call, GROUPS, key, doc, kind)


def join(store: Store, key: str, instance: str) -> None:
    """A manager's new instance, both by key."""
    _set_members(
        store, key, [*(u for u in members(store, key) if u != urls.link(instance)), urls.link(instance)]
    )


def leave(store: Store, instance: str) -> None:
    """An instance is in no group any more."""
    url = urls.link(instance)
    for key, doc in store.list("groupMembers"):
        if url in doc["instances"]:
            _set_members(store, key, [each for each in doc["instances"] if each != url])


def _set_members(store: Store, key: str, instances: list[str]) -> None:
    store.put("groupMembers", key, {"instances": instances})
    if group := store.get("instanceGroups", key):
        store.put("instanceGroups", key, group | {"size": len(instances)})


def make(call: Call, fields: Doc) -> tuple[str, Doc]:
    """Key and document of a new group, stored, without members."""
    key, doc = resources.new(call, GROUPS, fields)
    if doc.get("network"):
        network_key, _ = urls.resolve(call, doc["network"], "networks", "resource.network")
        doc["network"] = urls.link(network_key)
    for derived in ("subnetwork", "size", "fingerprint"):
        doc.pop(derived, None)
    if not doc.get("namedPorts"):
        doc.pop("namedPorts", None)
    doc |= {"size": 0, "fingerprint": resources.fingerprint(doc.get("namedPorts"))}
    call.store.put("groupMembers", key, {"instances": []})
    call.store.put("instanceGroups", key, doc)
    return key, doc


@handles("compute.instanceGroups.insert")
def insert(call: Call) -> Doc:
    return resources.created(call, GROUPS, *make(call, urls.require(call.body)))


def load_balanced(store: Store, group_url: str) -> bool:
    return any(
        backend["group"] == group_url
        for _, service in store.list("backendServices")
        for backend in service.get("backends", [])
    )


def check_single_balancing(store: Store, group_key: str, instance_urls: list[str]) -> None:
    """Refused when one of the instances is in another load-balanced group (text: ingress-gce's issues)."""
    for other, doc in store.list("groupMembers"):
        if other == group_key or not load_balanced(store, urls.link(other)):
            continue
        for url in instance_urls:
            if url in doc["instances"]:
                name = url.split("/v1/", 1)[1]
                text = f"Validation failed for instance '{name}': instance may belong to at most one "
                raise ApiError(
                    400, "instanceInMultipleLoadBalancedIgs", text + "load-balanced instance group."
                )


def _check_unmanaged(store: Store, key: str) -> None:
    """Google's text isn't known."""
    manager = key.replace("/instanceGroups/", "/instanceGroupManagers/")
    if store.get("instanceGroupManagers", manager) is not None:
        text = f"Instances of '{key}' are managed by '{manager}' and can't be added or removed by hand."
        raise ApiError(400, "invalid", text)


@handles("compute.instanceGroups.addInstances")
def add_instances(call: Call) -> Doc:
    key, doc = resources.existing(call, GROUPS)
    _check_unmanaged(call.store, key)
    current = members(call.store, key)
    for i, entry in enumerate(urls.require(call.body).get("instances") or []):
        field = f"resource.instances[{i}].instance"
        instance_key, instance = urls.resolve(
            call, entry.get("instance"), "instances", field, missing="notFound"
        )
        url = urls.link(instance_key)
        if instance_key.split("/")[3] != key.split("/")[3]:
            zone = key.split("/")[3]
            raise invalid(
                field, entry.get("instance"), f"The instance must be in zone '{zone}' of the instance group."
            )
        if url in current:
            text = f"Resource '{instance_key}' is already a member of '{key}'."
            raise ApiError(400, "memberAlreadyExists", text)
        nic = instance["networkInterfaces"][0]
        if doc.get("network") and doc["network"] != nic["network"]:
            text = "The instance's first network interface isn't in the network of the instance group."
            raise invalid(field, entry.get("instance"), text)
        if load_balanced(call.store, urls.link(key)):
            check_single_balancing(call.store, key, [url])
        doc["network"] = nic["network"]
        doc.setdefault("subnetwork", nic["subnetwork"])
        current.append(url)
    call.store.put("groupMembers", key, {"instances": current})
    return _save(call, key, doc, "compute.instanceGroups.addInstances")


@handles("compute.instanceGroups.removeInstances")
def remove_instances(call: Call) -> Doc:
    key, doc = resources.existing(call, GROUPS)
    _check_unmanaged(call.store, key)
    current = members(call.store, key)
    for entry in urls.require(call.body).get("instances") or []:
        instance_key = urls.relative(call, str(entry.get("instance")))
        if urls.link(instance_key) not in current:
            if call.store.get("instances", instance_key) is None:
                # The provider takes 404, and nothing else, for gone already, and a VM's deletion took its membership along.
                raise ApiError(404, "notFound", f"The resource '{instance_key}' was not found")
            text = f"Resource '{instance_key}' is not a member of '{key}'."
            raise ApiError(400, "memberNotFound", text)
        current.remove(urls.link(instance_key))
    call.store.put("groupMembers", key, {"instances": current})
    return _save(call, key, doc, "compute.instanceGroups.removeInstances")


@handles("compute.instanceGroups.setNamedPorts")
def set_named_ports(call: Call) -> Doc:
    key, doc = resources.existing(call, GROUPS)
    body = urls.require(call.body)
    if body.get("fingerprint"):
        resources.check_fingerprint(body["fingerprint"], doc["fingerprint"])
    doc.pop("namedPorts", None)
    if body.get("namedPorts"):
        doc["namedPorts"] = body["namedPorts"]
    return _save(call, key, doc, "compute.instanceGroups.setNamedPorts")


@handles("compute.instanceGroups.listInstances")
def list_instances(call: Call) -> Doc:
    key, doc = resources.existing(call, GROUPS, settled=False)
    only_running = (call.body or {}).get("instanceState") == "RUNNING"
    items = []
    for url in members(call.store, key):
        instance = call.store.get("instances", url.split("/v1/", 1)[1])
        status = instance["status"] if instance else "TERMINATED"
        if not only_running or status == "RUNNING":
            entry: Doc = {"instance": url, "status": status}
            if doc.get("namedPorts"):
                entry["namedPorts"] = doc["namedPorts"]
            items.append(entry)
    chosen, _ = filters.page(items, call.params)
    link = urls.link(f"{key}/listInstances")
    reply: Doc = {
        "kind": "compute#instanceGroupsListInstances",
        "id": f"{key}/listInstances",
        "selfLink": link,
    }
    return reply | ({"items": chosen} if chosen else {})
