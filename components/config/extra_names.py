"""Names and addresses under which the API is reached beside its own: they stand in the API servers' certificates."""

from __future__ import annotations

from ipaddress import ip_address

from components.config import dns, values
from components.config.errors import Refused
from components.config.section import Section, listed

MOST_NAMES = 50


def read_extra_names(section: Section, dns_name: str | None) -> tuple[str, ...]:
    try:
        raw = listed(section.raw("extraNames", []), '["api.internal.example.com", "10.1.2.3"]')
    except Refused as refused:
        section.refuse("extraNames", refused)
        return ()
    found: list[str] = []
    for i, value in enumerate(raw):
        key = f"extraNames[{i}]"
        try:
            name = _name(value)
            if name == dns_name:
                raise Refused("is dnsName already", "Remove it")
            if name in found:
                raise Refused("stands there twice", "Remove one")
            found.append(name)
        except Refused as refused:
            section.refuse(key, refused, value if value is not None else "")
    if len(found) > MOST_NAMES:
        section.refuse("extraNames", Refused(f"are {len(found)} names", f"Keep {MOST_NAMES} or fewer"), "")
    return tuple(found)


def addresses(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are addresses."""
    return tuple(name for name in names if _is_address(name))


def _name(value: object) -> str:
    """An address in its canonical spelling, or a DNS name, also of one part; its first part may be an asterisk."""
    given = values.text(value).removesuffix(".")
    if _is_address(given):
        address = ip_address(given)
        if address.is_unspecified or address.is_multicast:
            raise Refused("is nobody's address", "Write the one that clients use")
        return str(address)
    if "/" in given or ":" in given:
        raise Refused("is neither a name nor an address", "Write it without scheme, port and path")
    dns.any_name(given.removeprefix("*."))
    return given


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
