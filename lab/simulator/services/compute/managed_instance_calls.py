"""Instances of a managed group by name: listed, made, deleted, let go. The texts of refusals aren't known."""

from __future__ import annotations

import sys

from lab.simulator.errors import ApiError, already_exists, bad_request, invalid, required
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import filters, instance_groups, managed_instances, resources, urls
from lab.simulator.services.compute.instance_group_managers import MANAGERS, grow, saved, shrink
from lab.simulator.services.compute.resources import Doc

_MOST = 1000


@handles("compute.instanceGroupManagers.listManagedInstances")
def list_managed_instances(call: Call) -> Doc:
    """In one page, whatever is asked for, unless the group says PAGINATED."""
    key, doc = resources.existing(call, MANAGERS, settled=False)
    found = [
        managed_instances.shown(call.store, member) for _, member in managed_instances.of(call.store, key)
    ]
    params = dict(call.params)
    if doc["listManagedInstancesResults"] == "PAGELESS":
        params.pop("pageToken", None)
        params["maxResults"] = sys.maxsize
    chosen, token = filters.page(found, params)
    return {"managedInstances": chosen} | ({"nextPageToken": token} if token else {})


@handles("compute.instanceGroupManagers.createInstances")
def create_instances(call: Call) -> Doc:
    """Of the group's present template, under the names that are given; the group grows by them."""
    key, doc = resources.existing(call, MANAGERS)
    given = urls.require(call.body).get("instances") or []
    if not given:
        raise required("instances")
    names: list[str] = []
    for i, config in enumerate(given):
        if not config.get("name"):
            raise required(f"instances[{i}].name")
        name = urls.check_name(config["name"], f"instances[{i}].name")
        if any((config.get("preservedState") or {}).values()):
            raise ApiError(501, "notImplemented", "The simulator's managed instance groups keep no state.")
        vm = managed_instances.instance_key({"group": key, "name": name})
        if (
            name in names
            or call.store.get("instances", vm)
            or (call.store.get(managed_instances.KIND, f"{key}/{name}"))
        ):
            raise already_exists(vm)
        names.append(name)
    _check_count(names)
    grow(call.store, key, doc, names)
    return saved(call, key, doc, "compute.instanceGroupManagers.createInstances")


@handles("compute.instanceGroupManagers.deleteInstances")
def delete_instances(call: Call) -> Doc:
    """The group shrinks by them. `skipInstancesOnValidationError` passes over those that aren't its own, or are leaving."""
    key, doc = resources.existing(call, MANAGERS)
    skips = bool(urls.require(call.body).get("skipInstancesOnValidationError"))
    shrink(call.store, key, doc, _named(call, key, skips=skips))
    return saved(call, key, doc, "compute.instanceGroupManagers.deleteInstances")


@handles("compute.instanceGroupManagers.abandonInstances")
def abandon_instances(call: Call) -> Doc:
    """They stay as they are, and belong to nobody. A call that names one that isn't there yet ends it."""
    key, doc = resources.existing(call, MANAGERS)
    for name in _named(call, key, skips=False):
        vm = managed_instances.instance_key({"group": key, "name": name})
        call.store.delete(managed_instances.KIND, f"{key}/{name}")
        instance_groups.leave(call.store, vm)
        doc["targetSize"] -= 1
    return saved(call, key, doc, "compute.instanceGroupManagers.abandonInstances")


def _named(call: Call, key: str, *, skips: bool) -> list[str]:
    """Names of those that a request lists by URL, or by name."""
    given = urls.require(call.body).get("instances") or []
    if not given:
        raise required("instances")
    _check_count(given)
    zone, found = key.split("/")[3], []
    for i, reference in enumerate(given):
        vm = urls.relative(call, reference)
        if "/" in reference and (f"/zones/{zone}/instances/" not in vm):
            raise invalid(f"instances[{i}]", reference, f"The URL must be of an instance in zone '{zone}'.")
        name = urls.last(vm)
        member = call.store.get(managed_instances.KIND, f"{key}/{name}")
        if member is not None and member["action"] != "DELETING":
            found.append(name)
        elif not skips:
            why = "is not a member of" if member is None else "is already being deleted from"
            raise invalid(f"instances[{i}]", reference, f"Instance '{name}' {why} '{key}'.")
    return sorted(set(found))


def _check_count(given: list[str]) -> None:
    if len(given) > _MOST:
        raise bad_request(f"At most {_MOST} instances can be named in a request.", "invalid")
