"""Metadata of instances and of the project: limits and fingerprints."""

from __future__ import annotations

import re
from typing import Any

from lab.simulator.errors import ApiError, bad_request, invalid
from lab.simulator.services.compute import resources
from lab.simulator.services.compute.resources import Doc

_KEY = re.compile(r"[a-zA-Z0-9-_]{1,128}")
VALUE_LIMIT = 262_144
TOTAL_LIMIT = 524_288
STALE = "Supplied fingerprint does not match current metadata fingerprint."


def checked(given: Doc | None, field: str = "resource.metadata") -> Doc:
    """Returns metadata as the API shows it, with its fingerprint. Raises ApiError for a key of more than 128 characters, a
    value of more than 256 KiB, or more than 512 KB in all.
    """
    items: list[dict[str, Any]] = (given or {}).get("items") or []
    seen: set[str] = set()
    total = 0
    for i, item in enumerate(items):
        key, value = item.get("key", ""), item.get("value") or ""
        if not _KEY.fullmatch(key):
            pattern = "[a-zA-Z0-9-_]{1,128}"
            raise invalid(f"{field}.items[{i}].key", key, f"Must be a match of regex '{pattern}'")
        if key in seen:
            raise bad_request(f"Metadata has duplicate key: {key}", "invalid")
        seen.add(key)
        size = len(value.encode())
        total += len(key) + size
        if size > VALUE_LIMIT:
            text = f"Value for field '{field}.items[{i}].value' is too large: maximum size {VALUE_LIMIT} "
            raise ApiError(400, "fieldSizeTooLarge", text + f"character(s); actual size {size}.")
    if total > TOTAL_LIMIT:
        text = f"Value for field '{field}' is too large: maximum size {TOTAL_LIMIT} character(s); "
        raise ApiError(400, "fieldSizeTooLarge", text + f"actual size {total}.")
    kept = [{"key": i["key"], "value": i.get("value") or ""} for i in items]
    doc: Doc = {"kind": "compute#metadata", "fingerprint": resources.fingerprint(kept)}
    if kept:
        doc["items"] = kept
    return doc


def replaced(current: Doc, given: Doc, field: str) -> Doc:
    """Returns what setMetadata leaves. Raises ApiError where the fingerprint isn't the current one."""
    resources.check_fingerprint(given.get("fingerprint"), current["fingerprint"], STALE)
    return checked(given, field)


def value(doc: Doc, key: str) -> str | None:
    for item in doc.get("items", []):
        if item["key"] == key:
            return str(item["value"])
    return None
