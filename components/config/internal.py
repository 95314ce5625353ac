"""Whether the API has an address inside the network, and what then has no effect."""

from __future__ import annotations

from components.config.errors import Refused
from components.config.section import Section

NONE, BESIDE, ONLY = "none", "beside", "only"

_PUBLIC_ONLY = {
    "loadBalancer": (
        "is for the public address, and with api.internal: only there is none",
        "Remove it: the internal address has a load balancer from the first replica on",
    ),
    "address": (
        "is a public address, and with api.internal: only the API has none",
        "Remove it, or write api.internal: beside",
    ),
}


def internal(value: object) -> str:
    if value not in (NONE, BESIDE, ONLY):
        raise Refused(
            f"is neither {NONE}, {BESIDE} nor {ONLY}",
            f"Write {BESIDE} for an internal address beside the public one, {ONLY} for the internal one alone, or {NONE}",
        )
    return str(value)


def refuse_public_settings(section: Section) -> None:
    """Of an API without a public address."""
    for key, refused in _PUBLIC_ONLY.items():
        if key in section.values:
            section.refuse(key, Refused(*refused))
