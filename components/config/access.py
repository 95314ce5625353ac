"""How the API is reached, and by whom."""

from collections.abc import Callable

from components.config import dns, names, reserved_address, values
from components.config.api_server import read_api_server
from components.config.errors import Refused
from components.config.extra_names import read_extra_names
from components.config.ranges import authorized
from components.config.reserved_address import Reserved
from components.config.section import Section, listed
from components.config.spec import ALWAYS, AUTO, BESIDE, NONE, ONLY, ApiSpec
from components.config.users import read_users
from node.contract import ports

PORT = 443
DNS_TTL_SECONDS = 300

TAKEN = {
    22: "SSH",
    ports.ETCD_CLIENT: "etcd's clients",
    ports.ETCD_PEER: "etcd's peers",
    ports.ETCD_METRICS: "etcd's metrics",
    10248: "the kubelet's health",
    ports.KUBELET: "the kubelet",
    10257: "the controller manager",
    10259: "the scheduler",
}
"""Ports of the masters that others listen on."""


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
"""Settings that would have no effect."""


def read_api(
    section: Section,
    zone_dns_name: Callable[[str], str] | None,
    reserved: Callable[[str], Reserved] | None,
    rule: str,
    boot_disk_gb: int | None,
) -> ApiSpec:
    """Nobody is authorized by default: who may reach an API server is for the operator to say, not for us to
    guess. `rule` is the forwarding rule's name; `boot_disk_gb` is a master's, where it is known.
    """
    dns_name = section.read("dnsName", lambda value: dns.name(value), None)
    spec = ApiSpec(
        authorized_networks=_authorized(section),
        dns_name=dns_name,
        managed_zone=section.read("managedZone", lambda value: names.label(values.text(value)), None),
        dns_ttl_seconds=section.read("dnsTtlSeconds", values.whole(5, 86_400, "seconds"), DNS_TTL_SECONDS),
        port=section.read("port", _port, PORT),
        protect_address=section.read("protectAddress", values.boolean, True),
        address=section.read("address", reserved_address.name, None),
        load_balancer=section.read("loadBalancer", _load_balancer, AUTO),
        internal=section.read("internal", _internal, NONE),
        extra_names=read_extra_names(section, dns_name),
        server=read_api_server(section, boot_disk_gb),
        users=read_users(section),
    )
    if "managedZone" in section.values and "dnsName" not in section.values:
        section.refuse(
            "dnsName",
            Refused("is missing", "Name the record to keep in the managed zone, or remove managedZone"),
        )
    if "dnsTtlSeconds" in section.values and "managedZone" not in section.values:
        section.refuse(
            "dnsTtlSeconds",
            Refused(
                "is for the record in a managed zone, and none is named",
                "Name the zone as managedZone, or remove it: whoever keeps the record sets its TTL",
            ),
        )
    if not spec.public:
        for key in ("loadBalancer", "address"):
            if key in section.values:
                section.refuse(key, Refused(*_PUBLIC_ONLY[key]))
    if zone_dns_name and spec.managed_zone and spec.dns_name:
        _check_zone(section, spec.dns_name, spec.managed_zone, zone_dns_name)
    if reserved and spec.address and spec.public:
        reserved_address.check(section, "address", spec.address, reserved, rule)
    return spec


def _authorized(section: Section) -> tuple[str, ...]:
    try:
        raw = listed(section.raw("authorizedNetworks", []), '["203.0.113.0/24"]')
    except Refused as refused:
        section.refuse("authorizedNetworks", refused)
        return ()
    allowed: list[str] = []
    for i, value in enumerate(raw):
        key = f"authorizedNetworks[{i}]"
        try:
            block = authorized(value)
            if block in allowed:
                raise Refused("stands there twice", "Remove one")
            allowed.append(block)
        except Refused as refused:
            section.refuse(key, refused, value if value is not None else "")
    return tuple(allowed)


def _port(value: object) -> int:
    port = values.whole(1, 65_535)(value)
    if port in TAKEN:
        raise Refused(f"is taken by {TAKEN[port]} on every master", "Choose 443, 6443 or another free port")
    return port


def _load_balancer(value: object) -> str:
    if value not in (AUTO, ALWAYS):
        raise Refused(
            f"is neither {AUTO} nor {ALWAYS}",
            f"Write {AUTO} for a load balancer from the second replica on, {ALWAYS} for one with the first already",
        )
    return str(value)


def _internal(value: object) -> str:
    if value not in (NONE, BESIDE, ONLY):
        raise Refused(
            f"is neither {NONE}, {BESIDE} nor {ONLY}",
            f"Write {BESIDE} for an internal address beside the public one, {ONLY} for the internal one alone, or {NONE}",
        )
    return str(value)


def _check_zone(section: Section, dns_name: str, zone: str, zone_dns_name: Callable[[str], str]) -> None:
    try:
        domain = zone_dns_name(zone)
    except LookupError as error:
        section.refuse(
            "managedZone", Refused(f"can't be read ({error})", "Name a managed zone of gcp:project")
        )
        return
    try:
        dns.check_in_zone(dns_name, zone, domain)
    except Refused as refused:
        section.refuse("dnsName", refused)
