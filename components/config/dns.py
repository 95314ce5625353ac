"""Names under which an API is reached."""

from __future__ import annotations

import re
from ipaddress import ip_address

from components.config.errors import Refused
from components.config.values import text

LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
"""A part of a name, and the whole name of a namespace: RFC 1123."""


def name(value: object) -> str:
    """Returns a fully qualified name, without the dot at its end. Raises Refused."""
    given = text(value).removesuffix(".")
    try:
        ip_address(given)
    except ValueError:
        pass
    else:
        raise Refused(
            "is an address", "Leave dnsName out to be reached by address; the stack reserves its own"
        )
    if "." not in given:
        raise Refused("is not a full name", "Write it with its domain, such as api.example.com")
    return any_name(given)


def any_name(given: str) -> str:
    """Returns the name, which has one or more parts. Raises Refused."""
    if len(given) > 253 or not all(LABEL.fullmatch(label) for label in given.split(".")):
        raise Refused(
            "is not a DNS name",
            "Use lower-case letters, digits and hyphens between dots, at most 63 a part and 253 in all",
        )
    return given


def check_in_zone(dns_name: str, zone: str, zone_dns_name: str) -> None:
    """Raises Refused unless `dns_name` is the zone's own name or lies below it."""
    domain = zone_dns_name.removesuffix(".")
    if dns_name != domain and not dns_name.endswith(f".{domain}"):
        raise Refused(
            f"lies outside of the managed zone {zone}, which holds {domain}",
            f"Choose a name that ends in .{domain}, or the zone that holds yours",
        )
