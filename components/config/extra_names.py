"""Names and addresses under which the API is reached beside its own: they stand in the API servers' certificates."""

from __future__ import annotations

from ipaddress import ip_address

from components.config import dns, values
from components.config.errors import Refused
from components.config.section import Section

MOST_NAMES = 50


def read_extra_names(section: Section) -> tuple[str, ...]:
    """Returns what the key lists. Refused is also the API's own name, which every certificate has."""
    try:
        dns_name = dns.name(section.raw("dnsName"))
    except Refused:
        dns_name = ""

    def read(value: object) -> str:
        name = extra_name(value)
        if name == dns_name:
            raise Refused("is dnsName already", "Remove it")
        return name

    found: tuple[str, ...] = section.take("extra_names", read)
    if len(found) > MOST_NAMES:
        section.refuse("extraNames", Refused(f"are {len(found)} names", f"Keep {MOST_NAMES} or fewer"), "")
    return found


def addresses(names: tuple[str, ...]) -> tuple[str, ...]:
    """Returns those that are addresses."""
    return tuple(name for name in names if _is_address(name))


def extra_name(value: object) -> str:
    """Returns an address in its canonical spelling, or a DNS name, also of one part; its first part may be an asterisk."""
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
