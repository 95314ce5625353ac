"""Disks of an instance that is there already: attached, detached, kept or deleted with it."""

from __future__ import annotations

from lab.simulator import operations
from lab.simulator.errors import bad_request, invalid
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import attached_disks, disks, fitting, resources, urls
from lab.simulator.services.compute.instances import INSTANCES
from lab.simulator.services.compute.resources import Doc


@handles("compute.instances.attachDisk")
def attach_disk(call: Call) -> Doc:
    key, doc = resources.existing(call, INSTANCES)
    body = dict(urls.require(call.body))
    used = {d["index"] for d in doc["disks"]}
    index = next(i for i in range(1000) if i not in used)
    if body.get("boot") and (doc["status"] != "TERMINATED" or any(d["boot"] for d in doc["disks"])):
        raise bad_request("A boot disk can only be attached to a stopped instance that has none.")
    if body.get("initializeParams") is not None and not body.get("source"):
        raise bad_request("attachDisk takes an existing disk.", "invalid")
    doc["disks"].append(attached_disks.attached(call, key, body, index, doc["disks"], "resource"))
    fitting.check(call, doc["machineType"], doc["disks"])
    doc["disks"].sort(key=lambda d: d["index"])
    return resources.saved(call, INSTANCES, key, doc, "attachDisk")


@handles("compute.instances.detachDisk")
def detach_disk(call: Call) -> Doc:
    """The text for a boot disk of a running VM isn't known; 400 stands for it."""
    key, doc = resources.existing(call, INSTANCES)
    entry = _entry(doc, call.params["deviceName"])
    if entry["boot"] and doc["status"] != "TERMINATED":
        raise bad_request("Cannot detach the boot disk of a running instance.")
    doc["disks"].remove(entry)
    disks.detach(call.store, entry["source"].removeprefix(operations.API), key, call.clock.now())
    return resources.saved(call, INSTANCES, key, doc, "detachDisk")


@handles("compute.instances.setDiskAutoDelete")
def set_disk_auto_delete(call: Call) -> Doc:
    key, doc = resources.existing(call, INSTANCES)
    entry = _entry(doc, call.params["deviceName"])
    entry["autoDelete"] = call.params["autoDelete"]
    return resources.saved(call, INSTANCES, key, doc, "setDiskAutoDelete")


def _entry(doc: Doc, device: str) -> Doc:
    found: Doc | None = next((d for d in doc["disks"] if d["deviceName"] == device), None)
    if found is None:
        raise invalid("deviceName", device, f"No attached disk found with device name '{device}'")
    return found
