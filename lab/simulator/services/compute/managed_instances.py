"""What a managed group does to each of its instances: makes it, repairs it, deletes it, and says how far it is.

The store's kind `managedInstances` has one document for each, below its group's key: name, template (key), currentAction,
and for one that couldn't be made the errors, and when the group tries again. The rest follows from the instance.

States and actions: `ManagedInstance` of the discovery document. A VM that is gone or off is made anew under its name, with
its own template: https://cloud.google.com/compute/docs/instance-groups/about-repair. When a group tries again after a
stockout isn't known; here it takes longer each time.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import ApiError
from lab.simulator.registry import internal
from lab.simulator.services.compute import instance_groups, instance_templates, urls
from lab.simulator.services.compute.resources import Doc
from lab.simulator.store import Store

KIND = "managedInstances"
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 10.0, 300.0
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
Step = Literal["make", "delete", "settle", "repair", "forget", "wait"]


def of(store: Store, group: str) -> list[tuple[str, Doc]]:
    return store.list(KIND, f"{group}/")


def instance_key(member: Doc) -> str:
    return f"{member['group'].rpartition('/instanceGroupManagers/')[0]}/instances/{member['name']}"


def add(store: Store, group: str, name: str, template: str) -> None:
    """One more, which isn't there yet."""
    member: Doc = {"group": group, "name": name, "template": template, "action": "CREATING"}
    store.put(KIND, f"{group}/{name}", member)


def new_name(store: Store, group: str, base: str) -> str:
    """The base name and four characters that look random; none that the zone has."""
    zone = group.rpartition("/instanceGroupManagers/")[0]
    while True:
        number = int.from_bytes(hashlib.sha256(f"{group} {store.next_id('name')}".encode()).digest()[:8])
        letters = (_ALPHABET[number // 36**place % 36] for place in range(4))
        name = f"{base}-{''.join(letters)}"
        if store.get("instances", f"{zone}/instances/{name}") is None and (
            store.get(KIND, f"{group}/{name}") is None
        ):
            return name


def next_step(action: str, status: str | None, *, busy: bool, old: bool, waits: bool, repairs: bool) -> Step:
    """What the group does next about an instance of which it wants `action`.

    `status`: the instance's, None if there is none. `busy`: it is just being made or deleted. `old`: it is the one that is
    to be made anew. `waits`: the last attempt failed, and it isn't time for the next. `repairs`: the group makes failed
    ones anew.
    """
    if busy:
        return "wait"
    if action == "DELETING":
        return "forget" if status is None else "delete"
    if action == "NONE":
        return "repair" if repairs and status in (None, "TERMINATED", "SUSPENDED") else "wait"
    if status is None:
        return "wait" if waits else "make"
    if old:
        return "delete"
    if status == "RUNNING":
        return "settle"
    return "repair" if status == "TERMINATED" else "wait"


@operations.effect("instanceGroupManagers.look")
def _look(lab: Lab, args: dict[str, Any]) -> None:
    look(lab, args["key"])


def look(lab: Lab, group: str) -> None:
    """Takes every step that can be taken now. One that takes its time has the group look again when it is done."""
    while any(_take(lab, key, member) for key, member in of(lab.store, group)):
        pass


def _take(lab: Lab, key: str, member: Doc) -> bool:
    """Returns whether there may be another step now."""
    store, vm = lab.store, instance_key(member)
    group, instance = store.get("instanceGroupManagers", member["group"]), store.get("instances", vm)
    step = next_step(
        member["action"],
        instance["status"] if instance else None,
        busy=operations.busy(store, vm, ("insert", "delete")),
        old=instance is not None and instance["id"] == member.get("replaces"),
        waits=member.get("retryAt", 0.0) > lab.clock.time(),
        repairs=((group or {}).get("instanceLifecyclePolicy") or {}).get("defaultActionOnFailure")
        != "DO_NOTHING",
    )
    if step == "make":
        return _make(lab, key, member, vm)
    if step == "delete":
        return _delete(lab, key, member, vm)
    if step == "forget":
        store.delete(KIND, key)
    elif step == "settle":
        kept = {name: member[name] for name in ("group", "name", "template")}
        store.put(KIND, key, kept | {"action": "NONE"})
    elif step == "repair":
        replaces = {"replaces": instance["id"]} if instance else {}
        store.put(KIND, key, member | {"action": "RECREATING"} | replaces)
    return step not in ("wait", "settle", "forget")


def _delete(lab: Lab, key: str, member: Doc, vm: str) -> bool:
    if member.get("retryAt", 0.0) > lab.clock.time():
        return False
    try:
        with lab.store.transaction():
            internal(lab, "compute.instances.delete", _params(vm) | {"instance": member["name"]})
    except ApiError as error:  # It is protected against deletion.
        failure = {"code": operations.error_code(error), "message": error.message}
        _failed(lab, key, member, "deletion", failure)
        return False
    return True


def _params(vm: str) -> Doc:
    return {"project": vm.split("/")[1], "zone": vm.split("/")[3]}


def _make(lab: Lab, key: str, member: Doc, vm: str) -> bool:
    """A fault that a test has ordered for the making of instances meets those of groups, too: a stockout, say."""
    name = member["name"]
    try:
        body = instance_templates.instance(
            lab, member["template"], name, _params(vm)["zone"], member["group"]
        )
        for action in lab.faults.due("compute.instances.insert", vm):
            if action["type"] == "op_error":
                raise ApiError(400, action.get("code", "INTERNAL_ERROR"), action.get("message", ""))
        with lab.store.transaction():
            operation = internal(lab, "compute.instances.insert", _params(vm), body)
    except ApiError as error:
        failure = {"code": operations.error_code(error), "message": error.message}
        _failed(lab, key, member, "creation", failure)
        return False
    if told := operations.error_of(lab, operation):
        _failed(lab, key, member, "creation", told)
        return False
    instance_groups.join(
        lab.store, member["group"].replace("/instanceGroupManagers/", "/instanceGroups/"), vm
    )
    return True


def _failed(lab: Lab, key: str, member: Doc, what: str, error: Doc) -> None:
    attempts = member.get("attempts", 0) + 1
    pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (attempts - 1))
    shown = {
        "code": error["code"],
        "message": f"Instance '{member['name']}' {what} failed: {error['message']}",
    }
    changed: Doc = {"attempts": attempts, "retryAt": lab.clock.time() + pause}
    changed["lastAttempt"] = {"errors": {"errors": [shown]}}
    lab.store.put(KIND, key, member | changed)
    operations.later(lab, pause, "instanceGroupManagers.look", {"key": member["group"]})


def shown(store: Store, member: Doc) -> Doc:
    """As listManagedInstances has it: the instance's id and status are left out while there is no instance."""
    vm = instance_key(member)
    instance = store.get("instances", vm)
    doc: Doc = {"instance": urls.link(vm), "name": member["name"], "currentAction": member["action"]}
    if instance:
        doc |= {"id": instance["id"], "instanceStatus": instance["status"]}
    if member["action"] != "DELETING":
        doc["version"] = {"instanceTemplate": urls.link(member["template"])}
    doc["lastAttempt"] = member.get("lastAttempt", {})
    doc["targetStatus"] = "DELETED" if member["action"] == "DELETING" else "RUNNING"
    return doc
