"""Zonal managed instance groups: made, changed, resized, deleted. What they do to VMs is in `managed_instances`, and what
may be asked of them in `manager_shape`.

The fingerprint changes with the size, also when instances are made or deleted by name: whoever patches with the one that
he has seen before is refused, as https://github.com/DefangLabs/pulumi-defang/issues/370 was.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import already_exists, in_use, invalid, required
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import instance_groups, managed_instances, manager_shape, resources, urls
from lab.simulator.services.compute.resources import Collection, Doc
from lab.simulator.store import Store

_ACTIONS = (
    "none",
    "creating",
    "recreating",
    "deleting",
    "abandoning",
    "restarting",
    "refreshing",
    "verifying",
)
_OTHER_ACTIONS = ("creatingWithoutRetries", "starting", "stopping", "suspending", "resuming")


def _shown(store: Store, key: str, doc: Doc) -> Doc:
    members = [member for _, member in managed_instances.of(store, key)]
    counted = Counter(member["action"].lower() for member in members)
    template = doc["instanceTemplate"]
    group = store.get("instanceGroups", _group(key)) or {}
    ports = {"namedPorts": group["namedPorts"]} if group.get("namedPorts") else {}
    settled = len(members) == counted["none"] == doc["targetSize"] and not operations.busy(store, key)
    reached = all(urls.link(member["template"]) == template for member in members)
    versions = [version | {"targetSize": {"calculated": doc["targetSize"]}} for version in doc["versions"]]
    return (
        doc
        | ports
        | {
            "versions": versions,
            "currentActions": {name: counted[name] for name in _ACTIONS} | dict.fromkeys(_OTHER_ACTIONS, 0),
            "status": {
                "isStable": settled,
                "versionTarget": {"isReached": reached},
                "allInstancesConfig": {"effective": True},
                "stateful": {"hasStatefulConfig": False, "perInstanceConfigs": {"allEffective": True}},
            },
        }
    )


MANAGERS = Collection(
    service="instanceGroupManagers",
    plural="instanceGroupManagers",
    scope="zones",
    param="instanceGroupManager",
    kind="compute#instanceGroupManager",
    noun="instance_group_manager",
    aggregated=True,
    shown=_shown,
)
resources.serve(MANAGERS, own_delete=True)


def _group(key: str) -> str:
    """The instance group that a manager owns: it has its name."""
    return key.replace("/instanceGroupManagers/", "/instanceGroups/")


def saved(call: Call, key: str, doc: Doc, kind: str) -> Doc:
    """Stores the group's new size or shape; the operation is done when the group has begun to act on it."""
    call.store.put(MANAGERS.plural, key, _fingerprinted(doc))
    return operations.start(call, key, kind, "instanceGroupManagers.look", {"key": key}, target_id=doc["id"])


def _fingerprinted(doc: Doc) -> Doc:
    return doc | {"fingerprint": resources.fingerprint({k: v for k, v in doc.items() if k != "fingerprint"})}


def grow(store: Store, key: str, doc: Doc, names: list[str]) -> None:
    for name in names:
        managed_instances.add(store, key, name, doc["instanceTemplate"].removeprefix(operations.API))
    doc["targetSize"] += len(names)


def shrink(store: Store, key: str, doc: Doc, names: list[str]) -> None:
    """Those that are leaving already don't count again."""
    for name in names:
        member = store.get(managed_instances.KIND, f"{key}/{name}")
        if member and member["action"] != "DELETING":
            store.put(managed_instances.KIND, f"{key}/{name}", member | {"action": "DELETING"})
            doc["targetSize"] -= 1


@handles("compute.instanceGroupManagers.insert")
def insert(call: Call) -> Doc:
    body = resources.without_nulls(urls.require(call.body))
    for ignored in ("fingerprint", "status", "currentActions", "instanceGroup"):
        body.pop(ignored, None)
    key, doc = resources.new(call, MANAGERS, body)
    if call.store.get("instanceGroups", _group(key)) is not None:
        raise already_exists(_group(key))
    if "targetSize" not in doc:
        raise required("resource.targetSize")
    size = doc["targetSize"]
    doc["instanceGroup"] = urls.link(_group(key))
    if not doc.get("baseInstanceName"):
        doc["baseInstanceName"] = doc["name"][: manager_shape.LONGEST_BASE_NAME]
    ports = {"namedPorts": doc.pop("namedPorts")} if doc.get("namedPorts") else {}
    instance_groups.make(
        call,
        ports
        | {
            "name": doc["name"],
            "description": f"This instance group is controlled by Instance Group Manager '{doc['name']}'. To modify "
            "instances in this group, use the Instance Group Manager API: "
            "https://cloud.google.com/compute/docs/reference/latest/instanceGroupManagers",
        },
    )
    doc = manager_shape.checked(call, key, doc) | {"targetSize": 0}
    base = doc["baseInstanceName"]
    grow(call.store, key, doc, _fresh(call.store, key, base, size))
    return resources.created(call, MANAGERS, key, _fingerprinted(doc), "instanceGroupManagers.look")


def _fresh(store: Store, key: str, base: str, count: int) -> list[str]:
    names: list[str] = []
    while len(names) < count:
        if (name := managed_instances.new_name(store, key, base)) not in names:
            names.append(name)
    return names


@handles("compute.instanceGroupManagers.patch")
def patch(call: Call) -> Doc:
    """Instances that are there keep their template: updates are opportunistic."""
    key, doc = resources.existing(call, MANAGERS)
    body = dict(urls.require(call.body))
    if given := body.pop("fingerprint", None):
        resources.check_fingerprint(given, doc["fingerprint"])
    for fixed in ("name", "zone", "baseInstanceName"):
        if body.pop(fixed, doc[fixed]) != doc[fixed]:
            raise invalid(
                f"resource.{fixed}", call.params["instanceGroupManager"], "The field can't be changed."
            )
    size = body.pop("targetSize", None)
    if body.get("instanceTemplate") and not body.get("versions"):
        body["versions"] = [{"instanceTemplate": body["instanceTemplate"]}]
    changed = manager_shape.checked(call, key, resources.without_nulls(resources.merge(doc, body)))
    if size is not None:
        _resize(call, key, changed, size)
    return saved(call, key, changed, "patch")


@handles("compute.instanceGroupManagers.setInstanceTemplate")
def set_instance_template(call: Call) -> Doc:
    """For the instances to come. It takes no fingerprint."""
    key, doc = resources.existing(call, MANAGERS)
    url = urls.require(call.body).get("instanceTemplate")
    changed = manager_shape.checked(call, key, doc | {"versions": [{"instanceTemplate": url}]})
    return saved(call, key, changed, "compute.instanceGroupManagers.setInstanceTemplate")


@handles("compute.instanceGroupManagers.resize")
def resize(call: Call) -> Doc:
    key, doc = resources.existing(call, MANAGERS)
    _resize(call, key, doc, call.params["size"])
    return saved(call, key, doc, "compute.instanceGroupManagers.resize")


def _resize(call: Call, key: str, doc: Doc, size: int) -> None:
    """Google chooses by status, version and health, and promises nothing; here: not running first, then old, then newest."""
    if size < 0:
        raise invalid("size", size, "Must be greater than or equal to 0")
    more = size - doc["targetSize"]
    if more > 0:
        grow(call.store, key, doc, _fresh(call.store, key, doc["baseInstanceName"], more))
        return
    staying = [m for _, m in managed_instances.of(call.store, key) if m["action"] != "DELETING"]
    template = doc["instanceTemplate"].removeprefix(operations.API)
    for member in staying:
        instance = call.store.get("instances", managed_instances.instance_key(member)) or {"id": ""}
        running = instance.get("status") == "RUNNING"
        member["order"] = (running, member["template"] == template, -int(instance["id"] or 0))
    leaving = sorted(staying, key=lambda member: member["order"])[: max(0, -more)]
    shrink(call.store, key, doc, [member["name"] for member in leaving])


@handles("compute.instanceGroupManagers.delete")
def delete(call: Call) -> Doc:
    """Its instances go first; the operation is done when all are gone. Not while a backend service has the group.

    The words are those of https://github.com/terraform-google-modules/terraform-google-vm/issues/45.
    """
    key, doc = resources.existing(call, MANAGERS)
    if user := urls.referrer(call.store, _group(key), ("backendServices",)):
        raise in_use(MANAGERS.noun, key, user)
    shrink(call.store, key, doc, [member["name"] for _, member in managed_instances.of(call.store, key)])
    managed_instances.look(call.lab, key)
    effect, kind = "instanceGroupManagers.delete", managed_instances.KIND
    return operations.start(call, key, "delete", effect, {"key": key}, target_id=doc["id"], empties=kind)


@operations.effect("instanceGroupManagers.delete")
def _deleted(lab: Lab, args: dict[str, Any]) -> None:
    key = args["key"]
    lab.store.delete(MANAGERS.plural, key)
    lab.store.delete("instanceGroups", _group(key))
    lab.store.delete("groupMembers", _group(key))
