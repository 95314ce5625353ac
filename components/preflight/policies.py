"""Organization policies that would refuse what a stack makes.

Constraints: https://docs.cloud.google.com/organization-policy/reference/org-policy-constraints. Those of organizations made
since May 2024 are in force without anybody's doing:
https://docs.cloud.google.com/resource-manager/docs/secure-by-default-organizations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from components.config import StackConfig
from components.preflight.facts import Rule

PROTOCOL_FORWARDING = (
    "compute.restrictProtocolForwardingCreationForTypes",
    "compute.managed.restrictProtocolForwardingCreationForTypes",
)


@dataclass(frozen=True, slots=True)
class Constraint:
    """`applies`: whether the stack makes what is restricted. `permits`: whether the rules let it, None for who knows."""

    name: str
    applies: Callable[[StackConfig], bool]
    permits: Callable[[Sequence[Rule], StackConfig], bool | None]
    refuses: str
    remedy: str


def allows(rules: Iterable[Rule], value: str) -> bool | None:
    """Returns whether a list constraint lets a value through; None where that hangs on conditions or on groups of values."""
    unsure = False
    for rule in rules:
        values = rule.get("values") or {}
        allowed, denied = values.get("allowedValues") or [], values.get("deniedValues") or []
        if rule.get("condition"):
            unsure = True
        elif rule.get("denyAll") or value in denied:
            return False
        elif allowed and value not in allowed:
            if not any(":" in each for each in allowed):
                return False
            unsure = True
    return None if unsure else True


def enforced(rules: Iterable[Rule]) -> bool | None:
    """Returns whether a boolean constraint is enforced; None where that hangs on conditions."""
    found = [rule for rule in rules if rule.get("enforce")]
    if any(not rule.get("condition") for rule in found):
        return True
    return None if found else False


def _forwards(rules: Sequence[Rule], _config: StackConfig) -> bool | None:
    """Returns whether protocol forwarding from outside is allowed, by the managed constraint with its parameters."""
    if not (said := enforced(rules)):
        return None if said is None else True
    schemes: set[str] = set()
    for rule in rules:
        if rule.get("enforce"):
            schemes |= set((rule.get("parameters") or {}).get("allowedSchemes") or ["INTERNAL"])
    return "EXTERNAL" in schemes


def _located(rules: Sequence[Rule], config: StackConfig) -> bool | None:
    """Returns whether the region is allowed, for machines and bucket, and `global`, for secrets that Google replicates."""
    region = config.region
    spellings = {region, f"in:{region}-locations", f"in:{region.partition('-')[0]}-locations"}
    there = _any(allows(rules, each) for each in sorted(spellings))
    everywhere = allows(rules, "global")
    return False if False in (there, everywhere) else None if None in (there, everywhere) else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return True if True in found else None if None in found else False


def _list(value: str) -> Callable[[Sequence[Rule], StackConfig], bool | None]:
    return lambda rules, _: allows(rules, value)


def _boolean(rules: Sequence[Rule], _config: StackConfig) -> bool | None:
    said = enforced(rules)
    return None if said is None else not said


def _image_project(rules: Sequence[Rule], config: StackConfig) -> bool | None:
    return allows(rules, "/".join(config.masters.image.split("/")[:2]))


def _own_keys(rules: Sequence[Rule], _config: StackConfig) -> bool | None:
    used = ("compute.googleapis.com", "storage.googleapis.com", "secretmanager.googleapis.com")
    answers = [allows(rules, each) for each in used]
    return False if False in answers else None if None in answers else True


def _always(_: StackConfig) -> bool:
    return True


_ONE_ALONE = (
    "forbids protocol forwarding from outside, by which a sole master is reached",
    "Set api.loadBalancer to always: one master, too, then stands behind a load balancer",
)
_MAKES_PUBLIC = (
    "forbids machines with addresses of their own",
    "Leave masters.publicAddresses out: machines then reach the Internet by Cloud NAT",
)
_ASK = "Ask who administers the organization for an exception for this project"

CONSTRAINTS = (
    Constraint(
        PROTOCOL_FORWARDING[0],
        lambda config: not config.load_balanced,
        _list("EXTERNAL"),
        *_ONE_ALONE,
    ),
    Constraint(
        PROTOCOL_FORWARDING[1],
        lambda config: not config.load_balanced,
        _forwards,
        *_ONE_ALONE,
    ),
    Constraint(
        "compute.restrictLoadBalancerCreationForTypes",
        lambda config: config.load_balanced and config.api.public,
        _list("EXTERNAL_NETWORK_TCP_UDP"),
        "forbids external passthrough load balancers, by which several masters are reached",
        f"{_ASK}, with the value EXTERNAL_NETWORK_TCP_UDP",
    ),
    Constraint(
        "compute.restrictLoadBalancerCreationForTypes",
        lambda config: config.api.inside,
        _list("INTERNAL_TCP_UDP"),
        "forbids internal passthrough load balancers, by which masters are reached from inside the network",
        f"{_ASK}, with the value INTERNAL_TCP_UDP",
    ),
    Constraint(
        "compute.vmExternalIpAccess",
        lambda config: config.masters.public_addresses,
        lambda rules, _: False if any(rule.get("denyAll") for rule in rules) else allows(rules, ""),
        *_MAKES_PUBLIC,
    ),
    Constraint(
        "compute.managed.vmExternalIpAccess",
        lambda config: config.masters.public_addresses,
        _boolean,
        *_MAKES_PUBLIC,
    ),
    Constraint(
        "iam.disableServiceAccountCreation",
        _always,
        _boolean,
        "forbids service accounts, and the masters get one of their own",
        _ASK,
    ),
    Constraint(
        "compute.trustedImageProjects",
        _always,
        _image_project,
        "doesn't trust the project that masters.image is of",
        "Set masters.image to one of a trusted project, or ask for an exception",
    ),
    Constraint(
        "gcp.resourceLocations",
        _always,
        _located,
        "forbids the region, or `global`, where Secret Manager keeps secrets that it replicates",
        _ASK,
    ),
    Constraint(
        "gcp.restrictNonCmekServices",
        _always,
        _own_keys,
        "asks for customer-managed keys, which the stack's disks, bucket and secrets don't have",
        _ASK,
    ),
)


def applying(config: StackConfig) -> list[Constraint]:
    """Returns the constraints on what the stack makes."""
    return [constraint for constraint in CONSTRAINTS if constraint.applies(config)]
