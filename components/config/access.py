"""How the API is reached, by whom, and what its servers are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.config import api_server, dns, oidc, reserved_address, users, values
from components.config.api_server import AuditSpec, check_plugins, read_audit
from components.config.errors import Refused
from components.config.extra_names import addresses, extra_name, read_extra_names
from components.config.internal import NONE, ONLY, internal, refuse_public_settings
from components.config.oidc import IssuerSpec, read_oidc
from components.config.ranges import authorized
from components.config.reserved_address import Reserved
from components.config.section import Section
from components.config.setting import each, section, sections, setting
from components.config.users import UserSpec, read_users
from node.contract import ports
from node.contract.api_server import ApiServer, Issuer

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

AUTO, ALWAYS = "auto", "always"


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


@dataclass(frozen=True, slots=True)
class ApiSpec:
    """The section `api`: how the API is reached, by whom, and what its servers do beyond the program's own.

    No `authorized_networks` means: from inside the network only, where the stack has made it and so knows what its Cloud
    NAT is seen as; of another network, name the NAT's addresses here. Nobody is authorized by default: who may reach an API
    server is for the operator to say, not for us to guess.
    """

    authorized_networks: tuple[str, ...] = each("authorizedNetworks", authorized, '["203.0.113.0/24"]')
    dns_name: str | None = setting("dnsName", dns.name, None)
    managed_zone: str | None = setting("managedZone", values.label, None)
    dns_ttl_seconds: int = setting("dnsTtlSeconds", values.whole(5, 86_400, "seconds"), 300)
    port: int = setting("port", _port, 443)
    protect_address: bool = setting("protectAddress", values.boolean, True)
    load_balancer: str = setting("loadBalancer", _load_balancer, AUTO)
    """`auto`: from the second replica on, as kube-up had it. `always`: one master, too, stands behind it, so that the
    address never moves, and needs no protocol forwarding, which organizations made since May 2024 forbid by default
    (https://cloud.google.com/resource-manager/docs/secure-by-default-organizations).
    """
    internal: str = setting("internal", internal, NONE)
    """`beside`: the API has an internal address, too, behind a passthrough load balancer of the subnetwork. `only`: that one
    alone, and nothing public.
    """
    address: str | None = setting("address", reserved_address.name, None)
    """The name of an address that is reserved already; None where the stack reserves one."""
    extra_names: tuple[str, ...] = each("extraNames", extra_name, '["api.internal.example.com", "10.1.2.3"]')
    """DNS names and addresses in the API servers' certificates beside the API's own."""
    issuers: tuple[Issuer, ...] = sections("oidc", IssuerSpec, oidc.EXAMPLE)
    audit: AuditSpec = section("audit", AuditSpec)
    log_level: int = setting("logLevel", values.whole(0, api_server.HIGHEST_LOG_LEVEL), 0)
    enabled_plugins: tuple[str, ...] = setting("enableAdmissionPlugins", api_server.plugins, ())
    disabled_plugins: tuple[str, ...] = setting("disableAdmissionPlugins", api_server.plugins, ())
    users: tuple[UserSpec, ...] | None = sections("users", UserSpec, users.EXAMPLE)
    """None: nothing is made for users. None of them, but asked for: bindings that say so."""
    encryption_keys: tuple[int, ...] = setting(
        "encryptionKeys", api_server.encryption_keys, ApiServer().encryption_keys
    )

    @property
    def public(self) -> bool:
        """Whether the API has an external address."""
        return self.internal != ONLY

    @property
    def inside(self) -> bool:
        """Whether the API has an internal address."""
        return self.internal != NONE

    @property
    def extra_addresses(self) -> tuple[str, ...]:
        return addresses(self.extra_names)

    @property
    def extra_dns_names(self) -> tuple[str, ...]:
        return tuple(name for name in self.extra_names if name not in self.extra_addresses)

    @property
    def server(self) -> ApiServer:
        """What machines are told of it. NodeRestriction is on at all events."""
        return ApiServer(
            log_level=self.log_level,
            enabled_plugins=tuple(name for name in self.enabled_plugins if name != "NodeRestriction"),
            disabled_plugins=self.disabled_plugins,
            audit_policy=self.audit.policy,
            audit_max_age_days=self.audit.max_age_days,
            audit_max_backups=self.audit.max_backups,
            audit_max_size_mb=self.audit.max_size_mb,
            issuers=self.issuers,
            encryption_keys=self.encryption_keys,
        )


def read_api(
    section: Section,
    zone_dns_name: Callable[[str], str] | None,
    reserved: Callable[[str], Reserved] | None,
    rule: str,
    boot_disk_gb: int | None,
) -> ApiSpec:
    """Reads and checks the section. `rule` is the forwarding rule's name; `boot_disk_gb` is a master's, where it is
    known.
    """
    spec = section.fill(
        ApiSpec,
        extra_names=lambda: read_extra_names(section),
        issuers=lambda: read_oidc(section),
        audit=lambda: read_audit(section.within("audit"), boot_disk_gb),
        users=lambda: read_users(section),
    )
    check_plugins(section, spec.enabled_plugins, spec.disabled_plugins)
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
        refuse_public_settings(section)
    if zone_dns_name and spec.managed_zone and spec.dns_name:
        _check_zone(section, spec.dns_name, spec.managed_zone, zone_dns_name)
    if reserved and spec.address and spec.public:
        reserved_address.check(section, "address", spec.address, reserved, rule)
    return spec


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
