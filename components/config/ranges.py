"""IPv4 ranges: those of a cluster, which must be private and keep clear of each other, and those that may
reach its API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

from components.config.errors import Refused
from components.config.values import text

PRIVATE = tuple(
    IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""RFC 1918 and RFC 6598: what Google routes inside a VPC and nobody outside owns."""


def private(largest: int, smallest: int, why: str) -> Callable[[object], str]:
    """Returns a reader of private ranges with a prefix from `largest` to `smallest`; `why` is a clause on the smallest."""

    def read(value: object) -> str:
        block = _range(value, example=f"10.0.0.0/{smallest}")
        if not any(block.subnet_of(home) for home in PRIVATE):
            raise Refused("is not private", f"Take it from {', '.join(str(home) for home in PRIVATE)}")
        if block.prefixlen > smallest:
            raise Refused("is too small", f"Use /{smallest} or larger: {why}")
        if block.prefixlen < largest:
            raise Refused("is too large", f"Use /{largest} or smaller")
        return str(block)

    return read


def authorized(value: object) -> str:
    """Returns a range of clients, public or private, 0.0.0.0/0 included: whether that is wise is the policy pack's
    business.
    """
    return str(_range(value, example="203.0.113.0/24"))


def overlaps(named: Mapping[str, str]) -> list[tuple[str, str]]:
    """Returns the pairs of names whose ranges overlap, the later one first: that is where one complains."""
    blocks = [(name, IPv4Network(block)) for name, block in named.items()]
    return [
        (later, earlier)
        for i, (later, block) in enumerate(blocks)
        for earlier, other in blocks[:i]
        if block.overlaps(other)
    ]


def _range(value: object, example: str) -> IPv4Network:
    given = text(value)
    if "/" not in given:
        raise Refused("has no prefix", f"Write address/prefix, such as {example}; one address is /32")
    try:
        block = ip_network(given, strict=False)
    except ValueError:
        raise Refused("is not a range", f"Write address/prefix, such as {example}") from None
    if isinstance(block, IPv6Network):
        raise Refused(
            "is IPv6, which the control plane doesn't speak", f"Write an IPv4 range, such as {example}"
        )
    if str(block) != given:
        raise Refused("has bits set beyond its prefix", f"Write {block}")
    return block
