"""What Cloud DNS accepts in a record set. Pure functions of plain data; each returns a complaint or None.

Source: RFC 1035 for names and values, and Cloud DNS's 'Add, modify and delete records'.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

ZONE_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_LABEL = re.compile(r"(?:\*|_?[a-z0-9](?:[-a-z0-9_]{0,61}[a-z0-9])?)", re.IGNORECASE)
TYPES = {
    "A", "AAAA", "ALIAS", "CAA", "CNAME", "DNSKEY", "DS", "HTTPS", "IPSECKEY", "MX", "NAPTR", "NS", "PTR",
    "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT",
}  # fmt: skip
Record = dict[str, Any]


def is_fqdn(name: str) -> bool:
    if not name.endswith(".") or len(name) > 254:
        return False
    return name == "." or all(_LABEL.fullmatch(label) for label in name[:-1].split("."))


def inside(name: str, zone: str) -> bool:
    return name == zone or name.endswith("." + zone)


def same(one: Record, other: Record) -> bool:
    """Returns whether a deletion says exactly what is there; the order of values doesn't count."""
    return (
        one["name"] == other["name"]
        and one["type"] == other["type"]
        and one.get("ttl", 0) == other.get("ttl", 0)
        and sorted(one.get("rrdatas") or []) == sorted(other.get("rrdatas") or [])
        and one.get("routingPolicy") == other.get("routingPolicy")
    )


def complaint(record: Record, zone: str) -> tuple[str, str] | None:
    """Returns (field, value) of the first thing that is wrong, as Cloud DNS names them."""
    name, kind, values = record.get("name") or "", record.get("type") or "", record.get("rrdatas") or []
    if not is_fqdn(name) or not inside(name.lower(), zone):
        return "name", name
    if kind not in TYPES:
        return "type", kind
    if record.get("ttl", 0) < 0:
        return "ttl", str(record["ttl"])
    if not values and not record.get("routingPolicy"):
        return "rrdata", ""
    if len(set(values)) < len(values) or (kind in ("CNAME", "SOA") and len(values) > 1):
        return "rrdata", ", ".join(values)
    for index, value in enumerate(values):
        if not _value_fits(kind, value):
            return f"rrdata[{index}]", value
    return None


def _value_fits(kind: str, value: str) -> bool:
    if kind in ("A", "AAAA"):
        try:
            return ipaddress.ip_address(value).version == (4 if kind == "A" else 6)
        except ValueError:
            return False
    if kind in ("CNAME", "NS", "PTR"):
        return is_fqdn(value)
    if kind == "TXT":
        return bool(value) and (not value.startswith('"') or (len(value) > 1 and value.endswith('"')))
    if kind == "MX":
        return bool(re.fullmatch(r"\d+ \S+\.", value))
    return bool(value.strip())


def canonical(record: Record) -> Record:
    """Returns the record set as the API shows it."""
    shown: Record = {
        "kind": "dns#resourceRecordSet",
        "name": record["name"].lower(),
        "type": record["type"],
        "ttl": record.get("ttl", 0),
    }
    values = list(record.get("rrdatas") or [])
    if record["type"] == "AAAA":
        values = [_compressed(v) for v in values]
    if record["type"] == "TXT":
        values = [v if v.startswith('"') else " ".join(f'"{word}"' for word in v.split()) for v in values]
    if record["type"] in ("CNAME", "NS", "PTR"):
        values = [v.lower() for v in values]
    if values:
        shown["rrdatas"] = values
    if record.get("routingPolicy"):
        shown["routingPolicy"] = record["routingPolicy"]
    return shown


def _compressed(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return value
