"""Images: Debian's public ones, families, and images of the project's own."""

from __future__ import annotations

import zlib

from lab.simulator import operations
from lab.simulator.errors import ApiError, invalid, not_found
from lab.simulator.operations import busy
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import resources, urls
from lab.simulator.services.compute.resources import Collection, Doc
from lab.simulator.store import Store

_PUBLIC: dict[str, tuple[str, str, str]] = {
    "debian-11-bullseye-v20220719": ("debian-cloud", "debian-11", "Debian, Debian GNU/Linux, 11 (bullseye)"),
    "debian-11-bullseye-v20250812": ("debian-cloud", "debian-11", "Debian, Debian GNU/Linux, 11 (bullseye)"),
    "debian-12-bookworm-v20250709": ("debian-cloud", "debian-12", "Debian, Debian GNU/Linux, 12 (bookworm)"),
    "debian-12-bookworm-v20250910": ("debian-cloud", "debian-12", "Debian, Debian GNU/Linux, 12 (bookworm)"),
    "debian-12-bookworm-v20251014": ("debian-cloud", "debian-12", "Debian, Debian GNU/Linux, 12 (bookworm)"),
    "debian-12-bookworm-v20251111": ("debian-cloud", "debian-12", "Debian, Debian GNU/Linux, 12 (bookworm)"),
    "debian-12-bookworm-arm64-v20251014": (
        "debian-cloud",
        "debian-12-arm64",
        "Debian, Debian GNU/Linux, 12 (bookworm)",
    ),
    "debian-13-trixie-v20251014": ("debian-cloud", "debian-13", "Debian, Debian GNU/Linux, 13 (trixie)"),
    "ubuntu-2204-jammy-v20251023": ("ubuntu-os-cloud", "ubuntu-2204-lts", "Canonical, Ubuntu, 22.04 LTS"),
    "ubuntu-2404-noble-amd64-v20251014": (
        "ubuntu-os-cloud",
        "ubuntu-2404-lts-amd64",
        "Canonical, Ubuntu, 24.04 LTS",
    ),
}
_FEATURES = ("UEFI_COMPATIBLE", "VIRTIO_SCSI_MULTIQUEUE", "GVNIC", "SEV_CAPABLE", "SEV_LIVE_MIGRATABLE_V2")

IMAGES = Collection(
    service="images",
    plural="images",
    scope="global",
    param="image",
    kind="compute#image",
    noun="image",
)


def _public(name: str) -> Doc:
    project, family, description = _PUBLIC[name]
    codename = "-".join(name.split("-")[:3])
    date = name.rsplit("-v", 1)[-1]
    arm = "arm64" in name.split("-")
    return {
        "kind": "compute#image",
        "id": str(3_000_000_000_000_000_000 + zlib.crc32(name.encode())),
        "creationTimestamp": f"{date[:4]}-{date[4:6]}-{date[6:]}T10:00:00.000-07:00",
        "name": name,
        "description": f"{description}, {'arm64' if arm else 'amd64'} built on {date}",
        "family": family,
        "sourceType": "RAW",
        "status": "READY",
        "archiveSizeBytes": "2946480000",
        "diskSizeGb": "10",
        "architecture": "ARM64" if arm else "X86_64",
        "licenses": [urls.link(f"projects/{project}/global/licenses/{codename}")],
        "guestOsFeatures": [{"type": f} for f in _FEATURES],
        "labelFingerprint": resources.EMPTY_FINGERPRINT,
        "storageLocations": ["eu", "us"],
        "selfLink": urls.link(f"projects/{project}/global/images/{name}"),
    }


def get(store: Store, key: str) -> Doc | None:
    project, name = key.split("/")[1], key.rsplit("/", 1)[-1]
    if project in urls.IMAGE_PROJECTS:
        return _public(name) if name in _PUBLIC and _PUBLIC[name][0] == project else None
    return store.get("images", key)


def of_project(store: Store, project: str) -> list[Doc]:
    if project in urls.IMAGE_PROJECTS:
        return [_public(n) for n, entry in _PUBLIC.items() if entry[0] == project]
    return [d for _, d in store.list("images", f"projects/{project}/global/images/")]


def newest(store: Store, project: str, family: str) -> Doc:
    """Returns the newest image of a family that isn't deprecated."""
    found = [i for i in of_project(store, project) if i.get("family") == family and not i.get("deprecated")]
    if not found:
        raise not_found(f"projects/{project}/global/images/family/{family}")
    return max(found, key=lambda i: (i["creationTimestamp"], i["name"]))


def resolve(call: Call, url: str, field: str) -> Doc:
    """Returns an image, or the newest of a family (`…/images/family/F`, or gcloud's `zones/-/imageFamilyViews/F`)."""
    key = urls.relative(call, url)
    parts = key.split("/")
    if len(parts) == 6 and parts[4] == "imageFamilyViews":
        return newest(call.store, parts[1], parts[5])
    if len(parts) < 5 or parts[3] != "images":
        raise invalid(field, url, "The URL is malformed.")
    if parts[4] == "family" and len(parts) == 6:
        return newest(call.store, parts[1], parts[5])
    image = get(call.store, key)
    if image is None:
        raise invalid(field, url, "The referenced image resource cannot be found.")
    if busy(call.store, key):
        raise invalid(field, url, "The image isn't ready.")
    return image


@handles("compute.images.get")
def get_image(call: Call) -> Doc:
    key = f"projects/{urls.project(call, images=True)}/global/images/{call.params['image']}"
    image = get(call.store, key)
    if image is None:
        raise not_found(key)
    return image


@handles("compute.images.getFromFamily")
def get_from_family(call: Call) -> Doc:
    return newest(call.store, urls.project(call, images=True), call.params["family"])


@handles("compute.imageFamilyViews.get")
def get_view(call: Call) -> Doc:
    return {"image": newest(call.store, urls.project(call, images=True), call.params["family"])}


@handles("compute.images.list")
def list_images(call: Call) -> Doc:
    project = urls.project(call, images=True)
    found = of_project(call.store, project)
    return resources.listing(call, "compute#imageList", urls.link(f"projects/{project}/global/images"), found)


@handles("compute.images.insert")
def insert(call: Call) -> Doc:
    key, doc = resources.new(call, IMAGES, urls.require(call.body))
    sources = [s for s in ("sourceDisk", "sourceImage", "sourceSnapshot", "rawDisk") if doc.get(s)]
    if len(sources) != 1:
        raise invalid("resource.sourceDisk", "", "Exactly one source must be given.")
    if sources[0] == "rawDisk":
        raise ApiError(501, "notImplemented", "The simulator doesn't import raw disks.")
    if sources[0] == "sourceImage":
        source = resolve(call, doc["sourceImage"], "resource.sourceImage")
    else:
        plural = {"sourceDisk": "disks", "sourceSnapshot": "snapshots"}[sources[0]]
        _, source = urls.resolve(call, doc[sources[0]], plural, f"resource.{sources[0]}")
    doc[sources[0]] = source["selfLink"]
    doc[sources[0] + "Id"] = source["id"]
    doc |= {"status": "READY", "sourceType": "RAW", "archiveSizeBytes": "1000000"}
    doc["diskSizeGb"] = str(source.get("diskSizeGb") or source["sizeGb"])
    for field in ("licenses", "guestOsFeatures", "architecture"):
        if field in source:
            doc.setdefault(field, source[field])
    return resources.created(call, IMAGES, key, resources.with_labels(doc))


@handles("compute.images.delete")
def delete(call: Call) -> Doc:
    key, doc = resources.existing(call, IMAGES)
    args = {"kind": "images", "scope": "global", "key": key}
    return operations.start(call, key, "delete", "delete", args, target_id=doc["id"])


resources.register(IMAGES)
resources.serve_labels(IMAGES)
