"""References between resources: any host, partial or relative in, `https://www.googleapis.com/…` out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lab.simulator.errors import ApiError, bad_request, invalid, not_found, not_ready
from lab.simulator.operations import API, busy
from lab.simulator.registry import Call
from lab.simulator.services.compute import catalog
from lab.simulator.store import Store

IMAGE_PROJECTS = ("debian-cloud", "ubuntu-os-cloud", "cos-cloud")
_NAME = re.compile(catalog.NAME_PATTERN)
_SHORT = ("zones/", "regions/", "global/", "/zones/")
"""How a reference within the project begins. With a slash before it Kubernetes' provider names VMs to target pools
(k8s.io/cloud-provider-gcp/providers v0.28.2, gce/gce_loadbalancer_external.go, `makeComparableHostPath`).
"""


def link(key: str) -> str:
    """Returns the selfLink of a relative path. Real ones have this host; the provider breaks on http:// ones."""
    return API + key


def last(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def relative(call: Call, url: str) -> str:
    """Returns `projects/P/…` of a reference; the lab's project number counts as its name."""
    found = re.search(r"(?:^|/)(projects/[^/]+/.+)$", url)
    if found:
        path = found.group(1)
    elif (short := re.search(r"(?:^|/)((?:zones|regions|global)/.+)$", url)) and url.startswith(_SHORT):
        path = f"projects/{call.lab.project}/{short.group(1)}"
    else:
        return url
    numbered = f"projects/{call.lab.number}/"
    return path.replace(numbered, f"projects/{call.lab.project}/", 1) if path.startswith(numbered) else path


def project(call: Call, *, images: bool = False) -> str:
    """Returns the project of the path. Others than the lab's own don't exist, except those of public images."""
    name: str = call.params["project"]
    if name in (call.lab.project, call.lab.number):
        return call.lab.project
    if images and name in IMAGE_PROJECTS:
        return name
    raise ApiError(404, "notFound", f"Failed to find project {name}")


def container(call: Call, scope: str, *, images: bool = False) -> str:
    """Returns `projects/p/zones/z`. Raises ApiError for a zone or region that doesn't exist."""
    base = f"projects/{project(call, images=images)}"
    if scope == "zones":
        zone: str = call.params["zone"]
        if zone not in catalog.ZONES:
            raise invalid("zone", zone, "Unknown zone.")
        return f"{base}/zones/{zone}"
    if scope == "regions":
        region: str = call.params["region"]
        if region not in catalog.REGIONS:
            raise invalid("region", region, "Unknown region.")
        return f"{base}/regions/{region}"
    return f"{base}/global"


def check_name(name: Any, field: str = "resource.name") -> str:
    """Raises ApiError for what is no RFC 1035 label in lower case (pattern: discovery; the text is a recollection)."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise invalid(field, name, f"Must be a match of regex '(?:{catalog.NAME_PATTERN})'")
    return name


def resolve(
    call: Call, url: Any, plurals: str | tuple[str, ...], field: str, *, missing: str = "invalid"
) -> tuple[str, dict[str, Any]]:
    """Returns key and document of what a field refers to. `missing` is the status where it isn't there: 400 or 404."""
    plurals = (plurals,) if isinstance(plurals, str) else plurals
    key = relative(call, str(url))
    parts = key.split("/")
    if len(parts) < 5 or parts[-2] not in plurals:
        raise invalid(field, url, "The URL is malformed.")
    doc = call.store.get(parts[-2], key)
    if doc is None:
        if missing == "notFound":
            raise not_found(key)
        noun = re.sub(r"(?<!^)(?=[A-Z])", "_", catalog.singular(parts[-2])).lower()
        raise invalid(field, url, f"The referenced {noun} resource cannot be found.")
    if busy(call.store, key, ("insert", "delete")):
        raise not_ready(key)
    return key, doc


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def referrer(store: Store, key: str, kinds: tuple[str, ...]) -> str | None:
    """Returns the first resource among `kinds` that refers to `key`."""
    url = link(key)
    for kind in kinds:
        for other, doc in store.list(kind):
            if other != key and url in strings({k: v for k, v in doc.items() if k != "selfLink"}):
                return other
    return None


def region_of(key: str) -> str:
    """Returns the region of a zonal or regional key."""
    place = key.split("/")[3]
    return place.rsplit("-", 1)[0] if "/zones/" in key else place


def require(body: dict[str, Any] | None) -> dict[str, Any]:
    if body is None:
        raise bad_request("Required field 'resource' not specified", "required")
    return body
