"""Names and places (Cloud Storage's 'Bucket names', 'Object names', 'Bucket locations')."""

from __future__ import annotations

import ipaddress
import re

from lab.simulator.errors import ApiError

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9]")
_REGION = re.compile(r"[A-Z]+-[A-Z]+[0-9]+")
_MULTI = {"US", "EU", "ASIA"}
_DUAL = {"NAM4", "EUR4", "EUR5", "EUR7", "EUR8", "ASIA1"}
STORAGE_CLASSES = {
    "STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE", "MULTI_REGIONAL", "REGIONAL",
    "DURABLE_REDUCED_AVAILABILITY",
}  # fmt: skip


def check_bucket(name: str) -> None:
    longest = 222 if "." in name else 63
    if (
        not _BUCKET.fullmatch(name)
        or not 3 <= len(name) <= longest
        or any(not part or len(part) > 63 for part in name.split("."))
        or name.startswith("goog")
        or "google" in name
        or "g00gle" in name
        or _is_address(name)
    ):
        raise ApiError(400, "invalid", f"Invalid bucket name: '{name}'")
    if "." in name:
        raise ApiError(
            403,
            "forbidden",
            "The bucket you tried to create requires domain ownership verification. Please see"
            " https://cloud.google.com/storage/docs/naming#verification for more details.",
        )


def check_object(name: str) -> None:
    if not name:
        raise ApiError(400, "required", "Required parameter: name")
    if (
        len(name.encode()) > 1024
        or "\r" in name
        or "\n" in name
        or name in (".", "..")
        or name.startswith(".well-known/acme-challenge/")
    ):
        raise ApiError(400, "invalid", f"Disallowed object name: '{name}'")


def location_type(location: str) -> str:
    """Returns region, multi-region or dual-region, for a location in capitals."""
    if location in _MULTI:
        return "multi-region"
    if location in _DUAL:
        return "dual-region"
    if _REGION.fullmatch(location):
        return "region"
    raise ApiError(400, "invalid", "The specified location constraint is not valid.")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
