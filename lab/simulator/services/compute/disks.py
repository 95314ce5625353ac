"""Zonal persistent disks and their snapshots."""

from __future__ import annotations

from typing import Any

from lab.simulator import operations
from lab.simulator.errors import ApiError, bad_request, in_use, invalid, not_simulated
from lab.simulator.quotas import Quotas
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import catalog, images, resources, urls
from lab.simulator.services.compute.resources import Collection, Doc
from lab.simulator.store import Store

SPACE = {
    "pd-standard": "DISKS_TOTAL_GB",
    "pd-balanced": "SSD_TOTAL_GB",
    "pd-ssd": "SSD_TOTAL_GB",
    "pd-extreme": "SSD_TOTAL_GB",
    "hyperdisk-balanced": "HDB_TOTAL_GB",
}
"""The quota that a disk's size counts against (https://cloud.google.com/compute/resource-usage#disk_quota)."""


def _check_delete(_call: Call, key: str, doc: Doc) -> None:
    if doc.get("users"):
        raise in_use("disk", key, doc["users"][0].removeprefix(operations.API))


DISKS = Collection(
    service="disks",
    plural="disks",
    scope="zones",
    param="disk",
    kind="compute#disk",
    noun="disk",
    aggregated=True,
    check_delete=_check_delete,
)
SNAPSHOTS = Collection(
    service="snapshots",
    plural="snapshots",
    scope="global",
    param="snapshot",
    kind="compute#snapshot",
    noun="snapshot",
    quota="SNAPSHOTS",
)
for _collection in (DISKS, SNAPSHOTS):
    resources.serve(_collection)
    resources.serve_labels(_collection)


def _disk_type(call: Call, zone: str, url: str | None, field: str) -> str:
    name = urls.last(url) if url else "pd-standard"
    if url and "/" in url and "/zones/" in url and f"/zones/{zone}/" not in f"/{url}":
        raise invalid(field, url, f"Disk type is not in zone '{zone}'.")
    if name not in catalog.DISK_TYPES:
        raise invalid(field, url, f"Disk type with name '{name}' does not exist in zone '{zone}'.")
    return urls.link(f"projects/{call.lab.project}/zones/{zone}/diskTypes/{name}")


def _size(doc: Doc, least: int, prefix: str) -> int:
    kind = urls.last(doc["type"])
    low, high, _ = catalog.DISK_TYPES[kind]
    default = least or (500 if kind == "pd-standard" else 100)
    size = int(doc.get("sizeGb") or default)
    if not 1 <= size <= high or (kind.startswith("hyper") and size < low):
        text = f"Disk size must be between {low} GB and {high} GB."
        raise invalid(f"{prefix}.sizeGb", size, text)
    if size < least:
        text = f"Requested disk size cannot be smaller than the source size ({least} GB)"
        raise invalid(f"{prefix}.sizeGb", size, text)
    return size


def policy_links(call: Call, zone: str, given: list[str], field: str) -> list[str]:
    found = []
    for i, url in enumerate(given):
        key, _ = urls.resolve(call, url, "resourcePolicies", f"{field}[{i}]")
        if urls.region_of(key) != catalog.ZONES[zone]:
            raise invalid(f"{field}[{i}]", url, "The resource policy is in another region.")
        found.append(urls.link(key))
    if len(found) > 1:
        raise invalid(field, len(found), "A disk can have at most one snapshot schedule.")
    return found


def space(store: Store, region: str, metric: str) -> int:
    """Returns the GB that count against a quota in a region."""
    return sum(
        int(doc["sizeGb"])
        for key, doc in store.list("disks")
        if urls.region_of(key) == region and SPACE.get(urls.last(doc["type"])) == metric
    )


def _quotas(call: Call, zone: str, kind: str, size: int) -> None:
    region = catalog.ZONES[zone]
    if metric := SPACE.get(kind):
        Quotas(call.store).check(metric, space(call.store, region, metric) + size, f"in region {region}")


_NOT_SIMULATED = (
    *("asyncPrimaryDisk", "diskEncryptionKey", "replicaZones", "sourceDisk", "sourceImageEncryptionKey"),
    *("sourceInstantSnapshot", "sourceSnapshotEncryptionKey", "sourceStorageObject", "storagePool"),
)
"""What would be in the reply and have no effect on what is in the disk, or on who can read it."""


def build(call: Call, fields: Doc, prefix: str = "resource") -> tuple[str, Doc]:
    """Returns key and document of a new disk, from its JSON with `sourceImage` or `sourceSnapshot` as in `Disk`."""
    for name in _NOT_SIMULATED:
        if fields.get(name):
            raise not_simulated(f"{prefix}.{name}")
    key, doc = resources.new(call, DISKS, fields)
    zone = key.split("/")[3]
    doc["type"] = _disk_type(call, zone, doc.get("type"), f"{prefix}.type")
    least = 0
    if doc.get("sourceImage") and doc.get("sourceSnapshot"):
        raise invalid(f"{prefix}.sourceImage", doc["sourceImage"], "Only one source can be given.")
    if doc.get("sourceImage"):
        source = images.resolve(call, doc["sourceImage"], f"{prefix}.sourceImage")
        doc |= {"sourceImage": source["selfLink"], "sourceImageId": source["id"]}
    elif doc.get("sourceSnapshot"):
        _, source = urls.resolve(call, doc["sourceSnapshot"], "snapshots", f"{prefix}.sourceSnapshot")
        doc |= {"sourceSnapshot": source["selfLink"], "sourceSnapshotId": source["id"]}
    else:
        source = {}
    if source:
        least = int(source["diskSizeGb"])
        for field in ("licenses", "guestOsFeatures", "architecture", "licenseCodes"):
            if field in source and not doc.get(field):
                doc[field] = source[field]
    size = _size(doc, least, prefix)
    _quotas(call, zone, urls.last(doc["type"]), size)
    doc |= {"sizeGb": str(size), "status": "READY"}
    doc.setdefault("physicalBlockSizeBytes", "4096")
    doc.setdefault("enableConfidentialCompute", False)
    doc.pop("users", None)
    if policies := policy_links(call, zone, doc.get("resourcePolicies") or [], f"{prefix}.resourcePolicies"):
        doc["resourcePolicies"] = policies
    else:
        doc.pop("resourcePolicies", None)
    return key, resources.with_labels(doc)


@handles("compute.disks.insert")
def insert(call: Call) -> Doc:
    fields = dict(urls.require(call.body))
    if call.params.get("sourceImage"):
        fields["sourceImage"] = call.params["sourceImage"]
    key, doc = build(call, fields)
    if call.lab.latency.profile != "instant":
        doc["status"] = "CREATING"
    return resources.created(call, DISKS, key, doc, "disks.ready")


@operations.effect("disks.ready")
def _ready(lab: Any, args: dict[str, Any]) -> None:
    if doc := lab.store.get("disks", args["key"]):
        lab.store.put("disks", args["key"], doc | {"status": "READY"})


def attach(store: Store, key: str, instance_key: str, now: str) -> None:
    doc = store.get("disks", key)
    assert doc is not None
    doc["users"] = [*doc.get("users", []), urls.link(instance_key)]
    doc["lastAttachTimestamp"] = now
    store.put("disks", key, doc)


def detach(store: Store, key: str, instance_key: str, now: str) -> None:
    doc = store.get("disks", key)
    if doc is None:
        return
    doc["users"] = [u for u in doc.get("users", []) if u != urls.link(instance_key)]
    if not doc["users"]:
        del doc["users"]
    doc["lastDetachTimestamp"] = now
    store.put("disks", key, doc)


@handles("compute.disks.resize")
def resize(call: Call) -> Doc:
    key, doc = resources.existing(call, DISKS)
    size, current = int(urls.require(call.body).get("sizeGb") or 0), int(doc["sizeGb"])
    if size <= current:
        text = f"New disk size '{size}' GB must be larger than existing size '{current}' GB."
        raise invalid("sizeGb", size, text)
    doc["sizeGb"] = str(_size(doc | {"sizeGb": size}, 0, "resource"))
    for user in doc.get("users", []):
        instance_key = user.removeprefix(operations.API)
        instance = call.store.get("instances", instance_key)
        for entry in instance["disks"] if instance else []:
            if entry["source"] == doc["selfLink"]:
                entry["diskSizeGb"] = doc["sizeGb"]
        if instance:
            call.store.put("instances", instance_key, instance)
    return resources.saved(call, DISKS, key, doc, "resizeDisk")


@handles("compute.disks.update")
def update(call: Call) -> Doc:
    key, doc = resources.existing(call, DISKS)
    names = set((call.params.get("updateMask") or ",".join(call.params.get("paths", []))).split(",")) - {""}
    body = urls.require(call.body)
    if unknown := names - {
        "accessMode",
        "provisionedIops",
        "provisionedThroughput",
        "architecture",
        "userLicenses",
    }:
        raise bad_request(f"Field {sorted(unknown)[0]} can't be updated.", "invalid")
    doc |= {k: body[k] for k in names if k in body}
    return resources.saved(call, DISKS, key, doc, "update")


@handles("compute.disks.addResourcePolicies")
def add_resource_policies(call: Call) -> Doc:
    key, doc = resources.existing(call, DISKS)
    zone = key.split("/")[3]
    given = urls.require(call.body).get("resourcePolicies") or []
    wanted = [*doc.get("resourcePolicies", []), *given]
    doc["resourcePolicies"] = policy_links(call, zone, wanted, "resourcePolicies")
    return resources.saved(call, DISKS, key, doc, "addResourcePolicies")


@handles("compute.disks.removeResourcePolicies")
def remove_resource_policies(call: Call) -> Doc:
    key, doc = resources.existing(call, DISKS)
    gone = {urls.link(urls.relative(call, u)) for u in urls.require(call.body).get("resourcePolicies") or []}
    if missing := gone - set(doc.get("resourcePolicies", [])):
        raise invalid("resourcePolicies[0]", sorted(missing)[0], "The policy isn't attached to the disk.")
    doc["resourcePolicies"] = [u for u in doc["resourcePolicies"] if u not in gone]
    if not doc["resourcePolicies"]:
        del doc["resourcePolicies"]
    return resources.saved(call, DISKS, key, doc, "removeResourcePolicies")


@handles("compute.disks.createSnapshot")
def create_snapshot(call: Call) -> Doc:
    disk_key, disk = resources.existing(call, DISKS)
    snapshot_key, snapshot = _snapshot(call, urls.require(call.body), disk)
    call.store.put("snapshots", snapshot_key, snapshot)
    args = {"key": snapshot_key}
    return operations.start(call, disk_key, "createSnapshot", "snapshots.ready", args, target_id=disk["id"])


@handles("compute.snapshots.insert")
def insert_snapshot(call: Call) -> Doc:
    body = urls.require(call.body)
    if not body.get("sourceDisk"):
        raise ApiError(400, "required", "Required field 'resource.sourceDisk' not specified")
    _, disk = urls.resolve(call, body["sourceDisk"], "disks", "resource.sourceDisk")
    key, doc = _snapshot(call, body, disk)
    return resources.created(call, SNAPSHOTS, key, doc, "snapshots.ready")


def _snapshot(call: Call, body: Doc, disk: Doc) -> tuple[str, Doc]:
    key, doc = resources.new(call, SNAPSHOTS, body)
    doc |= {
        "sourceDisk": disk["selfLink"],
        "sourceDiskId": disk["id"],
        "diskSizeGb": disk["sizeGb"],
        "status": "READY" if call.lab.latency.profile == "instant" else "CREATING",
        "storageBytes": "0",
        "storageBytesStatus": "UP_TO_DATE",
        "autoCreated": False,
        "storageLocations": [call.lab.region],
    }
    for field in ("licenses", "guestOsFeatures", "architecture"):
        if field in disk:
            doc[field] = disk[field]
    return key, resources.with_labels(doc)


@operations.effect("snapshots.ready")
def _snapshot_ready(lab: Any, args: dict[str, Any]) -> None:
    if doc := lab.store.get("snapshots", args["key"]):
        lab.store.put("snapshots", args["key"], doc | {"status": "READY"})
