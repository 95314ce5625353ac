"""Attachments: the disk's side of an instance's `disks`, made with the instance or later."""

from __future__ import annotations

import re

from lab.simulator import operations
from lab.simulator.errors import in_use, invalid, not_simulated
from lab.simulator.registry import Call
from lab.simulator.services.compute import disks, fitting, urls
from lab.simulator.services.compute.resources import Doc

_DEVICE = re.compile(r"[a-zA-Z0-9][-_.a-zA-Z0-9]{0,62}")


def build_all(call: Call, key: str, machine: str, given: list[Doc]) -> list[Doc]:
    """Makes and attaches the disks that an insert of a `machine` (a type's URL) asks for; the first is the boot disk."""
    if not given:
        raise invalid("resource.disks", "", "No disks are specified.")
    if sum(bool(d.get("boot")) for d in given) > 1:
        raise invalid("resource.disks", "", "At most one boot disk can be specified.")
    if not given[0].get("boot") and any(d.get("boot") for d in given):
        raise invalid("resource.disks[0].boot", "false", "The boot disk must be the first disk.")
    built: list[Doc] = []
    for i, raw in enumerate(given):
        entry = dict(raw)
        if i == 0:
            entry["boot"] = True
        if (params := entry.get("initializeParams")) is not None and not params.get("diskType"):
            entry["initializeParams"] = params | {"diskType": fitting.default_disk(urls.last(machine))}
        built.append(attached(call, key, entry, i, built, f"resource.disks[{i}]"))
    fitting.check(call, machine, built)
    return built


def attached(call: Call, key: str, entry: Doc, i: int, others: list[Doc], field: str) -> Doc:
    """Attaches what `entry` of a request asks for to the instance `key`, as its disk number `i`. Returns its entry there."""
    name = urls.last(key)
    if entry.get("forceAttach"):
        raise invalid(f"{field}.forceAttach", "true", "Force attaching zonal disks is not supported.")
    if entry.get("type", "PERSISTENT") != "PERSISTENT":
        raise invalid(f"{field}.type", entry["type"], "The simulator has no local SSDs.")
    for lost in ("diskEncryptionKey", "guestOsFeatures", "savedState"):
        if entry.get(lost):
            raise not_simulated(f"{field}.{lost}")
    params = entry.pop("initializeParams", None)
    if entry.get("source"):
        disk_key, disk = urls.resolve(call, entry["source"], "disks", f"{field}.source", missing="notFound")
    elif params is not None:
        disk_key, disk = _made(
            call, params, name if entry.get("boot") else f"{name}-{i}", f"{field}.initializeParams"
        )
    else:
        raise invalid(f"{field}.source", "", "Either source or initializeParams must be given.")
    if disk_key.split("/")[3] != key.split("/")[3]:
        text = f"Disk must be in the same zone as the instance ('{key.split('/')[3]}')."
        raise invalid(f"{field}.source", entry.get("source"), text)
    mode = entry.get("mode") or "READ_WRITE"
    _check_sharing(call, disk_key, disk, mode)
    device = entry.get("deviceName") or f"persistent-disk-{i}"
    if not _DEVICE.fullmatch(device):
        raise invalid(f"{field}.deviceName", device, f"Must be a match of regex '{_DEVICE.pattern}'")
    if any(o["deviceName"] == device for o in others):
        raise invalid(f"{field}.deviceName", device, "The device name is already in use on the instance.")
    if any(o["source"] == disk["selfLink"] for o in others):
        raise in_use("disk", disk_key, key)
    disks.attach(call.store, disk_key, key, call.clock.now())
    result: Doc = {
        "kind": "compute#attachedDisk",
        "type": "PERSISTENT",
        "mode": mode,
        "source": disk["selfLink"],
        "deviceName": device,
        "index": i,
        "boot": bool(entry.get("boot")),
        "autoDelete": bool(entry.get("autoDelete")),
        "interface": entry.get("interface") or "SCSI",
        "diskSizeGb": disk["sizeGb"],
    }
    for inherited in ("licenses", "guestOsFeatures", "architecture"):
        if inherited in disk:
            result[inherited] = disk[inherited]
    return result


_SAME = (
    *("sourceImage", "sourceSnapshot", "labels", "description", "resourcePolicies", "licenses"),
    *("provisionedIops", "provisionedThroughput", "architecture"),
)


def _made(call: Call, params: Doc, default_name: str, field: str) -> tuple[str, Doc]:
    for name in sorted(set(params) - {"diskName", "diskSizeGb", "diskType", *_SAME}):
        if params[name] not in (None, "", False, [], {}):
            raise not_simulated(f"{field}.{name}")
    fields: Doc = {
        "name": params.get("diskName") or default_name,
        "sizeGb": params.get("diskSizeGb"),
        "type": params.get("diskType"),
    }
    fields |= {name: params.get(name) for name in _SAME}
    key, doc = disks.build(call, fields, field)
    call.store.put("disks", key, doc)
    return key, doc


def _check_sharing(call: Call, disk_key: str, disk: Doc, mode: str) -> None:
    """Refuses all but one attachment for writing, or any number for reading."""
    for user in disk.get("users", []):
        other = call.store.get("instances", user.removeprefix(operations.API))
        entries = [d for d in other["disks"] if d["source"] == disk["selfLink"]] if other else []
        if mode == "READ_WRITE" or any(d["mode"] == "READ_WRITE" for d in entries):
            raise in_use("disk", disk_key, user.removeprefix(operations.API))
